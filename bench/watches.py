"""Simulated watches, whose truth is known: nothing changed, or the rate is four times as high."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random

from landed.core.statistics.anytime import too_many
from landed.core.statistics.compare import GONE, Call
from landed.core.statistics.decide import decide
from landed.core.statistics.exact import Hits, no_fewer_hits, seldom
from landed.core.watch import Baseline, Checkpoint, Watch, Watched, in_order

OPENED = datetime(2025, 11, 4, 12, tzinfo=UTC)
AN_HOUR, DAY = 10, timedelta(hours=24)
FAILS = "timeout"

World = Callable[[Random, datetime, timedelta, float], tuple[Watched, ...]]


def executions(
    chance: Random, since: datetime, span: timedelta, shows: Callable[[datetime], bool]
) -> tuple[Watched, ...]:
    """Ten an hour on average, at moments of chance."""
    found, moment = [], since
    while (moment := moment + timedelta(hours=chance.expovariate(AN_HOUR))) < since + span:
        errors = (FAILS,) if shows(moment) else ()
        name = f"{moment:%m-%d %H:%M:%S.%f}"
        found.append(Watched(execution=name, digest="d", started_at=moment, errors=errors))
    return tuple(found)


def steady(chance: Random, since: datetime, span: timedelta, rate: float) -> tuple[Watched, ...]:
    """Each execution fails or not, whatever the others do."""
    return executions(chance, since, span, lambda _: chance.random() < rate)


def clumps(minutes: float, background: float = 0.01) -> World:
    """Outages of about so many minutes, in which eight of ten executions fail."""

    def world(chance: Random, since: datetime, span: timedelta, rate: float) -> tuple[Watched, ...]:
        # As many outages as bring about this share of failures.
        pause = timedelta(minutes=minutes * (0.8 - rate) / max(rate - background, 1e-6))
        outages, moment = [], since - timedelta(hours=12)
        while (moment := moment + pause * chance.expovariate(1)) < since + span:
            ends = moment + timedelta(minutes=minutes * chance.expovariate(1))
            outages.append((moment, ends))
            moment = ends

        def shows(at: datetime) -> bool:
            out = any(begin <= at < end for begin, end in outages)
            return chance.random() < (0.8 if out else background)

        return executions(chance, since, span, shows)

    return world


def watch(before: Iterable[Watched], after: Iterable[Watched], looks: int) -> Watch:
    """A watch of a day that looked each time on time."""
    dues = [OPENED + DAY * (number + 1) / looks for number in range(looks)]
    return Watch(
        opened_at=OPENED,
        baseline=Baseline(executions=tuple(before)),
        checkpoints=tuple(Checkpoint(due_at=due, looked_at=due) for due in dues),
        executions=tuple(after),
    )


def alarm(of: Watch) -> int | None:
    """The first checkpoint that says "worse"; None where none does."""
    said = decide(of, OPENED + DAY)
    return next((d.checkpoint for d in said if d.call is Call.WORSE), None)


def naive(of: Watch) -> bool:
    """Whether a test of 5 % at each checkpoint, as if it were the only one, says "worse"."""
    before, runs = _hits(of.baseline.executions), in_order(of.executions)
    counts = {
        _hits([run for run in runs if run.started_at <= checkpoint.due_at])
        for checkpoint in of.checkpoints
    }
    return any(seldom(no_fewer_hits(before, after, enough=2 * GONE), GONE) for after in counts)


def unplanned(of: Watch) -> bool:
    """Whether the anytime check says "worse" to somebody who looks after every execution."""
    before, after = _hits(of.baseline.executions), Hits(hit=0, of=0)
    for run in in_order(of.executions):
        after = Hits(hit=after.hit + bool(run.errors), of=after.of + 1)
        if run.errors and too_many(before, after, 1):
            return True
    return False


def _hits(runs: Iterable[Watched]) -> Hits:
    shown = [bool(run.errors) for run in runs]
    return Hits(hit=sum(shown), of=len(shown))


def simulated(
    world: World, rate: float, *, times: float, watches: int, days: int = 1, looks: int = 96
) -> Iterable[Watch]:
    """Watches of one kind; since they were opened, the rate is so many times as high.

    Where nothing changed, it is one world all along: an outage goes on while a watch is opened.
    """
    chance = Random(f"{rate} {times} {days} {looks}")
    begun = OPENED - DAY * days
    for _ in range(watches):
        every = world(chance, begun, DAY * (days + 1), rate)
        since = world(chance, OPENED, DAY, rate * times) if times != 1 else every
        yield watch(
            [run for run in every if run.started_at < OPENED],
            [run for run in since if run.started_at >= OPENED],
            looks,
        )
