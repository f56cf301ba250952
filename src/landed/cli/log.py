"""`landed log`: what the ledger holds, newest first."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import click

from landed.cli.common import Speech, common, paint, width
from landed.core.words import clock, short

_WORDS = {"watch": "watched", "look": "looked", "watch-closed": "closed", "lost": "lost"}
_COLOURS = {"proved": "green", "broken": "red", "unproved": "yellow", "lost": "red"}


@click.command("log")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@common
def command(limit: int, speech: Speech) -> int:
    """What was traced, shipped and watched, newest first."""
    from landed.ledger.store import opened  # noqa: PLC0415 - its database library is slow to load

    with opened(speech.config()) as ledger:
        lost = ledger.lost()
        entries = islice(ledger.backwards(page=min(limit, 200)), limit)
        if speech.json:
            listed = [
                {"id": e.id, "at": e.at, "kind": e.kind, "hash": e.hash, "document": e.document()}
                for e in entries
            ]
            speech.document({"schema": "landed/log/v1", "entries": listed, "lost": lost})
        else:
            said = 0
            for said, entry in enumerate(entries, 1):  # noqa: B007 - the last number counts
                speech.say(_line(entry.id, entry.at, entry.kind, entry.document()))
            if not said and lost is None:
                speech.say("nothing yet: `landed trace` writes the first entry")
    if lost is None:
        return 0
    click.echo(f"landed: the ledger lost entries, up to {lost}: landed verify-ledger", err=True)
    return 3


def _line(number: int, at: str, kind: str, document: dict[str, Any]) -> str:
    from landed.render.text import wrap  # noqa: PLC0415 - slow to load

    verdict = str(document.get("verdict") or _WORDS.get(kind, "?"))
    verdict = "given up" if document.get("abandoned_at") else verdict
    change = document.get("change") or {}
    commit = str(change.get("commit") or document.get("commit") or "")
    stop = document.get("first_break") or document.get("first_unseen") or document.get("stopped_at")
    parts: list[dict[str, Any]] = document.get("links") or document.get("steps") or []
    there = next((one for one in parts if stop in (one.get("link"), one.get("step"))), {})
    why = f" at {stop}" if stop else ""
    named = f" ({there['diagnosis']})" if stop and there.get("diagnosis") else ""
    where = f"{document.get('deployable')} in {document.get('environment')}"
    about = where if "deployable" in document else str(document.get("watch", ""))
    if kind == "ship" and [one.get("step") for one in parts] == ["roll-back"]:
        # The commit is only where it was called, and most often the one that went wrong.
        about, commit = f"{where} rolled back", ""
    if kind == "lost":
        about = f"entries up to {(document.get('remembered') or {}).get('id')}"
    own = f"  {document['id']}" if kind in ("ship", "watch") else ""
    when = clock(datetime.fromisoformat(at))
    lead = (
        f"{number:>5}  {when}  {paint(f'{verdict:<8}', _COLOURS.get(verdict, 'white'))}  "
        f"{short(commit):<10}"
    )
    rest = f"{about}{why}{named}{own}"
    if len(click.unstyle(lead)) + 2 + len(rest) <= width():
        return f"{lead}  {rest}"
    return f"{lead.rstrip()}\n{wrap(rest, width(), first=' ' * 7)}"
