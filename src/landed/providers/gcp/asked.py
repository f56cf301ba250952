"""Questions that are asked at once, each in a thread of its own, and answered when somebody waits.

Daemon threads, and not a pool: who has heard enough may leave, and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from landed.core.errors import ProviderError

SECONDS = 150.0
"""How long an answer is waited for, with all further tries."""

Seen = TypeVar("Seen")


def asked(question: Callable[[], Seen]) -> Callable[[], Seen]:
    """Begins to ask, and returns what waits for the answer or raises its failure."""
    future: Future[Seen] = Future()

    def ask() -> None:
        try:
            future.set_result(question())
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            future.set_exception(error)

    Thread(target=ask, daemon=True).start()

    def answer() -> Seen:
        try:
            return future.result(SECONDS)
        except TimeoutError as error:
            raise ProviderError(
                f"Google did not answer within {SECONDS:.0f} s", "ask again later"
            ) from error

    return answer
