from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from localcloud.face.watched import Served, served

GCLOUD_SECONDS = 300


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One face for a module's tests; every answer of it is checked (see `watched`)."""
    with served(tmp_path_factory.mktemp("face") / "cloud") as found:
        yield found


Gcloud = Callable[..., "subprocess.CompletedProcess[str]"]


class Loaded:
    """The real gcloud, loaded once by its own start script; every command is a fork of that."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="landed-gcloud-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        loader = Path(__file__).with_name("gcloud_loaded.py")
        self._process = subprocess.Popen(
            ["gcloud"], env={**os.environ, "CLOUDSDK_PYTHON_ARGS": f"-S {loader}"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        atexit.register(self._process.kill)

    def run(
        self, arguments: tuple[str, ...], cwd: Path, env: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Runs one command to its end."""
        assert self._process.stdin
        assert self._process.stdout
        out, err = self._folder / "out", self._folder / "err"
        given = {"arguments": arguments, "cwd": str(cwd), "env": env, "out": str(out),
                 "err": str(err)}  # fmt: skip
        self._process.stdin.write(json.dumps(given).encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], GCLOUD_SECONDS)
        if not ready:
            os.killpg(self._process.pid, signal.SIGKILL)
            loaded.cache_clear()
            pytest.fail(f"gcloud {arguments} took more than {GCLOUD_SECONDS} s: {err.read_text()}")
        code = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(
            ["gcloud", *arguments], code, out.read_text(), err.read_text()
        )


@cache
def loaded() -> Loaded:
    """One for all tests of a process."""
    return Loaded()


def run_gcloud(face: Served) -> Gcloud:
    """The real gcloud, run against a face. It fails with its words unless `ok=False`."""

    def run(
        *arguments: str, cwd: Path | None = None, ok: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = loaded().run(arguments, cwd or Path.cwd(), face.environment(dict(os.environ)))
        assert done.returncode == 0 or not ok, f"{done.args}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def gcloud(face: Served) -> Gcloud:
    return run_gcloud(face)
