"""Who is alive: each executor holds a lock on its own id for as long as it lives.

Whoever gets a dead executor's lock may give its work to another. A stopped process still holds its
lock, so its work is not taken away; it goes on where it was. A lock that can be lost with its
connection is watched by its holder, who ends at once without it, and others wait that long.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

BEAT_SECONDS = 0.5
"""How often a holder looks whether it still holds its lock."""
WORKER = "worker"
"""How the ids of executors begin that take whatever is enqueued."""


class Seats(Protocol):
    """The locks of all executors on one database.

    `patience` is how long a lock must have been free before its holder is taken for dead: longer
    than a holder takes to notice that it lost it. 0 where none is ever lost.
    """

    patience: float

    def take(self, executor: str) -> None:
        """Holds the lock of this process's own id until it ends."""

    def held(self) -> bool:
        """Whether this process still holds it: a lost connection loses the lock."""

    def free(self, executor: str) -> bool:
        """Whether nobody alive holds the lock of another executor. Those who only ask are in
        nobody's way, and take each other for nobody.
        """

    def vacant(self, executor: str) -> AbstractContextManager[bool]:
        """Holds the lock of another executor for the block, to give its work away. False where
        that one is alive, and where somebody else looks at it just now: then it is tried again.
        """

    def workers(self) -> bool:
        """Whether some worker of this project is alive."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Waits until nobody else is in a block of this name, for half a minute at most."""

    def in_turn(self, name: str, *, patient: bool) -> AbstractContextManager[None]:
        """Waits until nobody else is in a block of this name, however long that takes. Who is in it
        holds the lock of its own id, and both end together. `patient` where somebody may have lost
        them a moment ago: then it begins when the lock has been free for `patience`.
        """

    def close(self) -> None:
        """Lets go."""
