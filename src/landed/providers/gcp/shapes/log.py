"""Cloud Logging: entries."""

from __future__ import annotations

from typing import Any

import msgspec

from landed.core.model import learned
from landed.providers.gcp.shapes.part import Part


class Entries(Part):
    """A page of log entries, each as it came."""

    entries: tuple[msgspec.Raw, ...] = ()
    next_page_token: str = ""


class LogSource(Part):
    """What a log entry is about."""

    labels: dict[str, Any]
    type: str = ""


class LogOrigin(Part):
    """Whose a log entry is."""

    resource: LogSource
    labels: dict[str, Any] | None = None
    log_name: str = ""
    proto_payload: msgspec.Raw = msgspec.Raw()


learned(Entries)
