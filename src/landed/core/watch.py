"""A watch as it was recorded: a baseline, the checkpoints, and what has run since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from landed.core.model import Frozen


class Watched(Frozen):
    """One execution, as a watch counts it: it has ended, and its entries were read. A service has
    none that ends: there it is one hour of one revision, that began at `started_at`.

    An execution that could not be read, or that showed neither work nor an error and did not fail,
    is not in a watch: silence is not a clean run. `named` are the errors in it that a fix was meant
    to stop, by their names; `errors` are the identities of all others. `times` is how often an hour
    showed work or an error: two hours are compared only if about as much was done in them.
    """

    execution: str
    digest: str
    started_at: datetime
    named: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    times: int = 1


class Fix(Frozen):
    """A commit that the watch covers, and the names of the errors that it is meant to stop."""

    commit: str
    subject: str
    errors: tuple[str, ...] = ()


class Baseline(Frozen):
    """What is compared with: executions without the change, and the fixes that are covered."""

    executions: tuple[Watched, ...]
    fixes: tuple[Fix, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """What ran in it, in the order of first appearance."""
        return tuple(dict.fromkeys(watched.digest for watched in self.executions))


class Checkpoint(Frozen):
    """A moment at which the watch has to look. `unseen` says why a look saw nothing, and `away`
    that something else was deployed by then: no later look can see how it would have been.
    """

    due_at: datetime
    looked_at: datetime | None = None
    unseen: str = ""
    away: bool = False


class Watch(Frozen):
    """The watch over a change.

    `checkpoints` are all that were planned, in order; the last is the end. `executions` are those
    that ran what is watched since it was opened. `titles` pairs error identities with their words.
    `hourly` says that they are the hours of a service.
    """

    opened_at: datetime
    baseline: Baseline
    checkpoints: tuple[Checkpoint, ...]
    executions: tuple[Watched, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    hourly: bool = False

    def patience(self, number: int) -> datetime:
        """Until when a look counts for this checkpoint: until the next one is due.

        The last has as long as there was between it and the one before.
        """
        due = self.checkpoints[number].due_at
        if number + 1 < len(self.checkpoints):
            return self.checkpoints[number + 1].due_at
        return due + (due - (self.checkpoints[number - 1].due_at if number else self.opened_at))

    def looked(self, number: int) -> datetime | None:
        """When this checkpoint looked; None where it did not, or when it was too late or early."""
        checkpoint = self.checkpoints[number]
        looked = checkpoint.looked_at
        in_time = looked and checkpoint.due_at <= looked <= self.patience(number)
        return looked if in_time else None

    def missed(self, moment: datetime) -> tuple[Checkpoint, ...]:
        """The checkpoints that passed without a look."""
        return tuple(
            checkpoint
            for number, checkpoint in enumerate(self.checkpoints)
            if self.looked(number) is None and self.patience(number) < moment
        )

    def over(self, moment: datetime) -> bool:
        """Whether its last checkpoint looked, or can look no more."""
        last = len(self.checkpoints) - 1
        return last < 0 or self.looked(last) is not None or self.patience(last) < moment


def in_order(executions: Sequence[Watched]) -> tuple[Watched, ...]:
    """In the order in which they began."""
    return tuple(sorted(executions, key=lambda watched: (watched.started_at, watched.execution)))
