"""Python's tracebacks: chained ones and groups as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import structs

from landed.logs.stacks.stack import MAX_LINES, Extent, Language, Stack, in_app

TRACEBACK = "Traceback (most recent call last):"
_CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_HEADER = re.compile(rf".*{re.escape(TRACEBACK)}\s*\Z")
_GROUP = re.compile(r"\s*\+ Exception Group ")
_RAISED = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?\Z", re.DOTALL)
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line \d+(?:, in (?P<function>.+?))?\s*$')
_FOREIGN = re.compile(r"site-packages|dist-packages|/lib(?:64)?/python\d|^<|[\\/]Lib[\\/]")
_GROUP_MARK = re.compile(r"^[ \t]*(?:\+-[-+]*(?:\s*[\d.]+\s*-*)?|\| ?|\+ )", re.MULTILINE)
# What database drivers write below the exception, at the left edge.
_MORE = re.compile(
    r"\[SQL: |\[parameters: |\(Background on |LINE \d|DETAIL: |HINT: |CONTEXT: |[ \t]+\^\s*$"
)


def _extent(lines: Sequence[str], start: int) -> Extent | None:
    if not _HEADER.match(lines[start]):
        return None
    last = min(len(lines), start + MAX_LINES)
    if _GROUP.match(lines[start]):
        at = start + 1
        while at < last and lines[at].lstrip()[:1] in ("|", "+") and not _GROUP.match(lines[at]):
            at += 1
        return Extent(end=at, whole=lines[at - 1].lstrip().startswith("+--"))
    at = start
    header: int | None = start
    while header is not None:
        at = header + 1
        while at < last and lines[at][:1] in (" ", "\t") and not _HEADER.match(lines[at]):
            at += 1
        if at >= last or not _RAISED.match(lines[at].rstrip()):
            return Extent(end=at, whole=False)
        at += 1
        while at < last and _MORE.match(lines[at]):
            at += 1
        header = _chained(lines, at)
    return Extent(end=at, whole=True)


def _chained(lines: Sequence[str], at: int) -> int | None:
    """Where the next traceback of a chain begins, None where the chain ends here."""
    said = [i for i in range(at, min(at + 5, len(lines))) if lines[i].strip()][:2]
    chained = (
        len(said) == 2 and lines[said[0]].strip() in _CHAINED and _HEADER.match(lines[said[1]])
    )
    return said[1] if chained else None


def _parse(before: str, lines: Sequence[str]) -> Stack:
    text = "\n".join(lines)
    group = "+ Exception Group Traceback" in text
    if group:
        text = _GROUP_MARK.sub("", text)
    blocks = [_block(part, before) for part in text.split(TRACEBACK)[1:]]
    if group:
        main, causes = blocks[0], blocks[1:]
    else:
        parts = text.split(TRACEBACK)[1:]
        linked = [one.rstrip().endswith(_CHAINED) for one, _ in pairwise(parts)]
        first = next((i + 1 for i in reversed(range(len(linked))) if not linked[i]), 0)
        main, causes = blocks[-1], blocks[first:-1][::-1]
    return structs.replace(main, causes=tuple(causes))


def _block(part: str, before: str) -> Stack:
    for phrase in _CHAINED:
        part = part.removesuffix("\n").rstrip().removesuffix(phrase)
    lines = part.split("\n")[1:]
    end = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    raised = _RAISED.match("\n".join(lines[end:]).rstrip())
    found = [match for line in lines[:end] if (match := _FRAME.match(line))]
    frames = in_app([(match["path"], match["function"] or "") for match in found], _FOREIGN)
    if raised is None:
        said = "\n".join(lines[end:]).strip() or before.strip()
        return Stack(exception="", message=said, frames=frames)
    return Stack(exception=raised["type"], message=raised["message"] or "", frames=frames)


PYTHON = Language(
    name="python",
    marks=(TRACEBACK, *_CHAINED),
    hint=re.compile(re.escape(TRACEBACK)),
    extent=_extent,
    frame=re.compile(
        r'^\s+File "[^"]+", line \d+, in |'
        rf"^(?:{'|'.join(re.escape(phrase) for phrase in _CHAINED)})$"
    ),
    parse=_parse,
)
