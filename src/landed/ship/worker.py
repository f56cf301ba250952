"""`landed worker`: an executor that takes what is enqueued, until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from landed.core.errors import ProviderError
from landed.ship import records
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.engine import Engine
from landed.ship.hands import Hands

_LOOK_AROUND_SECONDS = 1.0


def work(base: Base, hands: Hands, stop: threading.Event, say: Callable[[str], None]) -> None:
    """Works until `stop` is set. Raises ProviderError where it loses its own lock: another may
    have taken its work over by then.
    """
    fresh = not base.there
    seats = base.seats()
    try:
        with Desk(base, seats) as desk, Engine(base, hands, worker=True) as engine:
            say(f"{engine.name} takes shipments and watches")
            if fresh:
                desk.arm(records.watches(hands.ledger), hands.now())
            while not stop.wait(_LOOK_AROUND_SECONDS):
                if not engine.seats.held():
                    raise ProviderError("the connection to the database was lost", "start it again")
                for workflow in desk.take_over():
                    say(f"{workflow} is taken over from one that died")
    finally:
        seats.close()
