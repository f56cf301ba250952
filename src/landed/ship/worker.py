"""`landed worker`: an executor that takes what is enqueued, until it is told to end."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue

from landed.ship import records
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.engine import Engine, Lost
from landed.ship.hands import Hands

_LOOK_AROUND_SECONDS = 1.0


def work(
    base: Base, hands: Hands, stop: SimpleQueue[int], say: Callable[[str], None], lost: Lost
) -> None:
    """Works until something is in `stop`. The caller ends the process then: a step may be in the
    middle.
    """
    fresh = not base.there
    with Desk(base) as desk, Engine(base, hands, lost, worker=True) as engine:
        say(f"{engine.name} takes shipments and watches")
        if fresh:
            desk.arm(records.watches(hands.ledger), hands.now())
        while not _told(stop):
            for workflow in desk.take_over(engine.queues):
                say(f"{workflow} is taken over from one that died")


def _told(stop: SimpleQueue[int]) -> bool:
    """Whether something comes while it rests."""
    try:
        stop.get(timeout=_LOOK_AROUND_SECONDS)
    except Empty:
        return False
    return True
