"""Stacks that were logged line by line, put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from landed.core.probe import LogLine
from landed.logs.entries import ordered
from landed.logs.stacks import extent, orphan, possible

NEAR = 5
"""So many lines around one that has lost its stack, no stack is sure to have its own lines."""
_RAISED = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?:: |$)")

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
    in_order = ordered(entries)
    for entry in in_order:
        if "\n" in entry.text.strip("\n"):
            several.append(entry)
        else:
            by_key.setdefault(_key(entry), []).append(entry)
    if not any(possible([entry.text for entry in lines]) for lines in by_key.values()):
        yield from in_order
        return
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
    found: list[tuple[int, int]] = []
    broken: list[int] = []
    at = 0
    while at < len(lines):
        reach = extent(lines, at)
        end = reach.end if reach else orphan(lines, at)
        if end > at:
            if reach is None or not reach.whole:
                broken += (at, end)
            found.append((at, end))
            at = end
        else:
            if found and found[-1][1] == at and _RAISED.match(lines[at]):
                # The end of another stack, unless somebody says again what was just said.
                broken += [at] if lines[at] != lines[at - 1] else []
            at += 1
    return [
        (begin, end, not any(begin - NEAR <= place <= end + NEAR for place in broken))
        for begin, end in found
    ]


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
