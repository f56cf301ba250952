from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Lock
from typing import IO

import pytest

from content.image.test_image import Image, member, packed
from landed.content.image.layout import Layout
from landed.content.image.reading import side_by_side
from landed.core.errors import DataError


def test_they_are_read_at_once_and_come_in_order() -> None:
    """Each waits for the other two: one after another, none would ever be read."""
    meeting = Barrier(3, timeout=120)

    def read(one: int, _: Callable[[], bool]) -> int:
        meeting.wait()
        return one

    assert list(side_by_side(read, range(6), 3)) == list(range(6))


def test_no_more_than_the_bound_are_read_or_wait_to_be_taken() -> None:
    lock, begun = Lock(), 0

    def read(one: int, _: Callable[[], bool]) -> int:
        nonlocal begun
        with lock:
            begun += 1
        return one

    for number, one in enumerate(side_by_side(read, range(30), 4)):
        assert one == number
        assert begun <= number + 4


def test_who_is_still_read_when_one_fails_is_told_to_end() -> None:
    begun, ended = Event(), Event()

    def read(one: int, stopped: Callable[[], bool]) -> int:
        if one == 0:
            begun.wait()
            raise ValueError("this one is bad")
        begun.set()
        while not stopped():
            pass
        ended.set()
        return one

    with pytest.raises(ValueError, match="bad"):
        list(side_by_side(read, range(2), 2))
    assert ended.is_set()


def test_one_at_a_time_is_one_at_a_time() -> None:
    meeting = Barrier(2)

    def read(_one: int, _: Callable[[], bool]) -> bool:
        try:
            meeting.wait(0.05)
        except BrokenBarrierError:
            return False
        return True

    assert list(side_by_side(read, range(3), 1)) == [False] * 3


class Meeting(Layout):
    """A place whose layers are only given where two are asked for at once."""

    meeting = Barrier(2, timeout=120)

    def blob(self, digest: str) -> AbstractContextManager[IO[bytes]]:
        if self.blob_path(digest).read_bytes()[:2] == b"\x1f\x8b":
            self.meeting.wait()
        return super().blob(digest)


def test_layers_from_afar_are_asked_for_at_once_and_stacked_in_order(tmp_path: Path) -> None:
    image = Image(tmp_path)
    plains = [packed(member("app/job.py", b"%d" % n), member(f"app/{n}", b"")) for n in range(4)]
    digest = image.of(*plains)
    one_by_one = image.layout.image(digest).files("sha1")
    at_once = Meeting(tmp_path).image(digest).files("sha1", at_once=2)
    assert at_once == one_by_one
    assert at_once["app/job.py"].layer == 3


def test_a_layer_that_is_not_what_it_should_be_is_never_passed_over(tmp_path: Path) -> None:
    image = Image(tmp_path)
    digest = image.of(*(packed(member(f"app/{number}", b"x")) for number in range(6)))
    bad = image.layout.image(digest).manifest.layers[4].digest.removeprefix("sha256:")
    (tmp_path / "blobs" / "sha256" / bad).write_bytes(b"\x1f\x8b rubbish")
    with pytest.raises(DataError):
        image.layout.image(digest).files("sha1", at_once=4)
