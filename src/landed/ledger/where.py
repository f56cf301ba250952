"""Where the ledger and the shipments of a project are kept, if not in files of this machine."""

from __future__ import annotations

import os
import re

from landed.core.errors import UsageError

DATABASE = "LANDED_DATABASE"
_PLACE = re.compile(
    r"(?:[^:/@]*(?::[^@]*)?@)?(?:\[[^\[\]/?@]+\]|[^\[\]/?@:]*)(?::\d{0,5})?(?:[/?][^@]*)?"
)
_NO_PORT = re.compile(r"[?&]port=(?!\d{1,5}(?:&|$))")


def database_url() -> str | None:
    """PostgreSQL for shipments on many machines, None for files of this machine. It comes from the
    environment alone: it may hold a password, and a stranger's landed.toml must not choose where
    landed connects to.
    """
    url = os.environ.get(DATABASE)
    if not url:
        return None
    scheme, colon, rest = url.partition("://")
    known = colon and scheme in ("postgresql", "postgres") and url.isprintable()
    if not known or not _PLACE.fullmatch(rest) or _NO_PORT.search(rest):
        # Who cannot read it would show a part of it, and that may be the password.
        raise UsageError(
            f"{DATABASE} is no URL of PostgreSQL",
            "postgresql://USER:PASSWORD@HOST/NAME, and what is special in a password as %XX",
        )
    return f"postgresql://{rest}"
