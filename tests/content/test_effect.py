"""The effect of a change in some content: by hand, and as laws over real merges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_world import Repo
from landed.content.effect import State, presence, states
from landed.content.repo import Changed, File, Repository
from landed.core.model import Presence


class Shelf:
    """Contents by id."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def file(self, text: bytes | str | None, mode: str = "100644") -> File | None:
        if text is None:
            return None
        content = text.encode() if isinstance(text, str) else text
        blob = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        self.contents[blob] = content
        return File(mode=mode, blob=blob)

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        return {blob: self.contents.get(blob) for blob in blobs}


@pytest.fixture(scope="module")
def merger() -> Iterator[Repository]:
    with TemporaryDirectory() as name:
        root = Path(name)
        Repo(root).git("init", "-q")
        with Repository.open(root) as repo:
            yield repo


OLD = "a\nb\nc\nd\ne\nf\ng\nh\n"
NEW = "a\nB\nc\nd\ne\nf\nG\nh\n"


def judge(
    merger: Repository,
    old: str | None,
    new: str | None,
    now: str | None,
    *,
    in_history: bool | None = True,
    whole: bool = False,
) -> Presence:
    shelf = Shelf()
    paths = [("x", shelf.file(old), shelf.file(new))]
    there = {"x": shelf.file(now)}
    found, because = presence(
        paths, there.get, shelf.read, merger.merge3, in_history=in_history, whole=whole
    )
    assert "x" in because
    return found


@pytest.mark.parametrize(
    ("now", "in_it", "not_in_it"),
    [
        (NEW, Presence.PRESENT, Presence.PRESENT),
        (NEW.replace("\n", "\r\n"), Presence.PRESENT, Presence.PRESENT),
        (NEW + "i\n", Presence.PRESENT, Presence.PRESENT),
        (OLD, Presence.REVERTED, Presence.ABSENT),
        (OLD.replace("\n", "\r\n"), Presence.REVERTED, Presence.ABSENT),
        (OLD + "i\n", Presence.REVERTED, Presence.ABSENT),
        (NEW.replace("B", "b"), Presence.REVERTED, Presence.ABSENT),
        (NEW.replace("B", "b").replace("G", "GG"), Presence.REVERTED, Presence.ABSENT),
        (NEW.replace("B", "BB").replace("G", "GG"), Presence.SUPERSEDED, Presence.ABSENT),
        ("all new\n", Presence.SUPERSEDED, Presence.ABSENT),
        (None, Presence.ABSENT, Presence.ABSENT),
    ],
)
def test_a_changed_file(
    merger: Repository, now: str | None, in_it: Presence, not_in_it: Presence
) -> None:
    assert judge(merger, OLD, NEW, now, in_history=True) is in_it
    assert judge(merger, OLD, NEW, now, in_history=False) is not_in_it


def test_a_file_that_a_whole_tree_no_longer_has_was_removed_later(merger: Repository) -> None:
    assert judge(merger, OLD, NEW, None, whole=True) is Presence.SUPERSEDED
    assert judge(merger, None, NEW, None, whole=True) is Presence.REVERTED


@pytest.mark.parametrize("in_history", [True, False, None])
def test_a_deletion_is_there_where_the_file_is_not(
    merger: Repository, *, in_history: bool | None
) -> None:
    assert judge(merger, OLD, None, None, in_history=in_history) is Presence.PRESENT
    assert judge(merger, OLD, None, OLD, in_history=in_history) is (
        Presence.REVERTED if in_history else Presence.ABSENT
    )


def test_a_file_that_came_back_otherwise_is_rewritten(merger: Repository) -> None:
    assert judge(merger, OLD, None, "else\n") is Presence.SUPERSEDED


def test_an_addition(merger: Repository) -> None:
    assert judge(merger, None, NEW, NEW, in_history=None) is Presence.PRESENT
    assert judge(merger, None, NEW, None) is Presence.REVERTED
    assert judge(merger, None, NEW, "else\n") is Presence.SUPERSEDED


def test_nobody_knows_and_it_was_rewritten(merger: Repository) -> None:
    assert judge(merger, OLD, NEW, "else\n", in_history=None) is Presence.UNKNOWN


def test_the_executable_bit_is_part_of_the_effect(merger: Repository) -> None:
    shelf = Shelf()
    plain, executable = shelf.file(NEW), shelf.file(NEW, "100755")
    change: list[Changed] = [("x", plain, executable)]

    def state(now: File | None) -> State:
        return states(change, {"x": now}.get, shelf.read, merger.merge3)["x"]

    assert state(executable) is State.THERE
    assert state(plain) in (State.UNDONE, State.PARTLY)
    assert state(shelf.file(NEW, "")) is State.UNREAD
    assert state(shelf.file(NEW, "120000")) is State.REWRITTEN
    # A bit that the change did not touch is not of its effect.
    assert states(
        [("x", shelf.file(OLD), plain)], {"x": executable}.get, shelf.read, merger.merge3
    ) == {"x": State.THERE}


