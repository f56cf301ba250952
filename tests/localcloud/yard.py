"""A local cloud in a git repository, its jobs, and the command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landed.localcloud.cloud import LocalCloud
from landed.localcloud.imaging import Order
from landed.localcloud.isolation import bwrap
from landed.localcloud.records import BuildRecord, ExecutionRecord

JOB = "worker"
DOCKERFILE = 'FROM python:3.11-slim\nCOPY main.py /app/main.py\nCMD ["python", "/app/main.py"]\n'


@dataclass
class Yard:
    """A folder with a local cloud and with sources for it."""

    folder: Path

    @property
    def cloud(self) -> LocalCloud:
        """The cloud, opened anew as another command would."""
        return LocalCloud(self.folder / ".landed" / "cloud")

    def source(self, name: str = "source", **files: str) -> Path:
        """A folder with these files (`main_py` is `main.py`), and a Dockerfile."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        for file, text in {"Dockerfile": DOCKERFILE, **files}.items():
            (place / file.replace("_", ".")).write_text(text)
        return place

    def build(self, source: Path, *tags: str, **order: Any) -> BuildRecord:
        """Builds an upload of the folder."""
        return self.cloud.builder.from_upload(
            source, "sha1", Order(tags=tags or (f"{JOB}:latest",), **order)
        )

    def deployed(self, program: str, dockerfile: str = DOCKERFILE) -> BuildRecord:
        """A job that runs this program."""
        built = self.build(self.source(main_py=program, Dockerfile=dockerfile))
        assert built.status == "SUCCESS", built.failure
        self.cloud.deploy(JOB, f"{JOB}@{built.digest}")
        return built

    def ran(self, program: str, dockerfile: str = DOCKERFILE) -> tuple[ExecutionRecord, list[str]]:
        """The end of one execution of this program, and what it said, line by line."""
        self.deployed(program, dockerfile)
        done = self.cloud.execute(JOB, wait=True)
        return done, self.said(done.id)

    def said(self, execution: str) -> list[str]:
        """The plain lines that an execution logged."""
        return [str(e.get("textPayload")) for e in self.cloud.logs(JOB, execution)]

    def status(self, execution: str) -> str:
        """An execution's status as a reader sees it."""
        return next(e.status for e in self.cloud.executions(JOB) if e.id == execution)

    def landed(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """The command line in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "landed", *arguments],
            cwd=options.pop("cwd", self.folder),
            env={**os.environ, **options.pop("env", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    folder = tmp_path / "yard"
    subprocess.run(["git", "init", "-q", folder], check=True)
    made = Yard(folder)
    made.cloud.prepare()
    return made


@pytest.fixture(params=["bwrap", "not isolated"])
def isolation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to run an execution."""
    if request.param == "not isolated":
        monkeypatch.setenv("LANDED_ISOLATION", "none")
    elif bwrap() is None:
        pytest.skip("bwrap does not work here")
    return str(request.param)
