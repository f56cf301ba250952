"""What a watch shows at each checkpoint, now, and as a whole: a call, and the sentence for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from landed.core.model import Frozen
from landed.core.statistics.boundary import PLANNED, allowed
from landed.core.statistics.compare import Call, Compared, frequent, stopped
from landed.core.statistics.exact import Hits, no_fewer_hits, seldom
from landed.core.statistics.sought import Sought, sought
from landed.core.watch import Watch
from landed.core.words import clock, count

GRAVITY = tuple(Call)
ALARMS = (Call.CAME_BACK, Call.WORSE, Call.NEVER_LOOKED)
"""What breaks a watch, the gravest first."""


class Decision(Frozen):
    """What could be said at one moment. `checkpoint` counts from 1; None is an unplanned look."""

    call: Call
    because: str
    at: datetime
    checkpoint: int | None
    compared: tuple[Compared, ...] = ()


@lru_cache(maxsize=16)
def decide(watch: Watch, moment: datetime) -> tuple[Decision, ...]:
    """A decision for each checkpoint that looked or was missed and, until the end, one for now.

    It is remembered for a moment: the rule and the diagnoses ask the same.
    """
    named, others = sought(watch)
    missed = watch.missed(moment)
    decisions = [
        _at_checkpoint(watch, named, others, number)
        for number, checkpoint in enumerate(watch.checkpoints)
        if watch.looked(number) or checkpoint in missed
    ]
    if not watch.over(moment):
        decisions.append(_look(watch, named, others, moment))
    return tuple(decisions)


def whole(decisions: Sequence[Decision]) -> Decision:
    """What they come to: the gravest alarm, the earliest of these, else the last decision.

    An "inconclusive" is overtaken by a later look: each reads all that ran until then.
    """
    alarms = [decision for decision in decisions if decision.call in ALARMS]
    return min(alarms, key=lambda alarm: ALARMS.index(alarm.call), default=decisions[-1])


def first_said(decisions: Sequence[Decision], call: Call) -> Compared | None:
    """The first time that this was said of an error."""
    every = (one for decision in decisions for one in decision.compared if one.call is call)
    return next(every, None)


def beside(decision: Decision, last: Decision) -> tuple[str, ...]:
    """What has to be told beside a decision: all that did not hold in the last one, and is new."""
    return tuple(
        one.because
        for one in last.compared
        if one.call is not Call.HELD or one.fresh
        if one.because not in decision.because
    )


def _at_checkpoint(
    watch: Watch, named: Sequence[Sought], others: Sequence[Sought], number: int
) -> Decision:
    """The decision at a planned look, or that it never was."""
    checkpoint, looked = watch.checkpoints[number], watch.looked(number)
    if looked is None:
        return Decision(
            call=Call.NEVER_LOOKED,
            because=f"nobody looked at the checkpoint of {clock(checkpoint.due_at)}",
            at=checkpoint.due_at,
            checkpoint=number + 1,
        )
    if checkpoint.unseen:
        return Decision(
            call=Call.INCONCLUSIVE,
            because=f"the look of {clock(looked)} saw nothing: {checkpoint.unseen}",
            at=looked,
            checkpoint=number + 1,
        )
    return _look(watch, named, others, looked, number + 1)


def _look(
    watch: Watch,
    named: Sequence[Sought],
    others: Sequence[Sought],
    moment: datetime,
    checkpoint: int | None = None,
) -> Decision:
    """Every error that is watched, before against after, as it stood at this moment."""
    chance = allowed(checkpoint or 0, len(watch.checkpoints), len(others))
    gone = [stopped(error, moment) for error in named]
    rest = [frequent(error, moment, chance, len(others)) for error in others]
    call, because = _said(gone, rest, others[-1], moment)
    return Decision(
        call=call, because=because, at=moment, checkpoint=checkpoint, compared=(*gone, *rest)
    )


def _said(
    gone: Sequence[Compared], rest: Sequence[Compared], last: Sought, moment: datetime
) -> tuple[Call, str]:
    """The gravest of what is said of each error, and the sentences that carry it."""
    both = [*gone, *rest]
    before, after = last.executions(moment)
    call = min((one.call for one in both), key=GRAVITY.index)
    if call is not Call.HELD:
        return call, "; ".join(one.because for one in both if one.call is call)
    beside = f"{count(after.of, last.each)} since, beside {before.of} before"
    # Had every execution since shown an error, would it have been noticed? Else silence is nothing.
    every = no_fewer_hits(Hits(hit=0, of=before.of), Hits(hit=after.of, of=after.of))
    if not seldom(every, PLANNED):
        return Call.INCONCLUSIVE, f"{beside}: too few to tell anything"
    stayed = f"nothing new and nothing more often in {beside}"
    return Call.HELD, "; ".join([*(one.because for one in gone), stayed])
