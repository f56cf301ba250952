"""The demo, and what the pages do in the rehearsal that it leaves: a command shown is a command
run, every block marked for it, in document order.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas import validate

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"<!-- run: rehearsal -->\n```console\n(.*?)```", re.DOTALL)
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if MARKED.search(p.read_text()))
ENDS = {0, 1, 3}
"""Proved, broken, cannot tell: a command may say any of them. Usage and failures are faults."""


def commands(page: Path) -> list[str]:
    blocks = MARKED.findall(page.read_text())
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_there_are_commands_to_run() -> None:
    assert sum(len(commands(page)) for page in PAGES) >= 8


def test_the_demo_goes_as_it_is_told_and_every_marked_command_runs_in_it(tmp_path: Path) -> None:
    place = tmp_path / "rehearsal"
    demo = run("demo", "--json", "--into", str(place), at=tmp_path)
    assert demo.stdout, demo.stderr
    as_it_is_told(json.loads(demo.stdout))
    assert demo.returncode == 0, demo.stderr
    work = place / "content-worker"
    no_time_that_never_was(work)
    for page in PAGES:
        for line in commands(page):
            words = shlex.split(line.split(" | ")[0], comments=True)
            if words[0] != "landed":
                pytest.fail(f"{page.name}: `{line}` is no command of landed")
            done = run(*words[1:], at=work)
            assert done.returncode in ENDS, f"{page.name}: `{line}` said {done.stderr}"
            assert done.stdout, f"{page.name}: `{line}` said nothing"


def as_it_is_told(document: dict[str, Any]) -> None:
    """Every step ends where it is told to, and what stops or holds does so for its reason."""
    assert validate(document) == "demo-v1"
    traces = [step["trace"] for step in document["steps"]]
    assert [t["first_break"] for t in traces] == ["sourced", "pushed", "deployed", "healed", None]
    assert traces[0]["answers"]["by_the_book"] == "no"
    assert "old-entries" in traces[2]["links"][6]["also"]
    assert set(traces[4]["answers"].values()) == {"yes"}
    assert (traces[4]["verdict"], traces[4]["links"][9]["status"]) == ("proved", "pending")
    caught, shipped = document["ships"]
    assert {validate(caught), validate(shipped)} == {"ship-v1"}
    assert (caught["stopped_at"], caught["execution"]) == ("smoke", None)
    smoke = next(step for step in caught["steps"] if step["step"] == "smoke")
    assert "Organization.schools, Organization.feature_flags" in smoke["because"]
    assert {step["status"] for step in shipped["steps"]} == {"holds"}
    watch = document["watch"]
    assert (watch["id"], watch["time"], watch["status"]) == (shipped["watch"], "driven", "holds")
    looks = [(c["hours"], c["executions"], c["clean"], c["call"]) for c in watch["checkpoints"]]
    calls = ["inconclusive"] * 2 + ["held"] * 4
    assert looks == [(4 * n, n, n, call) for n, call in enumerate(calls, 1)]
    assert "in 0 of 6 executions since, in 4 of 4 before" in watch["because"]
    assert document["as_told"] is True


def no_time_that_never_was(work: Path) -> None:
    """The driven day left nothing in the ledger: the watch has just begun, and nobody looked."""
    watch = json.loads(run("watch", "--json", at=work).stdout)
    assert watch["status"] == "pending"
    assert [one["looked_at"] for one in watch["checkpoints"]] == [None] * 6
    entries = json.loads(run("log", "--json", at=work).stdout)["entries"]
    kinds = [entry["kind"] for entry in reversed(entries)]
    assert kinds == [*["trace"] * 4, "ship", "watch", "ship", "trace"]


def run(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    """A command of landed, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "landed", *arguments],
        cwd=at, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
