"""Stacks that were logged line by line, put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import structs

from landed.core.probe import LogLine
from landed.logs.entries import ordered, reread
from landed.logs.stacks import extent, orphan, possible
from landed.logs.stacks.stack import MAX_LINES

NEAR = 5
"""So many lines around one that has lost its stack, no stack is sure to have its own lines."""
_RAISED = re.compile(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?:: |$)")

_Key = tuple[str, ...]
_Piece = tuple[int, int]
"""Begin and end among the lines of one key."""


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
    pieces, broken = _pieces(lines)

    def sure(begin: int, end: int) -> bool:
        return not any(begin - NEAR <= place <= end + NEAR for place in broken)

    def alone(until: int) -> Iterator[LogLine]:
        for i in range(at, until):
            # Where a stack has lost lines, this may be its last one.
            lost = broken and _RAISED.match(lines[i])
            yield structs.replace(entries[i], mixed=True) if lost else entries[i]

    for begin, end in pieces:
        yield from alone(begin)
        yield _joined(entries[begin:end], lines[begin:end], mixed=not sure(begin, end))
        at = end
    yield from alone(len(lines))


def _pieces(lines: list[str]) -> tuple[list[_Piece], list[int]]:
    """Everything of several lines among the lines, in order, and where a stack has lost lines."""
    found: list[_Piece] = []
    broken: list[int] = []
    at = 0
    while at < len(lines):
        reach = extent(lines, at)
        end = reach.end if reach else max(orphan(lines, at), _object(lines, at))
        if end > at:
            if not (reach.whole if reach else lines[at] == "{"):
                broken += (at, end)
            found.append((at, end))
            at = end
        else:
            if found and found[-1][1] == at and _RAISED.match(lines[at]):
                # The end of another stack, unless somebody says again what was just said.
                broken += [at] if lines[at] != lines[at - 1] else []
            at += 1
    return found, broken


def _object(lines: list[str], at: int) -> int:
    """The end of a JSON object that was written over several lines; `at` where there is none."""
    if lines[at] != "{":
        return at
    last = min(len(lines), at + MAX_LINES)
    end = next((i for i in range(at + 1, last) if lines[i][:1] not in (" ", "\t")), last)
    return end + 1 if end < last and lines[end].rstrip() == "}" else at


def _joined(entries: list[LogLine], lines: list[str], *, mixed: bool) -> LogLine:
    first = entries[0]
    joined = LogLine(
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
    return reread(joined) if joined.text.startswith("{") else joined
