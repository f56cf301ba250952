"""Waiting for what has to come, on a machine that may be busy with other things."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

SECONDS = 120.0
"""For what never comes: no measure of how long it should take."""


def until(look: Callable[[], Any], why: str = "it never came", seconds: float = SECONDS) -> Any:
    """Waits until there is something to see."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, why
        time.sleep(0.01)
    return found
