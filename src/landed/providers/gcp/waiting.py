"""Waiting for Google: a question is asked again until its answer is an end, or time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import TypeVar

from landed.core.errors import ProviderError
from landed.http.failures import PassingError

OUTAGE = 120.0
"""Seconds for which Google may fail while it is waited for: what was begun goes on without us."""
_FIRST, _LONGEST = 0.1, 5.0

Seen = TypeVar("Seen")


def pauses(seconds: float) -> Iterator[None]:
    """One turn at once, then more of them with longer and longer pauses, for so many seconds."""
    until, wait = monotonic() + seconds, _FIRST
    while True:
        yield
        left = until - monotonic()
        if left <= 0:
            return
        sleep(min(wait, left))
        wait = min(wait * 1.5, _LONGEST)


def patiently(look: Callable[[], Seen]) -> Seen:
    """The answer to a question that changes nothing, through an outage that passes."""
    failed = ProviderError("Google was not asked")
    for _ in pauses(OUTAGE):
        try:
            return look()
        except PassingError as error:
            failed = error
    raise failed


def until(look: Callable[[], Seen | None], seconds: float, late: ProviderError) -> Seen:
    """The first answer that is one. Raises `late` where none came in time."""
    for _ in pauses(seconds):
        found = patiently(look)
        if found is not None:
            return found
    raise late
