"""Shipments and watches in the ledger: written once by their keys, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from landed.core.errors import DataError
from landed.core.model import Frozen, Outcome, Status, learned
from landed.ledger.chain import Entry
from landed.ledger.store import Ledger
from landed.render.document import plain
from landed.ship.shipment import Order, Shipment, Step, document
from landed.ship.watch import Kept, Look, Opened

SHIP, WATCH, LOOK, CLOSED = "ship", "watch", "look", "watch-closed"
_MOVES = (Step.DEPLOY, Step.ROLL_BACK)
Kind = TypeVar("Kind", bound=Frozen)


class Closed(Frozen):
    """The end of a watch before its time, or its verdict at the end."""

    watch: str
    closed_at: datetime
    because: str


learned(Closed)


def write_shipment(ledger: Ledger, shipment: Shipment) -> Entry:
    """A shipment that ended, or stopped. One attempt is one entry."""
    # A roll-back that did not hold may have put an image in place all the same.
    back = shipment.fact("back")
    also = {"key": shipment.order.workflow, **({"back": back} if back else {})}
    return ledger.append(SHIP, {**document(shipment), **also})


def written(ledger: Ledger, order: Order) -> dict[str, Any] | None:
    """What the ledger has of an attempt; None where it has not ended."""
    found = (entry.document() for entry in shipments(ledger, order.id))
    return next((one for one in found if one["key"] == order.workflow), None)


def proved(
    ledger: Ledger, environment: str, deployable: str, *, other_than: str = ""
) -> dict[str, Any] | None:
    """The newest shipment into this target that was proved, and pinned another digest than this."""
    for entry in ledger.backwards(SHIP, environment, deployable, page=10):
        found = entry.document()
        whole = found.get("verdict") == Outcome.PROVED and found.get("digest")
        if whole and found["digest"] != other_than:
            return found
    return None


def overtaken(ledger: Ledger, order: Order) -> str | None:
    """Another shipment that changed what is deployed in this target since this one was ordered: to
    go on would put an older image over a newer one.
    """
    for entry in ledger.backwards(SHIP, order.environment, order.deployable, page=10):
        if datetime.fromisoformat(entry.at) < order.ordered_at:
            return None
        found = entry.document()
        back = found.get("back")
        if found.get("id") != order.id and any(
            step["step"] in _MOVES
            and (step["status"] == Status.HOLDS or (step["step"] == Step.ROLL_BACK and back))
            and datetime.fromisoformat(step["ended_at"]) > order.ordered_at
            for step in found.get("steps", ())
        ):
            return str(found["id"])
    return None


def open_watch(ledger: Ledger, watch: Opened) -> None:
    """Writes a watch that begins, and closes the one before it over the same target. One that is
    written already has done so, and another may have been opened since.
    """
    if kept(ledger, watch.id):
        return
    before = current(ledger, watch.environment, watch.deployable)
    if before and before.closed_at is None:
        why = f"{watch.because}; " if watch.because else ""
        because = f"{why}{watch.id} was opened in its place"
        close(ledger, before.opened, watch.opened_at, because)
    _append(ledger, WATCH, watch.id, watch)


def write_look(ledger: Ledger, watch: Opened, look: Look) -> None:
    """What a checkpoint saw: the first look at it counts."""
    _append(ledger, LOOK, watch.key(look.number), look)


def close(ledger: Ledger, watch: Opened, at: datetime, because: str) -> None:
    """Ends a watch, once."""
    closed = Closed(watch=watch.id, closed_at=at, because=because)
    _append(ledger, CLOSED, f"{watch.id}/closed", closed)


def current(ledger: Ledger, environment: str, deployable: str) -> Kept | None:
    """The newest watch over a target, whether it goes on or not."""
    newest = ledger.newest(1, WATCH, environment=environment, deployable=deployable)
    return kept(ledger, str(newest[0].document()["key"])) if newest else None


def watches(ledger: Ledger) -> list[Kept]:
    """The watch over each target, as far as it goes on by what is written."""
    newest = (kept(ledger, str(one.document()["key"])) for one in ledger.newest_of_each(WATCH))
    return [one for one in newest if one is not None and one.closed_at is None]


def kept(ledger: Ledger, watch: str) -> Kept | None:
    """A watch with its looks, None where there is none of that id."""
    opened: Opened | None = None
    looks: list[Look] = []
    closed: Closed | None = None
    for entry in ledger.keyed(watch):
        if entry.kind == WATCH:
            opened = _read(entry, Opened)
        elif entry.kind == LOOK:
            looks.append(_read(entry, Look))
        elif entry.kind == CLOSED:
            closed = _read(entry, Closed)
    if opened is None:
        return None
    return Kept(
        opened=opened,
        looks=tuple(sorted(looks, key=lambda look: look.number)),
        closed_at=closed.closed_at if closed else None,
        closed_because=closed.because if closed else "",
    )


def shipments(ledger: Ledger, shipment: str) -> Sequence[Entry]:
    """Every attempt at a shipment, oldest first."""
    return [entry for entry in ledger.attempts(shipment) if entry.kind == SHIP]


def _append(ledger: Ledger, kind: str, key: str, value: Frozen) -> None:
    ledger.append(kind, {**plain(msgspec.to_builtins(value)), "key": key})


def _read(entry: Entry, kind: type[Kind]) -> Kind:
    body = {name: value for name, value in entry.document().items() if name != "key"}
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise DataError(
            f"entry {entry.id} of the ledger is no {entry.kind}: {error}",
            "run `landed verify-ledger`; another version of landed may have written it",
        ) from error
