from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError, Event, Lock

import pytest

from landed.content.image.reading import side_by_side


def test_they_are_read_at_once_and_come_in_order() -> None:
    """Each waits for the other two: one after another, none would ever be read."""
    meeting = Barrier(3, timeout=20)

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
