"""A small shop to lose fixes in: a remote, a clone, a worker, and a local cloud.

Everything goes through the command line, as a user does it; only the process is this one, to be
quick. The worker's whole behaviour is `app/job.py`, so that a commit changes what runs.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import chdir
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner

from landed.cli.main import landed as group
from landed.core.errors import LandedError

JOB = "worker"
SCHOOL = "expression 'School' failed to locate a name ('School')"
FLAG = "expression 'FeatureFlag' failed to locate a name ('FeatureFlag')"

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


class Shop:
    """The shop, in a folder of its own."""

    def __init__(self, folder: Path, *, settings: str = "") -> None:
        self.folder = folder
        self.remote = folder / "remote.git"
        self.work = folder / "work"
        self.work.mkdir()
        self.git("init", "-q", "--bare", "--initial-branch=main", str(self.remote), at=folder)
        self.git("init", "-q", "--initial-branch=main", ".")
        self.git("remote", "add", "origin", str(self.remote))
        self.write("Dockerfile", DOCKERFILE)
        self.write("app/__init__.py", "")
        self.write("app/__main__.py", MAIN)
        self.write("app/job.py", good())
        self.write(".gitignore", ".landed/\n__pycache__/\n")
        self.write("landed.toml", SETTINGS.format(more=settings))
        self.first = self.commit("A worker")
        self.push()

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """Runs git, and returns what it printed."""
        done = subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@example.invalid", *arguments],
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

    def landed(self, *arguments: str) -> Answer:
        """Runs a command with --json."""
        with chdir(self.work):
            done = CliRunner().invoke(group, [*arguments, "--json"], standalone_mode=False)
        if isinstance(done.exception, LandedError):
            return Answer(code=done.exception.exit_code, data={}, err=done.exception.message)
        if done.exception:
            raise done.exception
        code = done.return_value if isinstance(done.return_value, int) else 0
        return Answer(code=code, data=json.loads(done.stdout), err=done.stderr)

    def build(self, *how: str, tag: str | None = f"{JOB}:latest") -> Answer:
        """Builds; from the remote unless `how` says otherwise."""
        source = how or ("--source", "remote", "--ref", "main")
        return self.landed("cloud", "build", *source, *(["--tag", tag] if tag else []))

    def deploy(self, image: str) -> Answer:
        """Points the job to an image."""
        answer = self.landed("cloud", "deploy", JOB, "--image", image)
        assert answer.code == 0, answer.err
        return answer

    def execute(self) -> Answer:
        """Runs the job and waits for its end."""
        return self.landed("cloud", "execute", JOB, "--wait")

    def release(self, *how: str) -> str:
        """Builds, deploys by digest and executes; returns the digest."""
        built = self.build(*how)
        assert built.code == 0, built.err or built.data
        digest = str(built.data["digest"])
        self.deploy(f"{JOB}@{digest}")
        self.execute()
        return digest

    def trace(self, *arguments: str) -> Answer:
        """What landed says."""
        return self.landed("trace", *arguments)
