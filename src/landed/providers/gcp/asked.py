"""Questions that are asked at once, each in a thread of its own, and answered when somebody waits.

Daemon threads, and not a pool: who has heard enough may leave, and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

from landed.core.errors import ProviderError

SECONDS = 150.0
"""How long an answer is waited for, with all further tries."""

Key = TypeVar("Key")
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


def later(question: Callable[[], Seen]) -> Callable[[], Seen]:
    """Asks when somebody first waits for the answer, and never again."""
    once: Once[None, Seen] = Once(lambda _: question())
    return lambda: once(None)


class Once(Generic[Key, Seen]):
    """Asks a question at most once for each key, in a thread of its own."""

    def __init__(self, question: Callable[[Key], Seen]) -> None:
        self._question = question
        self._lock = Lock()
        self._answers: dict[Key, Callable[[], Seen]] = {}

    def begin(self, key: Key) -> Callable[[], Seen]:
        """Asks, where nobody has yet; what it returns waits for the answer."""
        with self._lock:
            if key not in self._answers:
                self._answers[key] = asked(lambda: self._question(key))
            return self._answers[key]

    def __call__(self, key: Key) -> Seen:
        """The answer, or its failure."""
        return self.begin(key)()
