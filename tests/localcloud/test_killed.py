"""Builders and supervisors that are killed: everything stays readable, nothing is mistaken."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from landed.localcloud.images import parse
from localcloud.yard import Yard
from waiting import until

JOB = "worker"
AFTER = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4]


def big(yard: Yard) -> Path:
    """A source that takes a moment to build."""
    source: Path = yard.source(Dockerfile="FROM scratch\nCOPY . /app/\n")
    noise = random.Random(1)
    for number in range(60):
        (source / f"f{number}").write_bytes(noise.randbytes(100_000))
    return source


def whole(yard: Yard) -> None:
    """Every record reads, every listed image is there, and no build looks alive."""
    assert {b.status for b in yard.cloud.builds()} <= {"SUCCESS", "LOST", "FAILURE"}
    for name in yard.cloud.images.names():
        layout = yard.cloud.images.layout(name)
        index = json.loads((layout.root / "index.json").read_bytes())
        for entry in index["manifests"]:
            assert layout.image(entry["digest"]).files("sha1")


def test_a_builder_that_is_killed_is_lost_and_the_store_stays_whole(yard: Yard) -> None:
    source = big(yard)
    tag = ("--source", "upload", "--tag", f"{JOB}:latest", "--cloud", str(yard.cloud.root))
    for after in AFTER:
        begun = len(yard.cloud.builds())
        building = yard.landed("cloud", "build", str(source), *tag, start_new_session=True)
        end = time.monotonic() + 60
        while len(yard.cloud.builds()) == begun:
            assert time.monotonic() < end, building.poll()
            time.sleep(0.001)
        time.sleep(after)
        building.kill()
        building.communicate()
        whole(yard)
    assert "LOST" in {b.status for b in yard.cloud.builds()}
    built = yard.build(source)
    assert yard.cloud.images.resolve(parse(f"{JOB}:latest")) == built.digest
    whole(yard)


def supervisor(execution: str) -> int | None:
    """The process that watches over an execution."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"landed.localcloud.supervise" in words and any(execution.encode() in w for w in words):
            return int(place.parent.name)
    return None


@pytest.mark.parametrize("after", [0.0, 0.03, 0.06, 0.1, 0.2])
def test_a_supervisor_that_is_killed_at_any_moment_is_never_taken_for_a_success(
    yard: Yard, after: float
) -> None:
    yard.deployed("import time\nprint('begun')\ntime.sleep(600)\n")
    started = yard.cloud.execute(JOB, wait=False)
    watcher = until(lambda: supervisor(started.id))
    time.sleep(after)
    os.kill(watcher, signal.SIGKILL)
    until(lambda: yard.status(started.id) == "LOST")
    assert set(yard.said(started.id)) <= {"begun"}
    assert yard.cloud.execute(JOB, wait=False).status == "RUNNING"
    for execution in yard.cloud.executions(JOB):
        if execution.status == "RUNNING":
            os.kill(until(partial(supervisor, execution.id)), signal.SIGKILL)


def test_ctrl_c_ends_the_program_and_says_so(yard: Yard, isolation: str) -> None:
    yard.deployed("import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    env = {"LANDED_ISOLATION": "none"} if isolation == "not isolated" else {}
    waiting = yard.landed(
        "cloud", "execute", JOB, "--wait", "--cloud", str(yard.cloud.root), env=env
    )
    until(lambda: yard.cloud.executions(JOB))
    started = yard.cloud.executions(JOB)[0]
    until(lambda: yard.said(started.id) == ["begun"])
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 130, (out, err)
    assert b"Traceback" not in err
    ended = yard.cloud.executions(JOB)[0]
    assert (ended.status, ended.exit_code) == ("CANCELLED", ended.exit_code)


def test_two_builders_of_the_same_tag_at_once(yard: Yard) -> None:
    sources = [yard.source(f"s{n}", main_py=str(n)) for n in range(2)]
    for source in sources:
        (source / "Dockerfile").write_text("FROM scratch\nCOPY main.py /\n")
    rounds = 6
    for _ in range(rounds):
        both = [
            yard.landed(
                "cloud", "build", str(s), "--source", "upload", "--tag", f"{JOB}:latest",
                "--cloud", str(yard.cloud.root), "--json",
            )
            for s in sources
        ]  # fmt: skip
        for building in both:
            out, err = building.communicate(timeout=60)
            assert building.returncode == 0, (out, err)
    builds = yard.cloud.builds()
    assert [b.status for b in builds] == ["SUCCESS"] * 2 * rounds
    index = json.loads((yard.cloud.images.layout(JOB).root / "index.json").read_bytes())
    listed = [entry["digest"] for entry in index["manifests"]]
    assert sorted(listed) == sorted(str(b.digest) for b in builds)
    named = [entry for entry in index["manifests"] if entry.get("annotations")]
    assert len(named) == 1
    whole(yard)
