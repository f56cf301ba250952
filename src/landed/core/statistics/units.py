"""What may be counted: executions, hours, or nothing, as the history shows.

Tests of counts take each execution for a draw of its own. Errors that come in clumps (a database
is away for twenty minutes) break that: forty failed executions are then one event. So the history
is asked whether hits follow hits more often than chance deals them. If they do, hours are counted
instead of executions; if hit hours follow hit hours as well, nothing can be counted. What came
since is asked the same before it is called worse: the first outage of all is in no history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise

from landed.core.model import Frozen
from landed.core.statistics.exact import Hits, clumped
from landed.core.watch import Watched, in_order

Shows = Callable[[Watched], bool]
HOUR = timedelta(hours=1)
CLUMPED = 0.2
"""From this chance on the hits of a history are taken for clumps. A wrong "clumped" costs time, no
false alarm."""

ONE_EVENT = 0.1
"""From this chance on the hits since are taken for clumps. A wrong one costs an alarm."""

UNEVEN = 1.5
"""Hours are no longer alike where one holds so many times the executions of the other."""


class Unit(StrEnum):
    """What counts as one draw."""

    EXECUTION = "execution"
    HOUR = "hour"


class Series(Frozen):
    """Draws, each with the moment from which on it counts; hits and executions are running totals.

    Built once for an error. Each look then finds its counts by bisection.
    """

    since: tuple[datetime, ...]
    hits: tuple[int, ...]
    executions: tuple[int, ...]

    def until(self, moment: datetime) -> Hits:
        """The draws that counted by then."""
        number = bisect_right(self.since, moment)
        return Hits(hit=self.hits[number], of=number)

    def clumped(self, moment: datetime, chance: float) -> bool:
        """Whether hits follow hits in the draws that counted by then, as chance has it with at
        most this probability.
        """
        hits = self.hits[: bisect_right(self.since, moment) + 1]
        return clumped([b > a for a, b in pairwise(hits)], enough=2 * chance) <= chance

    def busy(self, moment: datetime) -> float:
        """How many executions there were for each draw by then."""
        number = bisect_right(self.since, moment)
        return self.executions[number] / max(1, number)


def hour_of(moment: datetime) -> datetime:
    """When the hour by the clock began."""
    return moment.replace(minute=0, second=0, microsecond=0)


class Ran(Frozen):
    """Executions in order of time, each with the hour in which it began."""

    executions: tuple[Watched, ...]
    hours: tuple[datetime, ...]


def ran(executions: Sequence[Watched]) -> Ran:
    """Puts executions into order."""
    ordered = in_order(executions)
    return Ran(
        executions=ordered,
        hours=tuple(hour_of(watched.started_at) for watched in ordered),
    )


def each_execution(of: Ran, shows: Shows) -> Series:
    """Executions as draws."""
    return _series([(watched.started_at, shows(watched), 1) for watched in of.executions])


def each_hour(of: Ran, shows: Shows, begin: datetime) -> Series:
    """The hours in which something ran, as draws: whole ones, each counted from its end on."""
    hours: dict[datetime, list[Watched]] = {}
    for watched, hour in zip(of.executions, of.hours, strict=True):
        if hour >= begin:
            hours.setdefault(hour, []).append(watched)
    return _series(
        [
            (hour + HOUR, any(map(shows, inside)), sum(watched.times for watched in inside))
            for hour, inside in hours.items()
        ]
    )


def _series(draws: Sequence[tuple[datetime, bool, int]]) -> Series:
    return Series(
        since=tuple(since for since, _, _ in draws),
        hits=tuple(accumulate((hit for _, hit, _ in draws), initial=0)),
        executions=tuple(accumulate((number for _, _, number in draws), initial=0)),
    )


def even(before: float, after: float) -> bool:
    """Whether about as many executions fall into an hour now as did before."""
    return max(before, after) <= UNEVEN * min(before, after)
