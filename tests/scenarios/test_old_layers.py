"""A layer that was kept from an earlier build, told apart from all that looks like it."""

from __future__ import annotations

import shutil

import pytest

from scenarios.builders import Buildah, needs_buildah, pushed_as, release_as
from scenarios.shop import DOCKERFILE, JOB, SCHOOL, Shop, bad, good

TWO = DOCKERFILE.replace("COPY app", "COPY lib ./lib\nCOPY app")
LABELLED = TWO + "ARG COMMIT_SHA\nLABEL revision=$COMMIT_SHA\n"


def two_folders(shop: Shop, dockerfile: str = TWO) -> None:
    """A worker of two COPYs, with a bug."""
    shop.write("Dockerfile", dockerfile)
    shop.write("lib/__init__.py", "")
    shop.write("lib/school.py", "NAME = 'old'\n")
    shop.write("app/other.py", "OTHER = 1\n")
    shop.change(bad(SCHOOL), "Ask the school")
    shop.push()
    shop.release()


def image_of(shop: Shop, files: dict[str, str], *, without: tuple[str, ...] = ()) -> str:
    """An image of the work tree with some files otherwise, of which nobody keeps a record."""
    place = shop.folder / "other"
    shutil.copytree(shop.work, place, ignore=shutil.ignore_patterns(".git", ".landed"))
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    for path in without:
        (place / path).unlink()
    built = shop.build("--source", "upload", str(place), tag=f"{JOB}:other")
    assert built.code == 0, built.err
    shutil.rmtree(shop.cloud / "builds" / str(built.data["id"]))
    shutil.rmtree(place)
    return str(built.data["digest"])


def test_one_folder_is_old_and_the_other_new(shop: Shop) -> None:
    two_folders(shop)
    old = shop.git("rev-parse", "HEAD")
    shop.write("lib/school.py", "NAME = 'new'\n")
    fix = shop.fix()
    shop.push()
    release_as(shop, image_of(shop, {"app/job.py": bad(SCHOOL)}))
    traced = shop.trace()
    traced.breaks("packed", "layer-cache", beside=("healed",))
    packed = traced.link("packed")
    assert packed["also"] == []
    assert {"uncommitted-change", "claimed-commit", "wrong-context"} <= traced.ruled_out("packed")
    assert "`COPY app /app/app`" in packed["because"]
    assert f"those of {old[:10]}" in packed["because"]
    assert f"took {fix[:10]}" in packed["because"]
    assert "--no-cache" in packed["remedy"][0]
    facts = next(e["facts"] for e in packed["evidence"] if "old_layers" in e["facts"])
    assert [one["are_those_of"] for one in facts["old_layers"]] == [old]
    assert traced.answers[0] == "no"


def test_both_folders_are_old_and_the_label_is_new(shop: Shop) -> None:
    two_folders(shop, LABELLED)
    shop.write("lib/school.py", "NAME = 'new'\n")
    fix = shop.fix()
    shop.push()
    argument = ("--build-arg", f"COMMIT_SHA={fix}")
    old = {"app/job.py": bad(SCHOOL), "lib/school.py": "NAME = 'old'\n"}
    release_as(shop, image_of(shop, old), *argument)
    traced = shop.trace()
    traced.breaks("packed", "layer-cache", beside=("healed",))
    assert "another COPY" in traced.link("packed")["because"]
    # The label says which commit was built, and that is true.
    assert "claimed-commit" in traced.ruled_out("packed")


def test_a_file_that_is_new_or_gone_since_tells_as_well(shop: Shop) -> None:
    two_folders(shop)
    shop.write("app/school.py", "SCHOOL = 1\n")
    shop.git("rm", "-q", "app/other.py")
    shop.commit("Another school", fixes=SCHOOL)
    shop.push()
    old = image_of(shop, {"app/other.py": "OTHER = 1\n"}, without=("app/school.py",))
    release_as(shop, old)
    traced = shop.trace()
    assert traced.diagnosis("packed") == "layer-cache", traced.said()
    assert traced.link("packed")["also"] == []


@needs_buildah
def test_a_layer_that_a_real_builder_kept_says_when_it_was_made(shop: Shop) -> None:
    two_folders(shop)
    kept = Buildah(shop)
    kept.layer("app", "/app/app")
    shop.write("lib/school.py", "NAME = 'new'\n")
    shop.fix()
    shop.push()
    kept.layer("lib", "/app/lib")
    release_as(shop, kept.push())
    traced = shop.trace()
    assert traced.diagnosis("packed") == "layer-cache", traced.said()
    assert "`COPY app /app/app` (made 20" in traced.link("packed")["because"]