def test_links_and_submodules_count_by_id(merger: Repository) -> None:
    shelf = Shelf()
    old, new, other = (shelf.file(text, "160000") for text in "abc")
    change: list[Changed] = [("x", old, new)]
    found = [
        states(change, {"x": f}.get, shelf.read, merger.merge3)["x"] for f in (new, old, other)
    ]
    assert found == [State.THERE, State.UNDONE, State.REWRITTEN]


def test_what_cannot_be_read_is_never_there(merger: Repository) -> None:
    shelf = Shelf()
    paths = [("x", shelf.file(OLD), shelf.file(NEW))]
    now = shelf.file(NEW + "i\n")
    for in_history in (True, False, None):
        found = presence(
            paths,
            lambda _: now,
            dict.fromkeys,
            merger.merge3,
            in_history=in_history,
        )
        assert found == (Presence.UNKNOWN, "x: cannot be read")


def test_binary_files_are_equal_or_rewritten(merger: Repository) -> None:
    assert judge(merger, "\0a\r\n", "\0b\r\n", "\0b\r\n") is Presence.PRESENT
    assert judge(merger, "\0a\r\n", "\0b\r\n", "\0b\n") is Presence.SUPERSEDED


def test_a_change_of_nothing_tells_nothing(merger: Repository) -> None:
    found = presence([], lambda _: None, merger.read, merger.merge3, in_history=True)
    assert found == (Presence.UNKNOWN, "the change changes no file")


def test_a_partial_revert_names_the_files(merger: Repository) -> None:
    shelf = Shelf()
    paths = [(name, shelf.file(OLD), shelf.file(NEW)) for name in ("kept", "lost")]
    there = {"kept": shelf.file(NEW), "lost": shelf.file(OLD)}
    found, because = presence(paths, there.get, shelf.read, merger.merge3, in_history=True)
    assert found is Presence.REVERTED
    assert because == "lost: as before the change; kept: not taken back"


def test_a_part_that_arrived_is_no_arrival(merger: Repository) -> None:
    shelf = Shelf()
    paths = [(name, shelf.file(OLD), shelf.file(NEW)) for name in ("one", "two")]
    for second, expected in ((OLD, Presence.ABSENT), ("else\n", Presence.UNKNOWN)):
        there = {"one": shelf.file(NEW), "two": shelf.file(second)}
        found, _ = presence(paths, there.get, shelf.read, merger.merge3, in_history=False)
        assert found is expected


lines = st.lists(st.sampled_from(["", "x", "y", "pass", "return", "end"]), max_size=8)
others = st.lists(st.sampled_from(["one", "two"]), max_size=8)


def text(parts: list[str]) -> bytes:
    return "".join(f"{part}\n" for part in parts).encode()


@settings(max_examples=60, deadline=None)
@given(one=lines, two=lines, more=others, known=st.sampled_from([True, False, None]))
def test_laws(
    merger: Repository, one: list[str], two: list[str], more: list[str], *, known: bool | None
) -> None:
    old, new = text(one), text(two)
    if old == new:
        return
    shelf = Shelf()
    paths: list[Changed] = [("x", shelf.file(old), shelf.file(new))]

    def judged(now: bytes) -> Presence:
        file = shelf.file(now)
        return presence(paths, lambda _: file, shelf.read, merger.merge3, in_history=known)[0]

    assert judged(new) is Presence.PRESENT
    assert judged(old) is (Presence.REVERTED if known else Presence.ABSENT)
    # Work before and after the change, with a wall between, leaves the change where it is.
    wall = b"".join(b"wall %d\n" % n for n in range(8))
    framed: list[Changed] = [("x", shelf.file(old + wall), shelf.file(new + wall))]
    beside = shelf.file(new + wall + text(more))
    undone = shelf.file(old + wall + text(more))
    there = presence(framed, lambda _: beside, shelf.read, merger.merge3, in_history=known)[0]
    gone = presence(framed, lambda _: undone, shelf.read, merger.merge3, in_history=known)[0]
    assert there is Presence.PRESENT
    assert gone is (Presence.REVERTED if known else Presence.ABSENT)


@settings(max_examples=60, deadline=None)
@given(lines, lines, lines)
def test_present_means_that_merging_it_again_alters_nothing(
    merger: Repository, one: list[str], two: list[str], three: list[str]
) -> None:
    old, new, now = text(one), text(two), text(three)
    shelf = Shelf()
    paths: list[Changed] = [("x", shelf.file(old), shelf.file(new))]
    file = shelf.file(now)
    found, _ = presence(paths, lambda _: file, shelf.read, merger.merge3, in_history=False)
    if found is Presence.PRESENT:
        assert now == new or merger.merge3(now, old, new) == now
