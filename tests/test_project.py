"""Which project of a shared database it is: the same one on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from landed.config import load
from landed.core.errors import UsageError
from landed.project import address, owner
from scenarios.shop import Shop


@pytest.mark.parametrize(
    "url",
    [
        "git@git.example:shop/worker.git",
        "git.example:shop/worker",
        "ssh://git@git.example/shop/worker.git",
        "ssh://git@git.example:22/shop/worker",
        "https://git.example/shop/worker.git",
        "https://user:secret@GIT.example:443/shop/worker/",
        "git://git.example/shop/worker",
    ],
)
def test_every_way_to_a_remote_is_the_same_project(url: str, tmp_path: Path) -> None:
    assert address(url, tmp_path) == "git.example/shop/worker"


def test_other_places_are_other_projects(tmp_path: Path) -> None:
    urls = ["https://git.example:8443/shop/worker", "https://git.example/shop/Worker",
            "../worker.git", "/srv/worker.git", "file:///srv/other.git"]  # fmt: skip
    found = [address(url, tmp_path / "clone") for url in urls]
    assert found == [
        "git.example:8443/shop/worker", "git.example/shop/Worker",
        f"{tmp_path}/worker.git", "/srv/worker.git", "/srv/other.git",
    ]  # fmt: skip


def test_it_is_the_remote_and_the_place_of_the_settings_in_it(shop: Shop) -> None:
    shop.git("remote", "set-url", "origin", "git@git.example:shop/mono.git")
    text = (shop.work / "landed.toml").read_text()
    shop.write("worker/landed.toml", text)
    shop.write("other.toml", text)

    def known(place: str) -> str:
        return owner(load(shop.work / place, shop.work)).id

    assert known("landed.toml") == "git.example/shop/mono"
    assert known("worker/landed.toml") == "git.example/shop/mono#worker"
    assert known("other.toml") == "git.example/shop/mono#other.toml"
    shop.write("landed.toml", text.replace("[source]\n", '[source]\nproject = "the/shop"\n'))
    assert known("landed.toml") == "the/shop"


def test_where_nobody_can_tell_it_has_to_be_said(shop: Shop) -> None:
    text = (shop.work / "landed.toml").read_text().replace('remote = "origin"\n', "")
    shop.write("landed.toml", text)
    shop.git("remote", "add", "second", "/srv/second.git")
    with pytest.raises(UsageError, match="several remotes") as refused:
        owner(load(shop.work / "landed.toml", shop.work))
    assert 'project = "NAME"' in refused.value.hint
    shop.git("remote", "remove", "second")
    shop.git("remote", "remove", "origin")
    with pytest.raises(UsageError, match="no remote"):
        owner(load(shop.work / "landed.toml", shop.work))


@pytest.mark.parametrize("url", ["https://user:hunter/2@git.example/x", "https://[::1/x"])
def test_a_remote_that_is_no_address_is_refused_without_its_secret(shop: Shop, url: str) -> None:
    shop.git("config", "remote.origin.url", url)
    with pytest.raises(UsageError, match="its remote is no address") as refused:
        owner(load(shop.work / "landed.toml", shop.work))
    assert "hunter" not in str(refused.value)


def test_a_commit_is_known_by_the_repository_that_has_it(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Shop(tmp_path / "other")
    own, foreign = shop.fix(), other.change("x = 1\n", "Something else")
    mine = owner(load(shop.work / "landed.toml", shop.work))
    assert mine.has(["None", "0" * 40, foreign, own])
    assert not mine.has([foreign, "--all", "f" * 40])
    assert not mine.has([])