@needs_buildah
def test_a_layer_that_was_made_in_this_build_was_not_kept(shop: Shop) -> None:
    two_folders(shop)
    shop.fix()
    shop.push()
    built = shop.build()
    shop.write("app/job.py", bad(SCHOOL))
    made = Buildah(shop)
    made.layer("lib", "/app/lib")
    made.layer("app", "/app/app")
    digest = made.push()
    pushed_as(shop, built, digest)
    traced = shop.trace()
    assert traced.diagnosis("packed") == "uncommitted-change", traced.said()
    assert "layer-cache" in traced.ruled_out("packed")


def test_a_file_of_an_old_commit_beside_a_new_one_is_no_kept_layer(shop: Shop) -> None:
    two_folders(shop)
    shop.write("app/other.py", "OTHER = 2\n")
    shop.fix()
    shop.push()
    release_as(shop, image_of(shop, {"app/job.py": bad(SCHOOL)}))
    traced = shop.trace()
    assert traced.diagnosis("packed") == "uncommitted-change", traced.said()
    assert "layer-cache" in traced.ruled_out("packed")


def test_files_that_somebody_changed_by_hand(shop: Shop) -> None:
    two_folders(shop)
    shop.fix()
    shop.push()
    release_as(shop, image_of(shop, {"app/job.py": bad("changed by hand")}))
    traced = shop.trace()
    assert traced.diagnosis("packed") == "untracked-file" or (
        traced.diagnosis("packed") == "uncommitted-change"
    ), traced.said()
    assert "layer-cache" in traced.ruled_out("packed")


def test_an_older_source_is_an_earlier_build(shop: Shop) -> None:
    two_folders(shop)
    shop.fix()
    shop.push()
    traced = shop.trace()
    traced.breaks("sourced", "earlier-build", beside=("healed",))
    assert traced.statuses()["packed"] == "holds"


def test_a_folder_of_the_source_with_the_same_old_files(shop: Shop) -> None:
    two_folders(shop)
    shutil.copytree(shop.work / "app", shop.work / "legacy")
    shop.commit("Keep the old one")
    shop.fix()
    shop.push()
    release_as(shop, image_of(shop, {"app/job.py": bad(SCHOOL)}))
    traced = shop.trace()
    assert traced.diagnosis("packed") != "layer-cache", traced.said()
    out = {one["diagnosis"]: one["because"] for one in traced.link("packed")["ruled_out"]}
    assert "`legacy`" in out["layer-cache"]


def test_a_newer_commit_in_the_image_is_no_kept_layer(shop: Shop) -> None:
    two_folders(shop)
    fix = shop.fix()
    shop.push()
    newer = image_of(shop, {"app/job.py": good("work done better")})
    release_as(shop, newer)
    shop.change(good("work done better"))
    shop.push()
    traced = shop.trace(fix)
    assert traced.diagnosis("packed") != "layer-cache", traced.said()
    assert "layer-cache" in traced.ruled_out("packed")


def test_a_base_that_brings_what_was_removed_since(shop: Shop) -> None:
    base = TWO.replace("FROM python:3.11-slim", "FROM scratch")
    shop.write("base/Dockerfile", base.split("CMD")[0])
    shop.write("base/app/other.py", "OTHER = 1\n")
    shop.write("base/lib/__init__.py", "")
    two_folders(shop, TWO.replace("python:3.11-slim", "base:latest"))
    shop.build("--context", "base", tag="base:latest")
    shop.fix()
    shop.git("rm", "-q", "app/other.py")
    shop.commit("Without the other one")
    shop.push()
    shop.release()
    traced = shop.trace()
    # The base's own copy lies in a layer apart: no builder kept the COPY.
    assert traced.diagnosis("packed") != "layer-cache", traced.said()
    out = {one["diagnosis"]: one["because"] for one in traced.link("packed")["ruled_out"]}
    assert "another layer" in out["layer-cache"]


def test_one_more_file_behind_many_that_are_old(shop: Shop) -> None:
    two_folders(shop)
    names = [f"app/part{number}.py" for number in range(25)]
    for text in ("OLD = 1\n", "NEW = 1\n"):
        for name in names:
            shop.write(name, text)
        shop.commit(text)
    shop.fix()
    shop.push()
    old = dict.fromkeys(names, "OLD = 1\n") | {"app/job.py": bad(SCHOOL)}
    release_as(shop, image_of(shop, old | {"app/zz.py": "NEVER = 1\n"}))
    traced = shop.trace()
    assert traced.diagnosis("packed") == "untracked-file", traced.said()
    release_as(shop, image_of(shop, old))
    assert shop.trace().diagnosis("packed") == "layer-cache"


def test_a_healthy_release_asks_no_history(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    two_folders(shop)
    shop.fix()
    shop.push()
    shop.release()
    monkeypatch.setattr("landed.trace.old_layers.having", None)
    shop.trace().proves()
