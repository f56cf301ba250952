"""`landed log`: what the ledger holds, newest first."""

from __future__ import annotations

from typing import Any

import click

from landed.cli.common import Speech, common, paint
from landed.core.words import short

_WORDS = {"watch": "watched", "look": "looked", "watch-closed": "closed"}
_COLOURS = {"proved": "green", "broken": "red", "unproved": "yellow"}


@click.command("log")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@common
def command(limit: int, speech: Speech) -> int:
    """What was traced, shipped and watched, newest first."""
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
        speech.say(_line(entry.id, entry.at, entry.kind, document))
    return 0


def _line(number: int, at: str, kind: str, document: dict[str, Any]) -> str:
    verdict = str(document.get("verdict") or _WORDS.get(kind, "?"))
    change = document.get("change") or {}
    commit = str(change.get("commit") or document.get("commit") or "")
    stop = document.get("first_break") or document.get("first_unseen") or document.get("stopped_at")
    parts: list[dict[str, Any]] = document.get("links") or document.get("steps") or []
    there = next((one for one in parts if stop in (one.get("link"), one.get("step"))), {})
    why = f" at {stop}" if stop else ""
    named = f" ({there['diagnosis']})" if stop and there.get("diagnosis") else ""
    where = f"{document.get('deployable')} in {document.get('environment')}"
    about = where if "deployable" in document else str(document.get("watch", ""))
    own = f"  {document['id']}" if kind in ("ship", "watch") else ""
    return (
        f"{number:>5}  {at[:19]}Z  {paint(f'{verdict:<8}', _COLOURS.get(verdict, 'white'))}  "
        f"{short(commit):<10}  {about}{why}{named}{own}"
    )
