"""What differs between a source, or an image, and the files that it should have."""

from __future__ import annotations

from landed.core.seen import (
    Difference,
    DifferenceKind,
)
from landed.core.words import count, listed, short

SLIGHT = {
    DifferenceKind.MODE: "in the exec bit only",
    DifferenceKind.LINE_ENDS: "in line ends only",
    DifferenceKind.EXPANDED: "in what `git archive` fills in only",
    DifferenceKind.EXPORT_IGNORED: "by what `git archive` leaves out only",
}
"""What is a note and not a break: checkouts and images do that."""


def differing(differences: tuple[Difference, ...]) -> list[Difference]:
    """Differences of content, and what nobody could compare: it is not proved to be equal."""
    return [d for d in differences if d.kind not in SLIGHT]


def seen_to_differ(differences: tuple[Difference, ...]) -> list[Difference]:
    """Differences of content that somebody saw."""
    return [d for d in differing(differences) if d.kind is not DifferenceKind.UNREAD]


def unread(differences: tuple[Difference, ...]) -> list[str]:
    """The files that nobody could compare."""
    return [d.path for d in differences if d.kind is DifferenceKind.UNREAD]


def slight(differences: tuple[Difference, ...]) -> list[str]:
    """Notes about what is no break."""
    counted = {kind: sum(d.kind is kind for d in differences) for kind in SLIGHT}
    return [f"{count(n, 'file')} differ {SLIGHT[kind]}" for kind, n in counted.items() if n]


def differences_in_words(differences: tuple[Difference, ...]) -> str:
    """What differs, most telling first."""
    words = {
        DifferenceKind.NEVER_COMMITTED: "in no commit",
        DifferenceKind.CHANGED: "not as committed",
        DifferenceKind.MISSING: "missing",
        DifferenceKind.LFS_POINTER: "an LFS pointer instead of the file",
        DifferenceKind.SUBMODULE: "a submodule of which nothing is there",
    }
    parts = []
    for kind, said in words.items():
        names = [d.path for d in differences if d.kind is kind]
        holders = [d.has_it for d in differences if d.kind is kind and d.has_it]
        held = f"; {short(holders[0])} has that content" if holders else ""
        if names:
            parts.append(f"{listed(names)} ({said}{held})")
    return "; ".join(parts)
