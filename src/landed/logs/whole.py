"""Stacks that were logged line by line, put together again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from landed.core.probe import LogLine
from landed.logs.entries import ordered
from landed.logs.stacks import extent, orphan

_Key = tuple[str, ...]
_Piece = tuple[int, int, bool]
"""Begin and end among the lines of one key, and whether it is surely one stack."""


def whole(entries: Iterable[LogLine]) -> Iterator[LogLine]:
    """The entries of one execution in order, a stack that came as many lines as one entry.

    A plain program writes a stack as many lines, and each becomes an entry of its own. They are
    followed by who wrote them: instance, stream and thread, as far as the entries tell. Where they
    do not tell, lines of two stacks may mix. That shows: a stack has no end, or a frame no
    beginning. Then the stacks around it are `mixed`.
    """
    by_key: dict[_Key, list[LogLine]] = {}
    several: list[LogLine] = []
    for entry in ordered(entries):
        if "\n" in entry.text.strip("\n"):
            several.append(entry)
        else:
            by_key.setdefault(_key(entry), []).append(entry)
    found = [entry for lines in by_key.values() for entry in _of_key(lines)]
    yield from sorted([*found, *several], key=lambda entry: (entry.timestamp, entry.insert_id))


def _key(entry: LogLine) -> _Key:
    """Who wrote a line. A structured entry never stands within the plain lines of a stack."""
    kind = "structured" if entry.fields else "plain"
    who = (entry.execution, entry.instance, entry.stream, entry.thread, entry.trace)
    return (*who, kind)


def _of_key(entries: list[LogLine]) -> Iterator[LogLine]:
    lines = [entry.text.rstrip("\n") for entry in entries]
    at = 0
    for begin, end, sure in _pieces(lines):
        yield from entries[at:begin]
        yield _joined(entries[begin:end], lines[begin:end], mixed=not sure)
        at = end
    yield from entries[at:]


def _pieces(lines: list[str]) -> list[_Piece]:
    """Every stack among the lines, in order."""
    found: list[_Piece] = []
    at = 0
    while at < len(lines):
        reach = extent(lines, at)
        end = reach.end if reach else orphan(lines, at)
        if end == at:
            at += 1
            continue
        sure = reach is not None and reach.whole
        if reach is None and found:
            # Frames without a head: the stack before them has lost them, or they are not its own.
            found[-1] = (*found[-1][:2], False)
        touches = bool(found) and found[-1][1] == at
        if touches and not (sure and found[-1][2]):
            found[-1] = (*found[-1][:2], False)
            sure = False
        found.append((at, end, sure))
        at = end
    return found


def _joined(entries: list[LogLine], lines: list[str], *, mixed: bool) -> LogLine:
    first = entries[0]
    return LogLine(
        timestamp=first.timestamp,
        severity=first.severity,
        text="\n".join(lines).rstrip(),
        execution=first.execution,
        insert_id=first.insert_id,
        fields="\n".join(entry.fields for entry in entries if entry.fields),
        stream=first.stream,
        instance=first.instance,
        thread=first.thread,
        trace=first.trace,
        mixed=mixed,
    )
