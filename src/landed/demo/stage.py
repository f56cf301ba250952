"""The place of the rehearsal, and the commands that are run on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from landed.config import Config, load
from landed.core.errors import ProviderError
from landed.core.model import Frozen
from landed.ledger.store import Ledger, opened

JOB = "content-worker"
SECONDS = 120
# The rehearsal must not depend on how the person at the keyboard has set up git.
_GIT = (
    "-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.invalid",
    "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=/dev/null",
)  # fmt: skip


class Ran(Frozen):
    """A command that was run: its exit code and what it printed."""

    code: int
    out: str
    err: str


class Stage:
    """A rehearsal folder: a bare remote, a clone with the worker, and its local cloud."""

    def __init__(self, folder: Path, show: Callable[[str], None]) -> None:
        self.folder = folder
        self.remote = folder / "remote.git"
        self.work = folder / "content-worker"
        self.example, self.incident = examples()
        self._show = show

    def set_up(self) -> None:
        """The repository as it stood before that night: committed, and pushed."""
        shutil.copytree(
            self.example, self.work, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
        )
        for name in (self.incident / "start" / "REMOVED").read_text().split():
            (self.work / name).unlink()
        self.overlay("start")
        (self.work / "REMOVED").unlink(missing_ok=True)
        self.git(
            "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote), at=self.folder
        )
        self.git("init", "--quiet", "--initial-branch=main", ".")
        self.git("remote", "add", "origin", str(self.remote))
        (self.work / ".gitignore").write_text(".landed/\n__pycache__/\n")
        self.commit("Content worker", "--all")
        self.git("push", "--quiet", "--set-upstream", "origin", "main")

    def overlay(self, name: str) -> None:
        """Lays the files of one step of the story over the work tree."""
        shutil.copytree(self.incident / name, self.work, dirs_exist_ok=True)

    def restore(self) -> None:
        """Lays the finished example over the work tree: the proper fix."""
        keep = shutil.ignore_patterns("__pycache__", ".*_cache", ".gitignore")
        shutil.copytree(self.example, self.work, dirs_exist_ok=True, ignore=keep)

    def commit(self, subject: str, *paths: str, fixes: str = "") -> None:
        """Commits paths, or `--all`, with the trailer that names an error where there is one."""
        self.git("add", *(["--all"] if paths == ("--all",) else ["--", *paths]))
        body = ["-m", f"Landed-Fixes: {fixes}"] if fixes else []
        self.git("commit", "--quiet", "-m", subject, *body)

    def git(self, *arguments: str, at: Path | None = None) -> Ran:
        """Runs git. Raises ProviderError where it fails."""
        return self._run(["git", *_GIT, *arguments], at or self.work, must=True)

    def landed(self, *arguments: str) -> Ran:
        """Runs the very command line that a user runs, and shows the command and its output."""
        self._show(f"$ landed {' '.join(arguments)}")
        colour = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
        columns = {"COLUMNS": str(shutil.get_terminal_size((102, 24)).columns - 2)}
        return self.command([sys.executable, "-m", "landed", *arguments], {**colour, **columns})

    def command(self, words: list[str], env: dict[str, str]) -> Ran:
        """Runs a command in the work tree, whatever its exit code."""
        return self._run(words, self.work, must=False, env=env)

    def enqueue(self, topic: str, organization: str) -> None:
        """Puts a request into the worker's queue, with the worker's own command."""
        data = self.work / ".landed" / "cloud" / "jobs" / JOB / "data"
        data.mkdir(parents=True, exist_ok=True)
        python = self._runtime()
        command = [python, "-m", "content_worker", "enqueue", topic, "--organization", organization]
        self._run(command, self.work, must=True, env={"DATA_DIR": str(data)})

    def work_once(self) -> None:
        """A request comes, and the job runs."""
        self.enqueue("tides", "Riverside")
        command = [sys.executable, "-m", "landed", "cloud", "execute", JOB, "--wait", "--quiet"]
        self._run(command, self.work, must=True)

    def config(self) -> Config:
        """The settings of the rehearsal."""
        return load(None, self.work)

    def ledger(self) -> Ledger:
        """What was written down in the rehearsal."""
        return opened(self.config())

    def _runtime(self) -> str:
        """The Python that executions get; it has what the worker needs."""
        runtime = os.environ.get("LANDED_RUNTIME")
        return str(Path(runtime) / "bin" / "python") if runtime else sys.executable

    def _run(
        self, command: list[str], at: Path, *, must: bool, env: dict[str, str] | None = None
    ) -> Ran:
        surroundings = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }
        try:
            done = subprocess.run(
                command, cwd=at, env=surroundings, capture_output=True, text=True,
                timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ProviderError(
                f"`{' '.join(command[:4])}` took more than {SECONDS} s", "is the machine very busy?"
            ) from error
        if must and done.returncode:
            words = (done.stderr or done.stdout).strip()[-300:]
            raise ProviderError(
                f"`{' '.join(command[:6])}` failed: {words}", "see the rehearsal folder"
            )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def examples() -> tuple[Path, Path]:
    """The worker and the story's overlays: packaged, or in the checkout."""
    packaged = Path(__file__).parent / "examples"
    checkout = Path(__file__).parents[3] / "examples"
    place = packaged if packaged.is_dir() else checkout
    if not (place / "content-worker").is_dir():
        raise ProviderError(
            "the example worker is not installed", "run it from a checkout: ./dev demo"
        )
    return place / "content-worker", place / "incident"
