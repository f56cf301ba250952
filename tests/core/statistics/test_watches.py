"""Simulated watches: seldom wrong, however often somebody looks, and they see what is there.

`bench/watch_statistics.py` runs more of them.
"""

from __future__ import annotations

import pytest
from watches import World, alarm, clumps, naive, simulated, steady, unplanned

WATCHES = 100


def shares(world: World, rate: float, times: float, days: int = 1) -> tuple[float, float]:
    """How many of these watches alarm, and how many with a naive test of 5 %."""
    ours = theirs = 0
    for watch in simulated(world, rate, times=times, watches=WATCHES, days=days):
        ours += alarm(watch) is not None
        theirs += naive(watch)
    return ours / WATCHES, theirs / WATCHES


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_96_looks_raise_few_false_alarms_where_naive_testing_raises_many(rate: float) -> None:
    ours, theirs = shares(steady, rate, 1)
    assert ours <= 0.05
    assert theirs >= 0.08 > ours


def test_an_error_four_times_as_frequent_is_seen() -> None:
    ours, _ = shares(steady, 0.05, 4)
    assert ours >= 0.9


@pytest.mark.parametrize("minutes", [20, 60, 240])
def test_a_history_of_outages_raises_few_false_alarms(minutes: float) -> None:
    ours, theirs = shares(clumps(minutes), 0.05, 1, days=3)
    assert ours <= 0.05
    assert theirs >= 0.3


def test_who_looks_after_every_execution_is_not_alarmed_either() -> None:
    watches = list(simulated(steady, 0.1, times=1, watches=WATCHES, looks=1))
    assert sum(map(unplanned, watches)) / WATCHES <= 0.01
