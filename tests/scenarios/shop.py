"""A small shop to lose fixes in: a remote, a clone, a worker, and a local cloud.

Everything goes through the command line, as a user does it; only the process is this one, to be
quick. The worker's whole behaviour is `app/job.py`, so that a commit changes what runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import chdir
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import msgspec
import pytest
from click.testing import CliRunner

from landed.cli.main import landed as group
from landed.core.errors import LandedError
from landed.localcloud import supervise
from landed.localcloud.runtime import Python, find

ON_BOTH = pytest.mark.parametrize("shop", ["local", "gcp"], indirect=True)
"""For a scenario that Google shows as the local cloud does."""
AS_SOMEBODY = (
    "-c", "user.name=T", "-c", "user.email=t@example.invalid", "-c", "maintenance.auto=false",
)  # fmt: skip
JOB = "worker"
SCHOOL = "expression 'School' failed to locate a name ('School')"
FLAG = "expression 'FeatureFlag' failed to locate a name ('FeatureFlag')"

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'1' * 64}\nsize 5\n"
DOCKERFILE = """\
FROM python:3.11-slim
WORKDIR /app
COPY app ./app
CMD ["python", "-m", "app"]
"""
MAIN = """\
import json
import sys
import traceback

from app import job


def log(severity, message):
    print(json.dumps({"severity": severity, "message": message}), flush=True)


log("INFO", "worker started")
try:
    log("INFO", job.run())
except Exception as error:
    log("ERROR", f"a request failed\\n{traceback.format_exc()}")
sys.exit(getattr(job, "EXIT", 0))
"""
SETTINGS = """\
[source]
remote = "origin"
ref = "refs/heads/main"

[deployables.worker]
expect = ["work done"]

[environments.dev]
jobs = {{ worker = "worker" }}
{more}"""


def good(words: str = "work done") -> str:
    """A job that works."""
    return f'def run():\n    return "{words}"\n'


def bad(message: str, kind: str = "LookupError") -> str:
    """A job that fails with this message."""
    return f'def run():\n    raise {kind}("{message}")\n'


def runtime(named: Path | None) -> Python:
    """The runtime; it is asked once what it has, and not again by each execution."""
    return _asked(named, os.environ.get("LANDED_RUNTIME"))


@cache
def _asked(named: Path | None, _around: str | None) -> Python:
    return find(named)


class Answer(msgspec.Struct):
    """What a command answered: its exit code, its JSON, and its words."""

    code: int
    data: dict[str, Any]
    err: str

    def link(self, name: str) -> dict[str, Any]:
        """One link of a trace."""
        found: dict[str, Any] = next(k for k in self.data["links"] if k["link"] == name)
        return found

    def statuses(self) -> dict[str, str]:
        """Every link's status."""
        return {k["link"]: k["status"] for k in self.data["links"]}

    def broken(self) -> set[str]:
        """The links that are broken."""
        return {link for link, status in self.statuses().items() if status == "broken"}

    def diagnosis(self, link: str) -> str | None:
        """A link's diagnosis."""
        found: str | None = self.link(link)["diagnosis"]
        return found

    def ruled_out(self, link: str) -> set[str]:
        """The diagnoses that were considered at a link, and excluded."""
        return {out["diagnosis"] for out in self.link(link)["ruled_out"]}

    @property
    def verdict(self) -> str:
        """The verdict in one word."""
        return str(self.data["verdict"])

    @property
    def answers(self) -> tuple[str, str, str]:
        """In there, by the book, did it help."""
        found = self.data["answers"]
        return found["in_there"], found["by_the_book"], found["did_it_help"]

    def breaks(self, link: str, diagnosis: str, *, beside: tuple[str, ...] = ()) -> None:
        """Asserts that this link is the first break, by this diagnosis, and that no other breaks.

        `beside` are links that break as well, for a cause of their own.
        """
        assert self.code == 1, self.err or self.said()
        assert self.verdict == "broken", self.said()
        assert (self.data["first_break"], self.diagnosis(link)) == (link, diagnosis), self.said()
        assert self.broken() == {link, *beside}, self.said()
        assert self.link(link)["remedy"], self.said()

    def proves(self) -> None:
        """Asserts that everything was seen, and holds."""
        assert (self.code, self.verdict) == (0, "proved"), self.err or self.said()
        assert self.data["first_break"] is None
        assert self.data["first_unseen"] is None

    def cannot_tell(self, link: str) -> None:
        """Asserts that no verdict was given, for want of sight at this link, and no alarm."""
        assert (self.code, self.verdict) == (3, "unproved"), self.err or self.said()
        assert self.data["first_break"] is None, self.said()
        assert self.data["first_unseen"] == link, self.said()

    def said(self) -> str:
        """Every link in a line, for the message of a failed assertion."""
        lines = [
            f"{k['link']:<10} {k['status']:<8} {k['diagnosis'] or ''} also={k['also']} "
            f"{k['because']} {k.get('notes') or ''}"
            for k in self.data.get("links", [])
        ]
        return "\n".join([f"exit {self.code} {self.data.get('answers')}", *lines])


