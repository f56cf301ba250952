"""What `landed identify` found: for a person, and as the contract's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landed.content.identify.result import Best, Contains, Files, Identified
from landed.core.model import Answer
from landed.core.words import command, count, listed, paths, printable, short
from landed.render.document import plain
from landed.render.text import Paint, wrap

SCHEMA = "landed/identify/v1"
_CONTAINS = {
    Answer.YES: ("yes", "green"),
    Answer.NO: ("no", "red"),
    Answer.UNKNOWN: ("cannot tell", "yellow"),
}
_LEAD = 19


def document(found: Identified, seconds: float) -> dict[str, Any]:
    """`landed/identify/v1`."""
    fields: dict[str, Any] = plain(found)
    return {"schema": SCHEMA, **fields, "seconds": round(seconds, 3)}


def screen(found: Identified, asked: str, seconds: float, *, width: int, paint: Paint) -> str:
    """The whole screen: which commit, why, what differs, what to do."""
    if found.best is None:
        lines = [wrap(f"no commit: {found.because}", width, first=paint("? ", "yellow"))]
        again = command("landed", "identify", asked)
        hint = f"is it an image of this repository? {again} --repo DIR asks another"
        return "\n".join([*lines, wrap(hint, width, first="  "), *_notes(found, width)])
    best = found.best
    lines = [_headline(best, found.files, width, paint), wrap(found.because, width, first="  "), ""]
    lines += _ties(best, width)
    for placement in found.placements:
        here, there = (
            placement.image_path or "its root",
            placement.tree_path or "the repository's root",
        )
        lines.append(_row("taken from", f"{here} ← {there}", width))
    lines += _files(found.files, width)
    lines += _notes(found, width)
    if found.contains:
        lines += ["", _contains(found.contains, width, paint)]
    lines += ["", paint("See for yourself", "bold")]
    lines += [wrap(see, width, first="  ", commands=True) for see in _see(best, found.files)]
    lines.append(paint(f"{seconds:.1f} s", "bright_black"))
    return "\n".join(lines)


def _headline(best: Best, files: Files, width: int, paint: Paint) -> str:
    named = f"{short(best.commit)} “{printable(best.subject)}” of {best.committed_at[:10]}"
    if files.never_committed:
        named += f", and beside it {count(len(files.never_committed), 'file')} of no commit"
    if not best.proved:
        return wrap(f"cannot tell; nearest is {named}", width, first=paint("? ", "yellow"))
    if best.ties > 1:
        said = f"proved: one of {best.ties} commits that fit equally; most likely {named}"
        return wrap(said, width, first=paint("✓ ", "green"))
    return wrap(f"proved: it is {named}", width, first=paint("✓ ", "green"))


def _ties(best: Best, width: int) -> list[str]:
    if best.ties == 1:
        return []
    ends = f"{short(best.oldest)} the oldest, {short(best.newest)} the newest"
    lines = [_row("fit equally", f"{count(best.ties, 'commit')}: {ends}", width)]
    if best.differ_in:
        lines.append(_row("they differ in", listed(best.differ_in), width))
    return lines


def _files(files: Files, width: int) -> list[str]:
    lines = [_row("the same", count(files.same, "file"), width)]
    as_in = {each.path: each.commit for each in files.as_in}
    if files.changed:
        said = [f"{p} (as in {short(as_in[p])})" if p in as_in else p for p in files.changed]
        lines.append(_row("changed", listed(said, 5), width))
    if files.never_committed:
        lines.append(_row("never committed", listed(files.never_committed, 5), width))
    if files.line_ends:
        lines.append(_row("line ends only", count(files.line_ends, "file"), width))
    if files.missing:
        lines.append(_row("missing", count(files.missing, "file"), width))
    if files.extra:
        lines.append(_row("extra", count(files.extra, "file"), width))
    return lines


def _contains(contains: Contains, width: int, paint: Paint) -> str:
    word, colour = _CONTAINS[contains.answer]
    lead = f"  {short(contains.commit)} in there? {paint(word, colour)}"
    return f"{lead}\n{wrap(contains.because, width, first=' ' * 4)}"


def _see(best: Best, files: Files) -> Sequence[str]:
    found = [command("git", "show", "--stat", short(best.commit))]
    if best.ties > 1:
        found.append(
            command("git", "log", "--oneline", f"{short(best.oldest)}^..{short(best.newest)}")
        )
    if files.as_in:
        first = files.as_in[0]
        found.append(f"git show --stat {short(first.commit)} -- {paths([first.path])}")
    return found


def _notes(found: Identified, width: int) -> list[str]:
    return [_row("note", note, width) for note in found.notes]


def _row(name: str, said: str, width: int) -> str:
    return wrap(said, width, first=f"  {name:<{_LEAD - 2}}", lead_width=_LEAD)
