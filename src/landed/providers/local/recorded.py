"""What the local cloud wrote down itself, as evidence."""

from __future__ import annotations

from typing import Any

from landed.core.clock import now
from landed.core.model import (
    Evidence,
    Station,
    Strength,
)
from landed.localcloud.isolation import ISOLATED

DATA = "/data"


def mounts(isolation: str) -> tuple[str, ...]:
    """What lies over the image: its data, where it ran in isolation."""
    return (DATA,) if isolation == ISOLATED else ()


def recorded(station: Station, facts: dict[str, Any], see: str) -> Evidence:
    """A record of the cloud's own, and the command that shows it."""
    return Evidence(
        station=station, strength=Strength.RECORDED, facts=facts, see=see, observed_at=now()
    )
