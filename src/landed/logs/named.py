"""The errors that a commit names itself: who asks what is in there reads no log."""

from __future__ import annotations

import re
from collections.abc import Iterable

from landed.core.model import NamedError

_IDENTITY = re.compile(r"[0-9a-f]{12}")


def named_by_trailers(values: Iterable[str]) -> tuple[NamedError, ...]:
    """The errors that `Landed-Fixes:` trailers name: by identity, or by words of the text."""
    return tuple(
        NamedError(name=value, identity=value)
        if _IDENTITY.fullmatch(value)
        else NamedError(name=value, contains=value)
        for value in (raw.strip() for raw in values)
        if value
    )
