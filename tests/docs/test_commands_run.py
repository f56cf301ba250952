"""A command shown is a command run: every block marked for the rehearsal, in document order."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_every_marked_command_runs(tmp_path: Path) -> None:
    place = tmp_path / "rehearsal"
    demo = [sys.executable, "-m", "landed", "demo", "--json", "--into", str(place)]
    subprocess.run(demo, capture_output=True, check=True, timeout=300)
    for page in PAGES:
        for line in commands(page):
            words = shlex.split(line.split(" | ")[0], comments=True)
            if words[0] != "landed":
                pytest.fail(f"{page.name}: `{line}` is no command of landed")
            done = subprocess.run(
                [sys.executable, "-m", "landed", *words[1:]],
                cwd=place / "content-worker",
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode in ENDS, f"{page.name}: `{line}` said {done.stderr}"
            assert done.stdout, f"{page.name}: `{line}` said nothing"
