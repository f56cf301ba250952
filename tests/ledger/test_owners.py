"""A ledger of several projects: each reads its own entries, and the chain is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from landed.core.errors import LandedError
from landed.ledger.store import Ledger
from landed.project import Owner

if TYPE_CHECKING:
    from postgres import Server


class Known(Owner):
    """A project whose repository has these commits."""

    commits: tuple[str, ...] = ()

    def has(self, commits: object) -> bool:
        return bool(set(self.commits) & set(commits))  # type: ignore[call-overload]


def test_each_project_sees_its_own_and_one_inherits_what_says_no_project(
    postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.database()
    body = {"environment": "dev", "deployable": "worker"}
    old = Ledger(url)
    before = old.append("watch", {**body, "key": "w1", "commit": "a" * 40})
    one = Ledger(url, Known(id="one", folder=tmp_path, commits=("a" * 40,)))
    other = Ledger(url, Known(id="other", folder=tmp_path, commits=("b" * 40,)))
    assert other.newest(9) == []
    assert one.newest(9) == [before]
    theirs = other.append("watch", {**body, "key": "w2", "commit": "b" * 40})
    mine = one.append("watch", {**body, "key": "w3", "commit": "c" * 40})
    assert (theirs.document()["project"], mine.document()["project"]) == ("other", "one")
    assert other.newest(1, "watch", environment="dev", deployable="worker") == [theirs]
    assert [entry.id for entry in one.newest(9)] == [3, 1]
    assert (one.keyed("w2"), other.keyed("w2"), one.keyed("w1")) == ([], [theirs], [before])
    assert (one.attempts("w3"), other.attempts("w3")) == ([mine], [])
    assert other.verify().entries == 3
    for ledger in (old, one, other):
        ledger.close()


def test_a_file_that_a_full_disk_left_empty_is_an_empty_ledger(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    place.touch()
    with Ledger(place) as ledger:
        assert ledger.newest(1) == []
        ledger.append("trace", {})
        assert len(ledger.newest(1)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:S3cret@127.0.0.1:1/x",
        "postgresql://u@127.0.0.1:1/x?password=S3cret",
        "postgresql://u:S3cret@127.0.0.1:1/x?foo=S3cret",
    ],
)
def test_no_part_of_a_url_that_may_be_secret_is_shown(url: str) -> None:
    with Ledger(url) as ledger, pytest.raises(LandedError) as failed:
        ledger.newest(1)
    assert ledger.name == "postgresql://127.0.0.1/x"
    assert "S3cret" not in f"{failed.value.message} {failed.value.hint}"
