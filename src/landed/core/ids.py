"""Ids of what landed makes."""

from __future__ import annotations

import secrets

from landed.core.clock import now


def new_id(prefix: str) -> str:
    """An id that no other process makes, and that sorts by time."""
    return f"{prefix}-{now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}"
