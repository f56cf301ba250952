"""Where ledger and shipments are, when not in files of this machine."""

from __future__ import annotations

import os

from landed.core.errors import UsageError

DATABASE = "LANDED_DATABASE"


def database_url() -> str | None:
    """PostgreSQL for shipments on many machines, None for files of this machine. It comes from the
    environment alone: it may hold a password, and a stranger's landed.toml must not choose where
    landed connects to.
    """
    url = os.environ.get(DATABASE)
    if not url:
        return None
    scheme, colon, rest = url.partition("://")
    good = f"postgresql://{rest}"
    if not colon or scheme not in ("postgresql", "postgres") or not _is_url(good):
        raise UsageError(
            f"{DATABASE} is no URL of PostgreSQL",
            "postgresql://USER:PASSWORD@HOST/NAME, and what is special in a password as %XX",
        )
    return good


def _is_url(url: str) -> bool:
    """Whether all can read it: who cannot would show a part of it, and that may be the password."""
    from sqlalchemy import make_url  # noqa: PLC0415 - slow to load, and only who has one needs it
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        make_url(url)
    except (ArgumentError, ValueError):
        return False
    return True
