"""What an image's configuration recorded of how each layer was made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from landed.core.model import Frozen

_SHOWN = 200
_NO_DATE = datetime(1981, 1, 1, tzinfo=UTC)
"""Builders that make the same image twice write 1970 or 1980 instead of a date."""


_RUN = re.compile(r"RUN |(?:\|\d+ .*?)?/bin/sh -c (?!#\(nop\))")
"""As BuildKit and kaniko write it, and as docker's older builder and buildah do."""


class Recorded(Frozen):
    """The instruction that made a layer, and when; empty and None where nobody recorded it."""

    by: str = ""
    at: datetime | None = None

    @property
    def run(self) -> bool:
        """Whether a RUN made it: its files come from no COPY."""
        return _RUN.match(self.by) is not None


def history(config: Mapping[str, Any], layers: int) -> tuple[Recorded, ...]:
    """What is recorded of each layer, lowest first: of none where the record has another number."""
    said = config.get("history")
    entries = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    made = [one for one in entries if one.get("empty_layer") is not True]
    if len(made) != layers:
        return (Recorded(),) * layers
    return tuple(Recorded(by=_words(one.get("created_by")), at=_date(one)) for one in made)


def _words(said: object) -> str:
    return " ".join(said[: 4 * _SHOWN].split())[:_SHOWN] if isinstance(said, str) else ""


def _date(entry: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(entry.get("created")))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and moment > _NO_DATE else None
