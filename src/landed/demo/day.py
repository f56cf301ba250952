"""A day of watching in a few seconds. Only the clock is driven: what runs really runs, what looks
really looks, and it is judged as ever.

A time that never was must not stand where proof is kept. So these looks are written into a ledger
of their own, which is thrown away with the day. The project's own ledger has the watch as it is:
just opened, with its first checkpoint hours ahead.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from landed.core.model import Finding, Frozen
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide
from landed.ledger.store import Ledger
from landed.ship import records
from landed.ship.hands import Hands
from landed.ship.watch import Kept, Opened
from landed.ship.watching import checkpoint, finding


class Looked(Frozen):
    """A checkpoint: how long after the opening, how much had run until then, and what is said."""

    after: timedelta
    executions: int
    clean: int
    call: Call


class _Driven:
    """The hands of a project with another ledger, and a clock that stands until it is turned."""

    def __init__(self, hands: Hands, ledger: Ledger, moment: datetime) -> None:
        self.settings, self.bench, self.ahead = hands.settings, hands.bench, hands.ahead
        self.ledger, self.moment = ledger, moment

    def now(self) -> datetime:
        """Where the clock was turned to."""
        return self.moment


def drive(
    watch: Opened, hands: Hands, work: Callable[[], None], told: Callable[[Looked], None]
) -> Finding:
    """Has `work` done before each checkpoint, turns the clock to it, and looks. Returns what is
    said of the watch at its end.
    """
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.db") as ledger:
        driven = _Driven(hands, ledger, watch.opened_at)
        records.open_watch(ledger, watch)
        for number in range(1, watch.checkpoints + 1):
            work()
            driven.moment = watch.due_at(number)
            checkpoint(watch.id, number, driven)
            told(_looked(_kept(ledger, watch), number))
        return finding(_kept(ledger, watch), driven.moment)


def _looked(kept: Kept, number: int) -> Looked:
    """What can be said at a checkpoint. Each one before it looked, or was missed."""
    record, moment = kept.record(), kept.opened.due_at(number)
    return Looked(
        after=moment - kept.opened.opened_at,
        executions=len(record.executions),
        clean=sum(not ran.named and not ran.errors for ran in record.executions),
        call=decide(record, moment)[number - 1].call,
    )


def _kept(ledger: Ledger, watch: Opened) -> Kept:
    kept = records.kept(ledger, watch.id)
    assert kept is not None  # noqa: S101 - it was opened in this very ledger
    return kept
