"""One image under several names: as a mirror, a cache or another host of Google's has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.google_shop import IMAGE, GoogleShop

MIRRORS = ("eu.gcr.io/landed-local/worker", "mirror.example/shop/worker")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[GoogleShop]:
    made = GoogleShop(tmp_path)
    yield made
    made.close()


def mirror(shop: GoogleShop, name: str) -> None:
    """Has all images of the deployable under another name as well, as it is now."""
    images = shop.cloud / "images"
    shutil.rmtree(images / name, ignore_errors=True)
    shutil.copytree(images / IMAGE, images / name)


@pytest.mark.parametrize("name", MIRRORS)
def test_what_was_built_runs_under_another_name(shop: GoogleShop, name: str) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    digest = str(shop.build().data["digest"])
    mirror(shop, name)
    shop.deploy(f"{name}@{digest}")
    shop.execute()
    traced = shop.trace()
    traced.proves()
    assert traced.answers == ("yes", "yes", "yes")


@pytest.mark.parametrize("name", MIRRORS)
def test_what_was_built_before_runs_under_another_name(shop: GoogleShop, name: str) -> None:
    shop.lose()
    old = str(shop.face.cloud.builds()[0].digest)
    shop.fix()
    shop.push()
    shop.build()
    mirror(shop, name)
    shop.deploy(f"{name}@{old}")
    shop.execute()
    traced = shop.trace()
    traced.breaks("deployed", "wrong-environment", beside=("healed",))
    assert "spec-not-updated" in traced.link("deployed")["also"]


def test_a_tag_of_another_registry_is_not_guessed(shop: GoogleShop) -> None:
    shop.lose()
    shop.fix()
    shop.push()
    shop.build()
    mirror(shop, MIRRORS[1])
    shop.deploy(f"{MIRRORS[1]}:latest")
    shop.execute()
    traced = shop.trace()
    assert traced.verdict == "unproved", traced.said()
    assert not traced.broken(), traced.said()
