"""What a rule says of its link."""

from __future__ import annotations

from typing import Any

from landed.core.model import Absent, Evidence, Frozen, Status, Unseen


class Judged(Frozen):
    """A status, the sentence that carries it, and what it was read from."""

    status: Status
    because: str
    subject: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def not_seen(what: Unseen, subject: dict[str, Any] | None = None) -> Judged:
    """Nobody could look: never green."""
    return Judged(
        status=Status.UNSEEN,
        because=what.reason,
        subject=subject or {},
        remedy=(what.hint,) if what.hint else (),
        evidence=what.evidence,
    )


def not_yet(what: Absent, subject: dict[str, Any] | None = None) -> Judged:
    """It has not happened, and still may."""
    return Judged(
        status=Status.PENDING,
        because=what.reason,
        subject=subject or {},
        remedy=(what.remedy,) if what.remedy else (),
        evidence=what.evidence,
    )
