from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.face.watched import Served, served

GCLOUD_SECONDS = 60


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One face for a module's tests; every answer of it is checked (see `watched`)."""
    with served(tmp_path_factory.mktemp("face") / "cloud") as found:
        yield found


Gcloud = Callable[..., "subprocess.CompletedProcess[str]"]


def run_gcloud(face: Served) -> Gcloud:
    """The real gcloud, run against a face. It fails with its words unless `ok=False`."""

    def run(
        *arguments: str, cwd: Path | None = None, ok: bool = True
    ) -> subprocess.CompletedProcess[str]:
        env = face.environment(dict(os.environ))
        command = ["gcloud", *arguments]
        done = subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=GCLOUD_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not ok, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def gcloud(face: Served) -> Gcloud:
    return run_gcloud(face)
