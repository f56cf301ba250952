"""What counts as one draw, and from which moment on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from landed.core.statistics.exact import Hits
from landed.core.statistics.units import UNEVEN, each_execution, each_hour, even, ran
from landed.core.watch import Watched

NOON = datetime(2025, 11, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JUST = timedelta(microseconds=1)
# Minutes after noon; what ends in .5 s stands at the last microsecond of an hour.
STARTED = (0, 59, 60, 150, 170, 171)
SHOWING = {59, 150, 171}


def watched(minute: int) -> Watched:
    last = timedelta(seconds=59, microseconds=999_999) if minute == 59 else timedelta()
    return Watched(
        execution=f"e{minute}",
        digest="d",
        started_at=NOON + minute * MINUTE + last,
        errors=("x",) if minute in SHOWING else (),
    )


def shows(one: Watched) -> bool:
    return bool(one.errors)


RAN = ran([watched(minute) for minute in reversed(STARTED)])


def test_executions_count_from_their_beginning_on() -> None:
    series = each_execution(RAN, shows)
    assert [one.execution for one in RAN.executions] == [f"e{minute}" for minute in STARTED]
    assert series.until(NOON - JUST) == Hits(hit=0, of=0)
    assert series.until(NOON) == Hits(hit=0, of=1)
    assert series.until(NOON + 60 * MINUTE) == Hits(hit=1, of=3)
    assert series.until(NOON + 999 * MINUTE) == Hits(hit=3, of=6)
    assert (series.busy(NOON), series.busy(NOON - JUST)) == (1, 0)


def test_hours_count_from_their_end_on_and_only_whole_ones() -> None:
    series = each_hour(RAN, shows, NOON)
    assert series.since == tuple(NOON + hours * 60 * MINUTE for hours in (1, 2, 3))
    assert series.hits == (0, 1, 1, 2)
    assert series.executions == (0, 2, 3, 6)
    assert series.until(NOON + 60 * MINUTE - JUST) == Hits(hit=0, of=0)
    assert series.busy(NOON + 120 * MINUTE) == 1.5
    assert each_hour(RAN, shows, NOON + JUST).until(NOON + 999 * MINUTE) == Hits(hit=1, of=2)


CLUMPS = (
    # Of six orders of two hits among four, two have so few changes; of ten among five, two.
    ("..XX", 0.34, True),
    ("..XX", 0.33, False),
    ("...XX", 0.21, True),
    ("...XX", 0.19, False),
    ("XXXX", 0.9, False),
    ("X.X.X.", 0.9, False),
)


def test_hits_that_follow_hits_are_a_clump() -> None:
    for text, chance, clumped in CLUMPS:
        shown = [
            Watched(
                execution=f"{n}",
                digest="d",
                started_at=NOON + n * MINUTE,
                errors=("x",) if letter == "X" else (),
            )
            for n, letter in enumerate(f"{text}.X.X.X.X")
        ]
        series = each_execution(ran(shown), shows)
        assert series.clumped(NOON + (len(text) - 1) * MINUTE, chance) is clumped, text


def test_hours_are_alike_up_to_half_as_many_more() -> None:
    assert UNEVEN == 1.5
    assert even(10, 15)
    assert even(15, 10)
    assert not even(10, 15.1)
    assert not even(15.1, 10)
    assert even(0, 0)
