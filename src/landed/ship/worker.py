"""`landed worker`: an executor that takes what is enqueued, until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from landed.ship import records
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.engine import Engine, Lost
from landed.ship.hands import Hands

_LOOK_AROUND_SECONDS = 1.0


def work(
    base: Base, hands: Hands, stop: threading.Event, say: Callable[[str], None], lost: Lost
) -> None:
    """Works until `stop` is set. The caller ends the process then: a step may be in the middle."""
    fresh = not base.there
    with Desk(base) as desk, Engine(base, desk, hands, lost, worker=True) as engine:
        say(f"{engine.name} takes shipments and watches")
        if fresh:
            desk.arm(records.watches(hands.ledger), hands.now())
        while not stop.wait(_LOOK_AROUND_SECONDS):
            for workflow in desk.take_over(engine.queues):
                say(f"{workflow} is taken over from one that died")
