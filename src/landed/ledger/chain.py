"""The chain of hashes: what an entry is, and whether a row of them is whole. Pure.

Each entry holds the hash of the one before it, so that nobody can change, drop or insert one in the
middle without the chain showing it. That its end is gone, only somebody can tell who remembers a
later hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from landed.core.errors import DataError
from landed.core.model import Frozen, learned

GENESIS = "0" * 64
LOST = "lost"
"""An entry that says which entries were lost before it."""


class Head(Frozen):
    """An entry by its number and hash."""

    id: int
    hash: str


class Loss(Frozen):
    """What an entry of the kind `lost` says: this entry was there, and is not. What is before the
    entry itself is `whole`.
    """

    remembered: Head
    whole: int


class Entry(Frozen):
    """One entry. `body` is its canonical JSON, the very text that was hashed; `at` is UTC."""

    id: int
    at: str
    kind: str
    body: str
    prev: str
    hash: str

    @property
    def head(self) -> Head:
        """What is remembered of it."""
        return Head(id=self.id, hash=self.hash)

    def document(self) -> dict[str, Any]:
        """The body as data. Raises DataError where it is no JSON."""
        try:
            document: dict[str, Any] = msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise DataError(
                f"entry {self.id} of the ledger is no JSON", "run `landed verify-ledger`"
            ) from error
        return document

    def follows(self, before: Head) -> bool:
        """Whether it is the one after this, and as it was written."""
        return self.id == before.id + 1 and _fault(self, self.id, before.hash) is None


learned(Head, Loss, Entry)


class Check(Frozen):
    """What verifying found: how many entries, the newest hash, and the first fault if any."""

    entries: int
    head: str
    fault: str | None = None
    at_entry: int | None = None


def chained(prev: str, at: str, kind: str, body: str) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the entry's own text."""
    return hashlib.sha256(f"{prev}\n{at}\n{kind}\n{body}".encode()).hexdigest()


def told(entry: Entry) -> Loss:
    """What an entry of the kind `lost` says. Raises DataError where it does not."""
    try:
        return msgspec.json.decode(entry.body, type=Loss)
    except msgspec.DecodeError as error:
        raise DataError(
            f"entry {entry.id} of the ledger does not say what was lost", "has it other writers?"
        ) from error


def checked(
    entries: Iterable[Entry], remembered: Mapping[int, str], holds: Collection[str]
) -> Check:
    """Walks a chain from its first entry to its newest. `remembered` are hashes by number, `holds`
    such without: what somebody has kept elsewhere.
    """
    count, head, lost = 0, GENESIS, None
    missing = set(holds)
    for entry in entries:
        fault = _fault(entry, count + 1, head)
        if not fault and remembered.get(entry.id) not in (None, entry.hash):
            fault = "is another one than what is kept beside the ledger remembers"
        if fault:
            return Check(entries=count, head=head, fault=fault, at_entry=entry.id)
        if entry.kind == LOST and lost is None:
            # What follows is looked at as well: a fault in the chain is the graver one.
            fault = f"says that entries were lost, up to {told(entry).remembered.id}"
            lost = Check(entries=count, head=head, fault=fault, at_entry=entry.id)
        count, head = count + 1, entry.hash
        missing.discard(head)
    return lost or _whole(count, head, remembered, missing)


def _whole(count: int, head: str, remembered: Mapping[int, str], missing: Collection[str]) -> Check:
    """The chain is whole as far as it goes. Does it go as far as somebody remembers?"""
    lost = min((number for number in remembered if number > count), default=None)
    fault = None if lost is None else "is lost: what is kept beside the ledger remembers it"
    if fault is None and missing:
        fault = f"does not hold an entry with the hash {min(missing)}"
    return Check(entries=count, head=head, fault=fault, at_entry=lost)


def _fault(entry: Entry, number: int, head: str) -> str | None:
    if entry.id != number:
        return f"entry {number} is missing"
    if entry.prev != head:
        return "does not follow the entry before it"
    if entry.hash != chained(entry.prev, entry.at, entry.kind, entry.body):
        return "was changed after it was written"
    return None
