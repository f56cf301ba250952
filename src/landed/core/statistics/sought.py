"""The errors that a watch looks for, each with its two sides laid out once for all looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from landed.core.model import Frozen
from landed.core.statistics.exact import Hits
from landed.core.statistics.units import (
    CLUMPED,
    ONE_EVENT,
    Ran,
    Series,
    Shows,
    Unit,
    each_execution,
    each_hour,
    even,
    ran,
)
from landed.core.watch import Watch, Watched

Counted = tuple[Hits, Hits, Unit | None]
"""Both sides, before and since, and the unit; none where they were not counted to be compared."""


class Side(Frozen):
    """What ran before, or since: by executions and by hours."""

    executions: Series
    hours: Series

    def by(self, unit: Unit) -> Series:
        """Its draws in this unit."""
        return self.executions if unit is Unit.EXECUTION else self.hours

    def unit(self, moment: datetime, each: Unit) -> Unit | None:
        """The smallest unit in which it is not clumped; None where clumps outlast hours. `each` is
        what there is one of in it: of a service there are only hours.
        """
        units = Unit if each is Unit.EXECUTION else (Unit.HOUR,)
        return next((unit for unit in units if not self.by(unit).clumped(moment, CLUMPED)), None)


class Sought(Frozen):
    """An error, what it may be counted by (None: by nothing), and who shows it since. `each` is
    what there is one of: executions or, of a service, hours.

    `known` are the identities of the history, where this stands for every error that is not.
    """

    title: str
    unit: Unit | None
    each: Unit
    opened_at: datetime
    before: Side
    after: Side
    showing: tuple[Watched, ...]
    known: frozenset[str] | None = None

    def executions(self, moment: datetime) -> tuple[Hits, Hits]:
        """Both sides in executions."""
        return self.before.executions.until(self.opened_at), self.after.executions.until(moment)

    def counted(self, moment: datetime) -> Counted:
        """Both sides in the unit; in executions, and without a unit, where there is none."""
        return next(self.draws(moment), (*self.executions(moment), None))

    def draws(self, moment: datetime) -> Iterator[tuple[Hits, Hits, Unit]]:
        """Both sides in each unit that the history allows, the smallest first."""
        if self.unit is Unit.EXECUTION:
            yield *self.executions(moment), Unit.EXECUTION
        past, now = self.before.hours, self.after.hours
        if self.unit and even(past.busy(self.opened_at), now.busy(moment)):
            yield past.until(self.opened_at), now.until(moment), Unit.HOUR

    def clumped(self, moment: datetime, unit: Unit) -> bool:
        """Whether what came since is clumped in this unit: it may all be one event."""
        return self.after.by(unit).clumped(moment, ONE_EVENT)

    def shown(self, moment: datetime) -> tuple[Watched, ...]:
        """The executions since that show it."""
        return tuple(watched for watched in self.showing if watched.started_at <= moment)


def sought(watch: Watch) -> tuple[tuple[Sought, ...], tuple[Sought, ...]]:
    """The errors that the covered fixes are meant to stop, and all others.

    The others are those that were known before and, as one more, all that were not.
    """
    names = dict.fromkeys(name for fix in watch.baseline.fixes for name in fix.errors)
    times = Counter(i for watched in watch.baseline.executions for i in set(watched.errors))
    titles, laid = dict(watch.titles), _Laid.of(watch)
    new = _new(watch, times)
    return (
        tuple(_sought(laid, f"`{name}`", _named(name)) for name in names),
        (
            *(_sought(laid, titles.get(i, i), _has(i)) for i in sorted(times)),
            _sought(laid, "errors not seen before", new, known=frozenset(times)),
        ),
    )


def _named(name: str) -> Shows:
    return lambda watched: name in watched.named


def _has(identity: str) -> Shows:
    return lambda watched: identity in watched.errors


def _new(watch: Watch, times: Counter[str]) -> Shows:
    """Whether an execution shows an error that no other execution of the history shows.

    The history is asked the same question, so a project with a rare new error every day is not
    alarmed by one more.
    """
    rare = {identity for identity, number in times.items() if number == 1}
    # A service's revision has hours before and since.
    inside = {(one.execution, one.started_at) for one in watch.baseline.executions}

    def shows(watched: Watched) -> bool:
        if (watched.execution, watched.started_at) in inside:
            return not rare.isdisjoint(watched.errors)
        return any(identity not in times for identity in watched.errors)

    return shows


class _Laid(Frozen):
    """Both sides in order of time, laid out once for all errors."""

    opened_at: datetime
    each: Unit
    past: Ran
    now: Ran

    @classmethod
    def of(cls, watch: Watch) -> _Laid:
        return cls(
            opened_at=watch.opened_at,
            each=Unit.HOUR if watch.hourly else Unit.EXECUTION,
            past=ran(watch.baseline.executions),
            now=ran(watch.executions),
        )


def _sought(laid: _Laid, title: str, shows: Shows, known: frozenset[str] | None = None) -> Sought:
    past, opened_at = laid.past, laid.opened_at
    begin = past.executions[0].started_at if past.executions else opened_at
    before = Side(executions=each_execution(past, shows), hours=each_hour(past, shows, begin))
    return Sought(
        title=title,
        unit=before.unit(opened_at, laid.each),
        each=laid.each,
        opened_at=opened_at,
        before=before,
        after=Side(
            executions=each_execution(laid.now, shows),
            hours=each_hour(laid.now, shows, opened_at),
        ),
        showing=tuple(watched for watched in laid.now.executions if shows(watched)),
        known=known,
    )
