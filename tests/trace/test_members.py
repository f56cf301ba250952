from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from landed.core.model import Unseen
from landed.core.probe import BuildRecord
from landed.core.seen import Build, BuildState
from landed.trace.members import LOOK_BACK, Members
from landed.trace.nowhere import Nowhere
from landed.trace.select import of_image, serving

INDEX, AMD, ARM, PLAIN = (f"sha256:{letter * 64}" for letter in "1234")


class Shelf(Nowhere):
    """A place that shows what is in its indexes, and nothing else."""

    def __init__(self, members: dict[str, Sequence[str]]) -> None:
        self.held, self.asked = members, 0

    def members(self, digest: str) -> Sequence[str] | Unseen:  # type: ignore[override]
        self.asked += 1
        return self.held.get(digest, ())


def record(*pushed: str, digests: dict[str, str] | None = None) -> BuildRecord:
    build = Build(
        id="b1",
        state=BuildState.SUCCEEDED,
        started_at=datetime(2025, 1, 1, tzinfo=UTC),
        finished_at=None,
        pushed=pushed,
        names=tuple(digests or ()),
    )
    return BuildRecord(build=build, kind=None, digests=digests or {})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({INDEX: (AMD, ARM)})


def test_an_image_of_an_index_is_that_index(shelf: Shelf) -> None:
    members = Members(shelf, [record(INDEX)])
    assert members.as_pushed(AMD) == INDEX
    assert members.as_run(INDEX) == AMD
    (proof,) = members.evidence(AMD, INDEX)
    assert proof.facts == {"index": INDEX, "image": AMD}


def test_another_image_of_the_same_index_stays_a_stranger(shelf: Shelf) -> None:
    """Its files may differ, and only those of the first are looked at."""
    members = Members(shelf, [record(INDEX)])
    members.as_pushed(AMD)
    assert members.as_pushed(ARM) == ARM


def test_what_a_build_pushed_is_not_asked_for(shelf: Shelf) -> None:
    members = Members(shelf, [record(INDEX), record(PLAIN)])
    assert members.as_pushed(PLAIN) == PLAIN
    assert members.as_run(PLAIN) == PLAIN
    assert members.evidence(PLAIN, PLAIN) == ()
    assert members.as_pushed(None) is None
    assert shelf.asked == 0


def test_a_stranger_is_looked_for_in_a_few_indexes_alone_and_once() -> None:
    names = [f"sha256:{number:064d}" for number in range(50)]
    held: dict[str, Sequence[str]] = dict.fromkeys([*names, INDEX], (ARM, AMD))
    for name in names:
        held[name] = (ARM,)
    shelf = Shelf(held)
    members = Members(shelf, [*(record(name) for name in names), record(INDEX)])
    assert members.as_pushed(AMD) == AMD
    assert members.as_pushed(AMD) == AMD
    assert shelf.asked == LOOK_BACK


def test_where_plain_images_are_pushed_one_question_is_enough(shelf: Shelf) -> None:
    members = Members(shelf, [record(PLAIN), record(INDEX)])
    assert members.as_pushed(AMD) == AMD
    assert shelf.asked == 1


def test_what_a_build_pushed_and_nobody_sees_may_hold_it() -> None:
    members = Members(Nowhere(), [record(INDEX)])
    assert members.as_pushed(AMD) is None
    assert members.as_pushed(INDEX) == INDEX


def test_an_index_that_is_gone_hides_none_of_the_others(shelf: Shelf) -> None:
    gone = "sha256:" + "5" * 64
    shelf.held[gone] = Unseen(reason="it was cleaned up")  # type: ignore[assignment]
    members = Members(shelf, [record(gone), record(INDEX)])
    assert members.as_pushed(AMD) == INDEX


def test_of_several_images_that_a_build_pushed_one_is_meant() -> None:
    names = {"r/web:1": PLAIN, "r/worker:1": AMD}
    mine = of_image(record(PLAIN, AMD, digests=names), {"r/worker"})
    assert (mine.build.pushed, mine.build.names) == ((AMD,), ("r/worker:1",))
    assert of_image(record(PLAIN), {"r/worker"}).build.pushed == (PLAIN,)


def test_a_job_serves_nothing() -> None:
    assert serving([], Unseen(reason="no permission")) == ()
