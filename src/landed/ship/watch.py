"""A watch as it is kept in the ledger: what it covers, what it compares with, and its looks.

Pure: entries in, state out. The statistics over it are not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from landed.config import ShipSettings
from landed.core.model import Frozen, NamedError


class Fix(Frozen):
    """A commit that a watch covers, and the errors that it is meant to stop."""

    commit: str
    subject: str
    errors: tuple[NamedError, ...] = ()


class Ran(Frozen):
    """An execution that ended and was read: `named` are errors that some fix was meant to stop, by
    name; `errors` are the identities of all others.
    """

    execution: str
    digest: str
    started_at: datetime
    named: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class Opened(Frozen):
    """A watch as it was opened. `baseline` are the executions without the change."""

    id: str
    deployable: str
    environment: str
    commit: str
    subject: str
    digest: str
    fixes: tuple[Fix, ...]
    opened_at: datetime
    every: timedelta
    checkpoints: int
    baseline: tuple[Ran, ...] = ()

    def due_at(self, number: int) -> datetime:
        """When a checkpoint is due; they count from 1, and the last one is the end."""
        return self.opened_at + number * self.every

    @property
    def ends_at(self) -> datetime:
        """When the last checkpoint is due."""
        return self.due_at(self.checkpoints)

    def key(self, number: int) -> str:
        """What a look is known by."""
        return f"{self.id}/{number}"


class Look(Frozen):
    """What a checkpoint saw: the executions since the one before it. `unseen` says why it saw
    nothing, `elsewhere` what runs now in place of the digest that is watched.
    """

    watch: str
    number: int
    due_at: datetime
    looked_at: datetime
    executions: tuple[Ran, ...] = ()
    titles: dict[str, str] = {}
    unseen: str = ""
    elsewhere: str = ""


class Kept(Frozen):
    """A watch with its looks so far, and what ended it early, if anything did."""

    opened: Opened
    looks: tuple[Look, ...] = ()
    closed_at: datetime | None = None
    closed_because: str = ""

    def look(self, number: int) -> Look | None:
        """The look of a checkpoint."""
        return next((look for look in self.looks if look.number == number), None)

    def in_time(self, number: int) -> bool:
        """Whether a checkpoint looked, and saw, before the next one was due."""
        look = self.look(number)
        late = self.opened.due_at(number + 1)
        return look is not None and not look.unseen and look.looked_at <= late

    def due(self, moment: datetime) -> int:
        """How many checkpoints should have looked by now: the newest one still has time."""
        until = min(moment, self.closed_at or moment)
        passed = max((until - self.opened.opened_at) // self.opened.every, 0)
        newest = min(passed, self.opened.checkpoints)
        waits = newest and self.look(newest) is None and until <= self.opened.due_at(newest + 1)
        return newest - 1 if waits else newest

    def missed(self, moment: datetime) -> tuple[int, ...]:
        """The checkpoints that passed without a look."""
        return tuple(n for n in range(1, self.due(moment) + 1) if not self.in_time(n))

    def next(self, moment: datetime) -> int | None:
        """The checkpoint that looks next; None where the watch is over."""
        if self.over(moment):
            return None
        waiting = range(1, self.opened.checkpoints + 1)
        return next(
            (n for n in waiting if self.look(n) is None and self.opened.due_at(n + 1) > moment),
            None,
        )

    def over(self, moment: datetime) -> bool:
        """Whether it has ended: it was closed, or its last checkpoint looked or cannot any more."""
        last = self.opened.checkpoints
        return (
            self.closed_at is not None
            or self.look(last) is not None
            or moment > self.opened.due_at(last + 1)
        )


def opened(
    *,
    id: str,  # noqa: A002 - it is the watch's field
    deployable: str,
    environment: str,
    commit: str,
    subject: str,
    digest: str,
    fixes: Sequence[Fix],
    baseline: Sequence[Ran],
    settings: ShipSettings,
    at: datetime,
) -> Opened:
    """A watch that begins `at`, with the checkpoints that fit into its hours, one at least."""
    every = timedelta(hours=settings.checkpoint_hours)
    return Opened(
        id=id,
        deployable=deployable,
        environment=environment,
        commit=commit,
        subject=subject,
        digest=digest,
        fixes=tuple(fixes),
        baseline=tuple(baseline),
        opened_at=at,
        every=every,
        checkpoints=max(round(timedelta(hours=settings.watch_hours) / every), 1),
    )
