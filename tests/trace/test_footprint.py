"""What a commit alters in an image, where a repository has several of them."""

from __future__ import annotations

import pytest

from git_world import Repo, World, world
from landed.config import DeployableSettings
from landed.content.repo import Repository
from landed.core.model import Effect
from landed.core.probe import Lent
from landed.trace.footprint import Footprint, footprint
from landed.trace.project import Project

__all__ = ["world"]


@pytest.fixture
def here(world: World) -> Repo:
    repo = world.repo()
    for folder in ("api", "mail"):
        repo.write(f"{folder}/Dockerfile", "FROM scratch\nCOPY a.py /\n")
        repo.write(f"{folder}/a.py", "1\n")
    repo.commit()
    return repo


def seen(repo: Repo, others: tuple[str, ...] = ("./mail/",)) -> Footprint:
    """The footprint of HEAD in the image of `api`."""
    with Repository.open(repo.root) as repository:
        project = Project(repository, "api", DeployableSettings(folder="api"), others)
        return footprint(project, repository.resolve("HEAD"), lambda _: Lent())


def test_a_commit_to_another_deployable_is_beside(here: Repo) -> None:
    here.write("mail/a.py", "2\n")
    here.commit()
    found = seen(here)
    assert (found.effect, found.beside, found.unplaced) == (Effect.NONE, True, ())
    assert "nothing of api" in found.because


@pytest.mark.parametrize("path", ["base/lib.py", "shared.py", "api/notes.py", "README"])
def test_what_no_other_deployable_is_built_from_may_be_a_base_of_this_one(
    here: Repo, path: str
) -> None:
    here.write("mail/a.py", "2\n")
    here.write(path, "x\n")
    here.commit()
    assert seen(here).beside is False


def test_a_file_that_moved_out_of_it_is_not_beside(here: Repo) -> None:
    here.git("mv", "api/a.py", "mail/b.py")
    here.commit()
    assert seen(here).beside is False


def test_without_others_nothing_is_beside(here: Repo) -> None:
    here.write("mail/a.py", "2\n")
    here.commit()
    assert seen(here, ()).beside is False


def test_a_folder_that_both_are_built_from_is_not_beside(here: Repo) -> None:
    here.write("api/a.py", "2\n")
    here.commit()
    assert seen(here, ("api", "mail")).beside is False
    here.write("mail/a.py", "2\n")
    here.commit()
    assert seen(here, (".",)).beside is False