class Shop:
    """The shop, in a folder of its own."""

    settings_text = SETTINGS
    main = MAIN

    def __init__(self, folder: Path, *, settings: str = "", object_format: str = "sha1") -> None:
        self.folder = folder
        hashes = f"--object-format={object_format}"
        self.remote = folder / "remote.git"
        self.work = folder / "work"
        self.work.mkdir()
        self.git(
            "init", "-q", hashes, "--bare", "--initial-branch=main", str(self.remote), at=folder
        )
        self.git("init", "-q", hashes, "--initial-branch=main", ".")
        self.git("remote", "add", "origin", str(self.remote))
        self.write("Dockerfile", DOCKERFILE)
        self.write("app/__init__.py", "")
        self.write("app/__main__.py", self.main)
        self.write("app/job.py", good())
        self.write(".gitignore", ".landed/\n__pycache__/\n")
        self.write("landed.toml", self.settings_text.format(more=settings))
        self.first = self.commit("A worker")
        self.push()

    def copy(self, folder: Path) -> Self:
        """The shop as it is now, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        twin = copy(self)
        twin.folder, twin.remote, twin.work = folder, folder / "remote.git", folder / "work"
        twin.git("remote", "set-url", "origin", str(twin.remote))
        return twin

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """Runs git, and returns what it printed."""
        done = subprocess.run(
            ["git", *AS_SOMEBODY, *arguments],
            cwd=at or self.work,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        """Writes a file of the work tree."""
        place = self.work / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def commit(self, subject: str, *, fixes: str = "", paths: tuple[str, ...] = ("-A",)) -> str:
        """Commits, and returns the commit's id."""
        self.git("add", *paths)
        body = ["-m", f"Landed-Fixes: {fixes}"] if fixes else []
        self.git("commit", "-q", "--allow-empty", "-m", subject, *body)
        return self.git("rev-parse", "HEAD")

    def change(self, job: str, subject: str = "Change the job", *, fixes: str = "") -> str:
        """Commits another behaviour of the worker."""
        self.write("app/job.py", job)
        return self.commit(subject, fixes=fixes)

    def push(self, ref: str = "main") -> None:
        """Pushes HEAD to a branch of the remote."""
        self.git("push", "-q", "origin", f"HEAD:refs/heads/{ref}")

    def push_forced(self, ref: str = "main") -> None:
        """Pushes HEAD to a branch of the remote, whatever stands there."""
        self.git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{ref}")

    def clone(self, name: str, *how: str) -> Path:
        """Somebody else's clone of the remote, in a folder of its own."""
        place = self.folder / name
        self.git("clone", "-q", *how, self.remote.as_uri(), str(place), at=self.folder)
        return place

    def settings(self, more: str, *, builder: str = "") -> None:
        """Writes landed.toml anew, with more in it."""
        text = self.settings_text.format(more=more)
        if builder:
            text = text.replace("[source]\n", f'[source]\nbuilder = "{builder}"\n')
        self.write("landed.toml", text)

    def lose(self, *, fixes: str = SCHOOL) -> None:
        """Releases a worker with a bug, so that there is something to fix."""
        self.change(bad(fixes), "Ask the school")
        self.push()
        self.release()

    def fix(self, job: str = "", *, fixes: str = SCHOOL) -> str:
        """Commits a fix that names the error."""
        return self.change(job or good(), "Mend the worker", fixes=fixes)

    @property
    def same_settings(self) -> tuple[str, str]:
        """For commands that run elsewhere: these settings, and the cloud beside them."""
        return "--config", str(self.work / "landed.toml")

    @property
    def cloud(self) -> Path:
        """The local cloud's folder."""
        return self.work / ".landed" / "cloud"

    def landed(self, *arguments: str, at: Path | None = None) -> Answer:
        """Runs a command with --json."""
        with chdir(at or self.work), patch.object(supervise, "find", runtime):
            done = CliRunner().invoke(group, [*arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, LandedError):
            return Answer(code=done.exception.exit_code, data={}, err=done.exception.message)
        if done.exception:
            raise done.exception
        code = done.return_value if isinstance(done.return_value, int) else 0
        return Answer(code=code, data=json.loads(done.stdout), err=done.stderr)

    def build(self, *how: str, tag: str | None = f"{JOB}:latest") -> Answer:
        """Builds; from the remote unless `how` says otherwise."""
        remote = ("--source", "remote", "--ref", "main")
        source = how if "--source" in how else (*remote, *how)
        return self.landed("cloud", "build", *source, *(["--tag", tag] if tag else []))

    def deploy(self, image: str) -> Answer:
        """Points the job to an image."""
        answer = self.landed("cloud", "deploy", JOB, "--image", image)
        assert answer.code == 0, answer.err
        return answer

    def execute(self) -> Answer:
        """Runs the job and waits for its end."""
        return self.landed("cloud", "execute", JOB, "--wait")

    def upload(self) -> Answer:
        """Builds from an upload of the work tree."""
        return self.build("--source", "upload")

    def release(self, *how: str) -> str:
        """Builds, deploys by digest and executes; returns the digest."""
        return self.roll_out(self.build(*how))

    def roll_out(self, built: Answer) -> str:
        """Deploys what was built by its digest and executes it; returns the digest."""
        assert built.code == 0, built.err or built.data
        digest = str(built.data["digest"])
        self.deploy(f"{JOB}@{digest}")
        self.execute()
        return digest

    def trace(self, *arguments: str, at: Path | None = None) -> Answer:
        """What landed says."""
        return self.landed("trace", *arguments, at=at)
