"""One error, before against after: gone, back, worse, new, or nobody can tell yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache

from landed.core.model import Frozen
from landed.core.statistics.anytime import too_many
from landed.core.statistics.exact import (
    Hits,
    clean_needed,
    no_fewer_hits,
    no_more_hits,
    seldom,
)
from landed.core.statistics.sought import Counted, Sought
from landed.core.statistics.units import Unit
from landed.core.watch import Watched
from landed.core.words import clock, count, listed

GONE = 0.05
"""An error is gone if chance explains its silence with at most this probability."""


class Call(StrEnum):
    """What is said of an error, of a checkpoint, or of a whole watch; the gravest first."""

    CAME_BACK = "came back"
    WORSE = "worse"
    NEVER_LOOKED = "never looked"
    INCONCLUSIVE = "inconclusive"
    HELD = "held"


class Compared(Frozen):
    """One error before against after: the call, the counts that it rests on, and the sentence.

    `unit` is what was counted; without one the counts are of executions, and were not compared.
    `fresh` are the identities in it that were never seen before, `first` the execution that shows
    it first.
    """

    call: Call
    because: str
    before: Hits
    after: Hits
    unit: Unit | None
    fresh: tuple[str, ...] = ()
    first: str = ""


def stopped(error: Sought, moment: datetime) -> Compared:
    """An error that a fix is meant to stop: one hit is enough to say that it did not."""
    again = error.shown(moment)
    if again:
        before, after = error.executions(moment)
        said = _said(f"{error.title} came back", before, after, error.each)
        return Compared(
            call=Call.CAME_BACK,
            because=f"{said} (first in {again[0].execution} at {clock(again[0].started_at)})",
            before=before,
            after=after,
            unit=error.each,
            first=again[0].execution,
        )
    before, after, unit = error.counted(moment)

    def compared(call: Call, because: str) -> Compared:
        return Compared(call=call, because=because, before=before, after=after, unit=unit)

    said = _counted(error, (before, after, unit), moment)
    if not before.of or not after.of:
        ran_since = error.executions(moment)[1].of
        why = _NO_HOUR if unit is Unit.HOUR and ran_since else "nothing to compare yet"
        return compared(Call.INCONCLUSIVE, f"{said}: {why}")
    if not before.hit:
        return compared(Call.INCONCLUSIVE, f"{said}: what was never there cannot be gone")
    if unit is None and error.each is Unit.HOUR:
        return compared(Call.INCONCLUSIVE, f"{said}: these hours are not alike")
    if unit is None:
        return compared(
            Call.INCONCLUSIVE, f"{said}: it came in clumps, and hours cannot be compared either"
        )
    chance = no_more_hits(before, after)
    if seldom(chance, GONE):
        gone = _said(f"{error.title} is gone", before, after, unit)
        return compared(Call.HELD, f"{gone} ({_odds(chance)})")
    more = count(clean_needed(before, after.of, GONE), f"more clean {unit}")
    return compared(Call.INCONCLUSIVE, f"{said}: cannot tell yet, {more}")


def frequent(error: Sought, moment: datetime, allowed: float, errors: int) -> Compared:
    """Any other error: whether it comes more often than before.

    `allowed` is the p-value that is an alarm at this look, `errors` among how many the chance of
    a false alarm is shared.
    """
    counted = error.counted(moment)
    before, after, unit = counted
    shown = error.shown(moment)
    fresh = _fresh(error, shown)
    new = ""
    if fresh:
        past, now = error.executions(moment)
        names = [f"{name} in {times} of {now.of} {error.each}s" for name, times in fresh.items()]
        new = f"new: {listed(names)} since, in 0 of {past.of} before"

    def compared(call: Call, because: str, by: Counted = counted) -> Compared:
        return Compared(
            call=call,
            because=f"{new or _counted(error, by, moment)}{because}",
            before=by[0],
            after=by[1],
            unit=by[2],
            fresh=tuple(fresh),
            first=shown[0].execution if shown else "",
        )

    if not shown:
        return compared(Call.HELD, "")
    higher = after.rate > before.rate or (fresh and not before.hit)
    if not before.of or not after.of or not unit:
        call = Call.INCONCLUSIVE if higher else Call.HELD
        return compared(call, ": that cannot be compared")

    @cache
    def too_often(past: Hits, now: Hits) -> bool:
        if now.rate <= past.rate:
            return False
        chance = no_fewer_hits(past, now, enough=2 * allowed)
        return seldom(chance, allowed) or too_many(past, now, errors)

    clear = _clear(error, moment, too_often)
    if clear:
        odds = _odds(no_fewer_hits(clear[0], clear[1]))
        return compared(Call.WORSE, f": more than chance explains ({odds})", clear)
    if too_often(before, after) or too_often(*error.executions(moment)):
        # Hours say nothing where most had a hit before. That is no reason to call it unchanged.
        words = f": more {error.each}s show it, which may be a clump"
        return compared(Call.INCONCLUSIVE, words)
    call = Call.INCONCLUSIVE if fresh and higher else Call.HELD
    return compared(call, ": no more than chance explains")


def _clear(
    error: Sought, moment: datetime, too_often: Callable[[Hits, Hits], bool]
) -> Counted | None:
    """The counts by which it comes too often, and not all at once; None where there are none."""
    for before, after, unit in error.draws(moment):
        if not too_often(before, after):
            return None
        if not error.clumped(moment, unit):
            return before, after, unit
    return None


def _fresh(error: Sought, shown: Sequence[Watched]) -> dict[str, int]:
    """The identities never seen before, the most frequent first, with their executions."""
    if error.known is None:
        return {}
    times = Counter(i for watched in shown for i in set(watched.errors) - error.known)
    return dict(sorted(times.items(), key=lambda item: (-item[1], item[0])))


_NO_HOUR = "nothing to compare yet, as it came in clumps: so whole hours count, and there is none"


def _counted(error: Sought, counted: Counted, moment: datetime) -> str:
    """What was compared with what; where no whole hour is there to be counted, what ran is said."""
    before, after, unit = counted
    if not before.of:
        # Where no hour was whole before, hours are alike only if none is since.
        (before, after), unit = error.executions(moment), None
    return _said(error.title, before, after, unit or error.each)


def _said(what: str, before: Hits, after: Hits, unit: Unit) -> str:
    """What was compared with what."""
    now = count(after.of, unit)
    return f"{what}: in {after.hit} of {now} since, in {before.hit} of {before.of} before"


def _odds(chance: float) -> str:
    """A small chance as people say it."""
    if chance < 1e-6:
        return "by chance less than once in a million times"
    return f"by chance once in {round(1 / chance):,} times"
