"""`landed log`: what the ledger holds, newest first."""

from __future__ import annotations

from typing import Any

import click

from landed.cli.common import Speech, common, paint
from landed.core.words import short

_COLOURS = {"proved": "green", "broken": "red", "unproved": "yellow"}


@click.command("log")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@common
def command(limit: int, speech: Speech) -> int:
    """What was traced, newest first."""
    from landed.ledger.store import opened  # noqa: PLC0415 - its database library is slow to load

    config = speech.config()
    ledger = opened(config)
    entries = [(entry, entry.document()) for entry in ledger.newest(limit)]
    if speech.json:
        listed: list[dict[str, Any]] = [
            {"id": e.id, "at": e.at, "kind": e.kind, "hash": e.hash, "document": document}
            for e, document in entries
        ]
        speech.document({"schema": "landed/log/v1", "entries": listed})
        return 0
    if not entries:
        speech.say("nothing yet: `landed trace` writes the first entry")
    for entry, document in entries:
        speech.say(_line(entry.id, entry.at, document))
    return 0


def _line(number: int, at: str, document: dict[str, Any]) -> str:
    verdict = str(document.get("verdict", "?"))
    change = document.get("change") or {}
    stop = document.get("first_break") or document.get("first_unseen")
    link: dict[str, Any] = next((k for k in document.get("links", []) if k.get("link") == stop), {})
    why = f" at {stop}" if stop else ""
    named = f" ({link['diagnosis']})" if link.get("diagnosis") else ""
    where = f"{document.get('deployable', '')} in {document.get('environment', '')}"
    return (
        f"{number:>5}  {at[:19]}Z  {paint(f'{verdict:<8}', _COLOURS.get(verdict, 'white'))}  "
        f"{short(str(change.get('commit', '')))}  {where}{why}{named}"
    )
