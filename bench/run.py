"""Performance as ratios, measured side by side in one run: `./dev bench`.

Machines differ and are noisy, so nothing here is a test and no time is absolute: each line says
how many times longer landed takes than what a person would run by hand on the same machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15
FILES = 5_000
PYTHON = sys.executable


def quickest(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of several runs, in seconds: the one that the machine disturbed least."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def git(*arguments: str, at: Path) -> None:
    """Runs git as somebody without any configuration."""
    subprocess.run(
        ["git", "-c", "user.name=B", "-c", "user.email=b@example.invalid", *arguments],
        cwd=at,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        check=True,
    )


def landed(*arguments: str, at: Path) -> Callable[[], object]:
    """A command of landed, as a process of its own."""
    command = [PYTHON, "-m", "landed", *arguments]
    return lambda: subprocess.run(command, cwd=at, capture_output=True, check=False)


def large_clone(folder: Path) -> Path:
    """A clean clone with 5,000 files and a remote."""
    work = folder / "work"
    work.mkdir()
    git("init", "-q", "--bare", "--initial-branch=main", str(folder / "remote.git"), at=folder)
    git("init", "-q", "--initial-branch=main", ".", at=work)
    for number in range(FILES):
        place = work / "src" / f"d{number // 100:03}" / f"f{number:05}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"VALUE = {number}\n")
    (work / "Dockerfile").write_text("FROM scratch\nCOPY src /app\n")
    git("add", "-A", at=work)
    git("commit", "-q", "-m", "many files", at=work)
    git("remote", "add", "origin", str(folder / "remote.git"), at=work)
    git("push", "-q", "-u", "origin", "main", at=work)
    return work


def by_hand(work: Path) -> Callable[[], object]:
    """What a person would type instead of `landed check`."""

    def both() -> None:
        subprocess.run(["git", "status", "--porcelain"], cwd=work, capture_output=True, check=True)
        subprocess.run(["git", "ls-remote", "origin"], cwd=work, capture_output=True, check=True)

    return both


def in_process(*arguments: str, at: Path) -> Callable[[], object]:
    """A command without the start of Python: what it does, not what it takes to begin."""
    from contextlib import chdir

    from click.testing import CliRunner

    from landed.cli.main import landed as group

    def run() -> None:
        with chdir(at):
            CliRunner().invoke(group, arguments, standalone_mode=False)

    return run


def late(work: Callable[[], object], rounds: int = 60) -> float:
    """The time that 95 of 100 runs stay below, in seconds."""
    took = sorted(quickest(work, 1) for _ in range(rounds))
    return took[int(rounds * 0.95)]


def say(what: str, seconds: float, base: float, against: str) -> None:
    """One line of the table."""
    print(f"{what:<44} {seconds * 1000:7.0f} ms   {seconds / base:6.1f} × {against}")


def main() -> None:
    """Measures, and prints."""
    bare = quickest(lambda: subprocess.run([PYTHON, "-c", "pass"], check=True))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("landed --help", quickest(landed("--help", at=folder)), bare, "python -c pass")
        work = large_clone(folder)
        base = quickest(by_hand(work))
        against = "git status + git ls-remote"
        say(f"{against} ({FILES} files)", base, base, against)
        say("landed check, whole process", quickest(landed("check", at=work)), base, against)
        inside = quickest(in_process("check", at=work))
        say("landed check, without Python's start", inside, base, against)
        rehearsal = folder / "rehearsal"
        begun = time.perf_counter()
        landed("demo", "--into", str(rehearsal), at=folder)()
        demo = time.perf_counter() - begun
        say("landed demo", demo, demo, "itself")
        clone = rehearsal / "content-worker"
        for command in ("where", "trace", "check"):
            whole = quickest(landed(command, at=clone), 5)
            say(f"landed {command} on the rehearsal", whole, bare, "python -c pass")
            alone = in_process(command, at=clone)
            say("  without Python's start", quickest(alone), bare, "python -c pass")
            say("  95 of 100 stay below", late(alone), bare, "python -c pass")


if __name__ == "__main__":
    main()
