"""A time that tests drive: nothing sleeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from landed.core import clock


class Time:
    """A clock that stands still until it is set forward; what runs is dated by the real one."""

    def __init__(self) -> None:
        self.at = clock.now()
        self.real = clock.now

    def forward(self, hours: float) -> None:
        self.at = max(self.at, self.real()) + timedelta(hours=hours)

    def now(self) -> datetime:
        return max(self.at, self.real())
