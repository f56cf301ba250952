from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from git_world import Repo, World, world
from landed.content.image.layout import Layout
from landed.content.image.stack import ImageFile
from landed.content.repo import Repository
from landed.localcloud.imaging import Order
from landed.localcloud.records import BuildRecord
from localcloud.yard import Yard

__all__ = ["world"]
RECIPE = "FROM scratch\nCOPY . /app/\n"


@pytest.fixture
def remote(world: World) -> Iterator[tuple[Repo, str]]:
    """A repository whose remote has its one commit."""
    here, bare = world.pushed(Dockerfile=RECIPE, a_py="pushed\n")
    return here, bare.root.as_uri()  # type: ignore[return-value]


def clone(yard: Yard, here: Repo, url: str, **how: Any) -> BuildRecord:
    with Repository.open(here.root) as repository:
        built: BuildRecord = yard.cloud.builder.from_clone(
            repository, url, "refs/heads/main", "", Order(tags=("a:latest",)), **how
        )
    return built


def image(yard: Yard, built: BuildRecord) -> tuple[Layout, str]:
    """The layout that holds what was built, and its digest."""
    assert built.status == "SUCCESS", built.failure
    assert built.digest
    layout = yard.cloud.images.holder(built.digest)
    assert layout
    return layout, built.digest


def files_of(yard: Yard, built: BuildRecord) -> dict[str, ImageFile]:
    """The files of the image."""
    layout, digest = image(yard, built)
    return layout.image(digest).files("sha1")


def content(yard: Yard, built: BuildRecord, path: str) -> bytes | None:
    """The bytes of one of them."""
    layout, digest = image(yard, built)
    return layout.image(digest).read(files_of(yard, built), [path])[path]


def test_a_commit_that_was_asked_for_is_taken_instead_of_the_tip(
    yard: Yard, remote: tuple[Repo, str]
) -> None:
    here, url = remote
    first = here.git("rev-parse", "HEAD")
    tip = here.commit("second", a_py="second\n")
    here.git("push", "-q")
    built = clone(yard, here, url, commit=first)
    assert built.source is not None
    assert (built.source.resolved_commit, built.source.requested_commit) == (first, first)
    assert built.source.tip_then == tip
    assert content(yard, built, "app/a.py") == b"pushed\n"


def test_nothing_that_the_repository_brings_is_run(
    yard: Yard, world: World, remote: tuple[Repo, str]
) -> None:
    here, url = remote
    program, ran = world.trap("filter")
    here.commit("filtered", **{".gitattributes": "*.py filter=trap\n", "a_py": "filtered\n"})
    here.git("push", "-q")
    here.git("config", "filter.trap.smudge", str(program))
    here.git("config", "filter.trap.clean", str(program))
    here.git("config", "filter.trap.required", "true")
    hook = here.root / ".git" / "hooks" / "post-checkout"
    hook.write_bytes(program.read_bytes())
    hook.chmod(0o755)
    built = clone(yard, here, url)
    assert built.status == "SUCCESS", built.failure
    assert content(yard, built, "app/a.py") == b"filtered\n"
    assert not ran.exists()


def test_a_remote_that_is_a_program_is_refused_and_not_run(
    yard: Yard, world: World, remote: tuple[Repo, str]
) -> None:
    program, ran = world.trap("remote")
    built = clone(yard, remote[0], f"ext::{program}")
    assert built.status == "FAILURE"
    assert not ran.exists()


def test_names_that_are_no_text_survive(yard: Yard) -> None:
    source = yard.source(Dockerfile=RECIPE)
    names = [b"new\nline", b"not \xff text", b" blank ", "ü".encode()]
    for name in names:
        (source / os.fsdecode(name)).write_bytes(name)
    built = yard.build(source)
    assert built.status == "SUCCESS", built.failure
    for name in names:
        assert content(yard, built, f"app/{os.fsdecode(name)}") == name


def test_a_name_that_is_no_text_may_stand_in_a_reason(yard: Yard) -> None:
    source = yard.source(Dockerfile="FROM scratch\nCOPY *.py /app/\n")
    (source / os.fsdecode(b"\xff.py")).write_text("")
    (source / ".dockerignore").write_text("*.py\n")
    assert yard.build(source).status == "FAILURE"
    assert [b.status for b in yard.cloud.builds()] == ["FAILURE"]


def test_a_link_is_kept_and_never_followed(yard: Yard) -> None:
    secret = yard.folder / "secret"
    secret.write_text("mine\n")
    source = yard.source(Dockerfile=RECIPE)
    (source / "link").symlink_to(secret)
    (source / "above").symlink_to(yard.folder)
    built = yard.build(source)
    files = files_of(yard, built)
    assert files["app/link"].file.mode == "120000"
    assert sorted(files) == ["app/Dockerfile", "app/above", "app/link"]
    with tarfile.open(yard.cloud.archive(built)) as archive:
        assert archive.getmember("above").issym()


def test_the_cloud_does_not_upload_itself(yard: Yard) -> None:
    yard.source(name=".", Dockerfile=RECIPE)
    yard.build(yard.folder)
    built = yard.build(yard.folder)
    with tarfile.open(yard.cloud.archive(built)) as archive:
        assert not [name for name in archive.getnames() if "cloud" in name]


def test_every_name_gets_the_image(yard: Yard) -> None:
    built = yard.build(yard.source(main_py=""), "a:1", "a:2", "other/b:1")
    assert {image.name for image in built.images} == {"a:1", "a:2", "other/b:1"}
    for repository in ("a", "other/b"):
        layout = yard.cloud.images.layout(repository)
        assert "app/main.py" in layout.image(str(built.digest)).files("sha1")


def test_substitutions_reach_only_an_arg_that_asks_for_them(yard: Yard) -> None:
    recipe = "FROM scratch\nARG COMMIT_SHA=none\nCOPY main.py /\nLABEL c=$COMMIT_SHA o=$OTHER\n"
    built = yard.build(
        yard.source(main_py="", Dockerfile=recipe),
        substitutions={"COMMIT_SHA": "anything", "OTHER": "x"},
    )
    layout, digest = image(yard, built)
    config = layout.image(digest).config["config"]
    assert config["Labels"] == {"c": "anything", "o": ""}


def test_building_again_gives_another_digest_with_the_same_files(yard: Yard) -> None:
    first, second = (yard.build(yard.source(main_py="1")) for _ in range(2))
    assert first.digest != second.digest
    assert {path: file.file for path, file in files_of(yard, first).items()} == {
        path: file.file for path, file in files_of(yard, second).items()
    }
