"""What `landed gate` found: for whoever reads the build's log, and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landed.content.gate.gate import Gated
from landed.core.model import Outcome
from landed.core.seen import Difference, DifferenceKind
from landed.core.words import count, printable
from landed.render.document import plain
from landed.render.text import Paint, wrap

SCHEMA = "landed/gate/v1"
MOST = 50
"""So many files a build's log lists; the JSON has them all."""

_SIGNS = {
    Outcome.PROVED: ("✓", "green"),
    Outcome.BROKEN: ("✗", "red"),
    Outcome.UNPROVED: ("?", "yellow"),
}
_WORDS = {
    DifferenceKind.CHANGED: "changed",
    DifferenceKind.NEVER_COMMITTED: "not in the commit",
    DifferenceKind.MISSING: "missing",
    DifferenceKind.MODE: "exec bit",
    DifferenceKind.LINE_ENDS: "line ends",
    DifferenceKind.EXPANDED: "filled in by git archive",
    DifferenceKind.EXPORT_IGNORED: "left out by git archive",
    DifferenceKind.LFS_POINTER: "an LFS pointer, not the file",
    DifferenceKind.SUBMODULE: "a submodule that is not here",
    DifferenceKind.UNREAD: "not compared",
}


def document(found: Gated) -> dict[str, Any]:
    """`landed/gate/v1`."""
    fields: dict[str, Any] = plain(found)
    for key in ("differences", "left_out"):
        fields[key] = [
            {name: one[name] for name in ("path", "kind", "rule")} for one in fields[key]
        ]
    return {"schema": SCHEMA, **fields}


def screen(found: Gated, *, width: int, paint: Paint) -> str:
    """The answer first, then every file, then what to do."""
    sign, colour = _SIGNS[found.outcome]
    lead = "cannot tell: " if found.outcome is Outcome.UNPROVED else ""
    lines = [wrap(f"{lead}{found.because}", width, first=f"{paint(sign, colour)} ")]
    if found.differences:
        lines += ["", *_rows(found.differences)]
    if found.left_out:
        lines += ["", f"not here, and not read by the build ({len(found.left_out)}):"]
        lines += _rows(found.left_out)
    if found.tree:
        by = "the clone in this folder" if found.source == "git" else "the proof that came along"
        lines += ["", wrap(f"tree {found.tree}, proved by the objects of {by}", width, first="  ")]
    lines += [wrap(f"note: {note}", width, first="  ") for note in found.notes]
    if found.hint:
        lines += [wrap(f"hint: {found.hint}", width, first="  ", commands=True)]
    return "\n".join(lines)


def _rows(differences: tuple[Difference, ...]) -> list[str]:
    rows = [
        f"  {_WORDS[one.kind]:<18} {printable(one.path)}{f'   ({one.rule})' if one.rule else ''}"
        for one in differences[:MOST]
    ]
    rest = len(differences) - MOST
    return [*rows, *([f"  and {count(rest, 'file')} more; --json lists all"] if rest > 0 else [])]


def written(commit: str, target: Path) -> dict[str, Any]:
    """`landed/gate-proof/v1`: a proof was written."""
    document: dict[str, Any] = plain(
        {"schema": "landed/gate-proof/v1", "commit": commit, "file": str(target)}
    )
    return document
