"""A watch as it is kept in the ledger: what it covers, what it compares with, and its looks.

Pure: entries in, state out. What follows from it is judged by `held`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from landed.config import ShipSettings
from landed.core.model import Frozen, NamedError, learned
from landed.core.watch import Baseline, Checkpoint, Fix, Watch, Watched


class Opened(Frozen):
    """A watch as it was opened. `named` are the errors of all fixes that it covers. `hourly` says
    that it is over a service, whose hours are counted. `logs` is the place's own command that reads
    the log of an `{execution}`, so that a remedy can name it without asking the place. `because` is
    what else the end of the one before says than that this one was opened.
    """

    id: str
    deployable: str
    environment: str
    commit: str
    subject: str
    digest: str
    fixes: tuple[Fix, ...]
    named: tuple[NamedError, ...]
    opened_at: datetime
    every: timedelta
    checkpoints: int
    baseline: tuple[Watched, ...] = ()
    hourly: bool = False
    logs: str = ""
    because: str = ""

    @property
    def counts(self) -> str:
        """What it counts, in a word."""
        return "hour" if self.hourly else "execution"

    def due_at(self, number: int) -> datetime:
        """When a checkpoint is due; they count from 1, and the last one is the end."""
        return self.opened_at + number * self.every

    @property
    def ends_at(self) -> datetime:
        """When the last checkpoint is due."""
        return self.due_at(self.checkpoints)

    def key(self, number: int) -> str:
        """What a look is known by."""
        return look_key(self.id, number)


def look_key(watch: str, number: int) -> str:
    """What a look of a watch is known by, in the ledger and in the database of workflows."""
    return f"{watch}/{number}"


class Look(Frozen):
    """What a checkpoint saw: the executions since the one before it. `unseen` says why it saw
    nothing, `elsewhere` what is deployed by now in place of the digest that is watched.
    """

    watch: str
    number: int
    due_at: datetime
    looked_at: datetime
    executions: tuple[Watched, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    unseen: str = ""
    elsewhere: str = ""


learned(Look, Opened)


class Kept(Frozen):
    """A watch with its looks so far, and what ended it, if anything did."""

    opened: Opened
    looks: tuple[Look, ...] = ()
    closed_at: datetime | None = None
    closed_because: str = ""

    def look(self, number: int) -> Look | None:
        """The look of a checkpoint."""
        return next((look for look in self.looks if look.number == number), None)

    def next(self, moment: datetime) -> int | None:
        """The checkpoint that looks next: one that is too late is past. None at the end."""
        if self.closed_at is not None:
            return None
        waiting = (
            number
            for number in range(1, self.opened.checkpoints + 1)
            if self.look(number) is None and self.opened.due_at(number + 1) > moment
        )
        return next(waiting, None)

    def record(self) -> Watch:
        """The watch as it is judged."""
        opened, checkpoints = self.opened, []
        for number in range(1, opened.checkpoints + 1):
            look = self.look(number)
            checkpoints.append(
                Checkpoint(
                    due_at=opened.due_at(number),
                    looked_at=look.looked_at if look else None,
                    unseen=look.unseen if look else "",
                    away=bool(look and look.elsewhere and not look.executions),
                )
            )
        return Watch(
            opened_at=opened.opened_at,
            baseline=Baseline(executions=opened.baseline, fixes=opened.fixes),
            checkpoints=tuple(checkpoints),
            executions=tuple(ran for look in self.looks for ran in look.executions),
            titles=tuple(dict(pair for look in self.looks for pair in look.titles).items()),
            hourly=opened.hourly,
        )


def planned(settings: ShipSettings) -> tuple[timedelta, int]:
    """The time between two checkpoints, and how many fit into a watch: one at least."""
    every = timedelta(hours=settings.checkpoint_hours)
    return every, max(round(timedelta(hours=settings.watch_hours) / every), 1)


def covered(fixes: Sequence[Fix], named: Sequence[NamedError]) -> tuple[NamedError, ...]:
    """The errors that these fixes name."""
    names = {name for fix in fixes for name in fix.errors}
    return tuple(dict.fromkeys(error for error in named if error.name in names))
