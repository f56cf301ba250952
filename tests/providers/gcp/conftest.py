from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from git_world import Repo
from landed.content.repo import Repository
from landed.providers.gcp.actions import GoogleActions
from providers.gcp.google import FILES, Google
from providers.gcp.rolling import actions
from providers.oci.faults import Faults


@pytest.fixture
def google() -> Iterator[Google]:
    """A small Google with one healthy chain."""
    with Faults() as server:
        yield Google(server)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A repository with one commit: the files of the small Google's upload."""
    made = Repo(tmp_path_factory.mktemp("repository"))
    made.git("init", "-q", "--initial-branch=main", ".")
    for name, value in (("user.name", "T"), ("user.email", "t@example.invalid")):
        made.git("config", name, value)
    for path, data in FILES.items():
        made.write(path, data)
    made.commit()
    with Repository.open(made.root) as opened:
        yield opened


@pytest.fixture
def hands(google: Google, tmp_path: Path, repository: Repository) -> GoogleActions:
    """What a shipment does, over the small Google."""
    return actions(google, tmp_path, repository)
