"""`landed run -- CMD`: the command's own end, then the verdict's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from scenarios.shop import JOB, SCHOOL, Shop
from schemas import validate


def run(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landed", "run", *arguments],
        cwd=shop.work,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )


def test_a_command_that_brings_the_fix_out_ends_with_its_proof(shop: Shop) -> None:
    shop.lose()
    fixed = shop.fix()
    shop.push()
    out = f'"{sys.executable}" -m landed cloud'
    script = (
        f"{out} build --source remote --ref main --tag {JOB}:latest && "
        f"{out} deploy {JOB} --image {JOB}:latest && {out} execute {JOB} --wait && "
        "git commit -q --allow-empty -m later"
    )
    identity = {
        f"GIT_{who}_{what}": "t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    names = [f"{name}={value}" for name, value in identity.items()]
    # Deployed by a name and not by digest: proved only through `published`.
    done = run(shop, "--json", "--through", "published", "--", "env", *names, "sh", "-c", script)
    document = json.loads(done.stdout)
    assert (done.returncode, document["code"]) == (0, 0), done.stderr
    assert validate(document) == "run-v1"
    assert validate(document["trace"]) == "trace-v1"
    # The change is what HEAD was before, whatever the command commits.
    assert document["trace"]["change"]["commit"] == fixed
    assert "is sha256:" in done.stderr


def test_a_command_that_loses_the_fix_succeeds_and_the_verdict_does_not(shop: Shop) -> None:
    shop.lose()
    shop.fix()
    done = run(shop, "true")
    assert done.returncode == 1, done.stdout
    before, _, _ = done.stderr.partition("running it all the same")
    assert "git push origin" in before, done.stderr
    assert "commit-not-pushed" in done.stdout


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -TERM $$", 143)])
def test_a_command_that_fails_ends_it_with_its_own_code(shop: Shop, script: str, code: int) -> None:
    done = run(shop, "--json", "--", "sh", "-c", f"echo --json; {script}")
    document = json.loads(done.stdout)
    assert validate(document) == "run-v1"
    assert (done.returncode, document["code"], document["trace"]) == (code, code, None)
    assert "--json\n" in done.stderr


def test_secrets_on_its_command_line_are_not_repeated(shop: Shop) -> None:
    secrets = ("--password=hunter2hunter2", "--token", "hunter2")
    done = run(shop, "--json", "--", "sh", "-c", "exit 1", *secrets)
    assert "hunter2" not in done.stdout + done.stderr
    assert json.loads(done.stdout)["command"][3:] == ["--password=***", "--token", "***"]


def test_a_command_that_is_not_there_is_no_verdict(shop: Shop) -> None:
    done = run(shop, "--", "no-such-command-anywhere", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no-such-command-anywhere" in done.stderr
    assert "  hint: " in done.stderr


def test_options_behind_the_command_are_the_commands(shop: Shop) -> None:
    done = run(shop, "sh", "-c", 'test "$1" = --through && exit 9', "sh", "--through", SCHOOL)
    assert done.returncode == 9, done.stderr


def test_a_kill_is_the_commands_to_answer(shop: Shop) -> None:
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "landed", "run", "--", sys.executable, "-c", script],
        cwd=shop.work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 7
