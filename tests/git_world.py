"""Real git repositories in a temporary folder: fixed dates, an own home, nothing from outside."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_BORN = 1_700_000_000


@dataclass
class Repo:
    """A repository with a work tree; every commit is a minute after the one before."""

    root: Path
    minutes: int = field(default=0)

    def git(self, *arguments: str, given: bytes | None = None, check: bool = True) -> str:
        """Runs git here and returns what it printed, without the line end."""
        date = f"{_BORN + 60 * self.minutes} +0000"
        env = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        done = subprocess.run(
            # Without its look at whether to tidy up, a commit takes half of its time.
            ["git", "-c", "maintenance.auto=false", *arguments],
            cwd=self.root,
            env=env,
            input=given,
            capture_output=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"git {arguments}: {done.stderr.decode()}")
        return os.fsdecode(done.stdout).strip()

    def write(self, path: str, content: str | bytes, *, executable: bool = False) -> Path:
        """Writes a file of the work tree."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        if executable:
            place.chmod(0o755)
        return place

    def commit(self, message: str = "change", **files: str | bytes) -> str:
        """Commits the given files (`a_py` is `a.py`) and all else that stands there."""
        for name, content in files.items():
            self.write(name.replace("_", "."), content)
        self.minutes += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, name: str, *options: str) -> Repo:
        """A clone beside this repository."""
        target = self.root.parent / name
        self.git("clone", "-q", *options, self.root.as_uri(), str(target))
        return Repo(target, self.minutes)


@dataclass
class World:
    """A folder with repositories, and a home that only they see."""

    folder: Path
    home: Path

    def repo(self, name: str = "repo", *options: str) -> Repo:
        """A new repository on branch main, without commits."""
        root = self.folder / name
        root.mkdir(parents=True)
        made = Repo(root)
        made.git("init", "-q", "-b", "main", *options)
        return made

    def pushed(self, name: str = "repo", **files: str | bytes) -> tuple[Repo, Repo]:
        """A repository with one commit, and the bare remote `origin` that has it."""
        bare = self.repo(f"{name}.git", "--bare")
        bare.git("config", "uploadpack.allowFilter", "true")
        bare.git("config", "uploadpack.allowAnySHA1InWant", "true")
        here = self.repo(name)
        here.commit("first", **(files or {"a_py": "one\ntwo\nthree\n"}))
        here.git("remote", "add", "origin", bare.root.as_uri())
        here.git("push", "-q", "-u", "origin", "main")
        return here, bare

    def trap(self, name: str) -> tuple[Path, Path]:
        """A program, and the file that shows that it ran."""
        marker = self.folder / f"ran-{name}"
        program = self.folder / f"trap-{name}"
        program.write_text(f"#!/bin/sh\ntouch '{marker}'\nexit 1\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program, marker


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty world."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [n for n in os.environ if n.startswith(("GIT_", "XDG_", "SSH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = A Person\n\temail = person@example.com\n"
        '[protocol "file"]\n\tallow = always\n[init]\n\tdefaultBranch = main\n'
    )
    folder = tmp_path / "world"
    folder.mkdir()
    return World(folder, home)
