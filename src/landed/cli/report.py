"""`landed report`: the handoff report of a shipment, with its timeline and a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from landed.cli.common import Speech, common
from landed.config import Config
from landed.core.errors import LandedError, UsageError
from landed.core.model import Outcome


@click.command("report")
@click.argument("shipment", required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Renew the marked section of this document.",
)
@common
def command(shipment: str | None, into: Path | None, speech: Speech) -> int:
    """The report of a shipment (the newest, unless an id is given) in Markdown.

    It is made from the ledger alone: the same entries give the same report. One that is still
    under way is told as far as it is.
    """
    from landed.ledger.store import opened  # noqa: PLC0415 - its database library is slow to load
    from landed.render.report import report  # noqa: PLC0415
    from landed.ship import records  # noqa: PLC0415

    config = speech.config()
    with opened(config) as ledger:
        named = shipment is not None
        if shipment is None:
            newest = ledger.newest(1, records.SHIP)
            shipment = str(newest[0].document()["id"]) if newest else None
        attempts = records.shipments(ledger, shipment) if shipment else []
        begun = None
        if shipment and named and not _is_final([one.document() for one in attempts]):
            try:
                begun = _under_way(config, shipment)
            except LandedError as error:
                if not attempts:
                    raise
                # What the ledger has of it stays true.
                speech.aside(f"whether {shipment} is under way, nobody can tell: {error.message}")
        if not attempts and not begun:
            if shipment is None:
                raise UsageError("the ledger has no shipment yet", "landed ship")
            raise UsageError(f"the ledger has no shipment `{shipment}`", "`landed log` lists them")
        documents = [entry.document() for entry in attempts] + ([begun] if begun else [])
        watch = documents[-1].get("watch")
        text = report(documents, _watch(ledger, watch) if watch else None)
    if into is not None:
        _renew(into, text)
    if speech.json:
        written = str(into) if into else None
        document = {"schema": "landed/report/v1", "shipment": shipment, "markdown": text,
                    "into": written}  # fmt: skip
        speech.document(document)
    elif into is not None:
        speech.aside(f"{into}: its section has the report of {shipment}")
    else:
        speech.say(text.rstrip("\n"))
    return 0


def _is_final(attempts: Sequence[dict[str, Any]]) -> bool:
    """Whether no attempt can come after these: nobody has to load the engine to see that."""
    newest = attempts[-1] if attempts else {}
    return newest.get("verdict") == Outcome.PROVED or bool(newest.get("abandoned_at"))


def _under_way(config: Config, shipment: str) -> dict[str, Any] | None:
    """The attempt at a shipment that has not ended; None where there is none."""
    from landed import ship_wiring  # noqa: PLC0415 - only who names one loads that
    from landed.ship.desk import Desk  # noqa: PLC0415
    from landed.ship.shipment import document  # noqa: PLC0415

    base = ship_wiring.base(config)
    if not base.there:
        return None
    with Desk(base) as desk:
        attempt = desk.newest_attempt(shipment)
        state = desk.state(attempt) if attempt else None
    if state is None or state.over or not base.owns(state.shipment.order):
        return None
    return {**document(state.shipment), "under_way": True}


def _watch(ledger: Any, watch: str) -> dict[str, Any] | None:
    """The watch with its looks, as the ledger has them."""
    from landed.ship import records  # noqa: PLC0415

    found: dict[str, Any] = {"looks": []}
    for entry in ledger.keyed(watch):
        document = entry.document()
        if entry.kind == records.WATCH:
            found |= document
        elif entry.kind == records.LOOK:
            found["looks"].append(document)
        elif entry.kind == records.CLOSED:
            found["closed_because"] = document["because"]
    return found if "opened_at" in found else None


def _renew(into: Path, text: str) -> None:
    """Writes the document whole or not at all, with the rights that it had."""
    from landed.localcloud.disk import write  # noqa: PLC0415
    from landed.render.section import renewed  # noqa: PLC0415

    place = into.resolve()
    try:
        before = place.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{into} is no text in UTF-8", "name a Markdown document") from error
    mode = place.stat().st_mode
    try:
        after = renewed(before, text)
    except UsageError as error:
        raise UsageError(f"{into}: {error.message}", error.hint) from error
    if after != before:
        write(place, after.encode())
        place.chmod(mode)
