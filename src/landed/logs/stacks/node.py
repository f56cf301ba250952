"""JavaScript's errors as Node prints them, with `[cause]` and `[errors]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import structs

from landed.logs.stacks.stack import (
    MAX_LINES,
    MAX_MESSAGE_LINES,
    Extent,
    Language,
    Stack,
    in_app,
)

_HEAD = re.compile(
    r"^(?:Uncaught |\[?\w+\]: )?(?P<type>[A-Za-z_$][\w$.]*(?: \[\w+\])?)"
    r"(?:: (?P<message>.*?))?(?: \{)?$"
)
_NAMED = re.compile(r"(?:Error|Exception|Rejection)(?: \[\w+\])?(?:: |$| \{$)")
_AT = re.compile(
    r"^\s+at (?:async )?(?:(?P<function>[^()\n]+?) \()?"
    r"(?P<path>(?:file://|node:|[A-Za-z]:\\|\.{0,2}/|<anonymous>|native|webpack:|index )"
    r"[^()\n]*?)"
    r"(?::\d+)?(?::\d+)?\)?(?: \{)?$"
)
_SKIPPED = re.compile(
    r"^\s+\[?\.\.\. (?:\d+ )?lines matching [a-z ]+ \.\.\.\]?$|^Emitted '[^'\n]*' event "
)
_NESTED = re.compile(
    r"^\s+(?:\[(?:cause|errors|\w+)\]: )?(?P<head>[A-Za-z_$][\w$.]*(?: \[\w+\])?(?:: .*)?)$"
)
_FOREIGN = re.compile(r"^node:|[\\/]node_modules[\\/]|^internal/|^<|^native|^index ")
_LAST_BRACE = 400


def _extent(lines: Sequence[str], start: int) -> Extent | None:
    if not _HEAD.match(lines[start]):
        return None
    at = _first_frame(lines, start)
    if at is None:
        return None
    last = min(len(lines), start + MAX_LINES)
    while at < last and (_AT.match(lines[at]) or _SKIPPED.match(lines[at])):
        at += 1
    if not lines[at - 1].endswith(" {"):
        return Extent(end=at, whole=True)
    # The properties of the error follow, and its causes, up to the brace at the left edge.
    for i in range(at, min(at + _LAST_BRACE, last)):
        if lines[i].rstrip() == "}":
            return Extent(end=i + 1, whole=True)
        if lines[i][:1] not in (" ", "\t", ""):
            return Extent(end=i, whole=False)
    return Extent(end=at, whole=False)


def _first_frame(lines: Sequence[str], start: int) -> int | None:
    """The first frame below a head. A head that says `Error` may have a message of several lines;
    another word is a head only directly above a frame.
    """
    reach = MAX_MESSAGE_LINES if _NAMED.search(lines[start]) else 1
    for i in range(start + 1, min(start + 1 + reach, len(lines))):
        if _AT.match(lines[i]):
            return i
    return None


def _parse(_before: str, lines: Sequence[str]) -> Stack:
    nested = [
        i
        for i in range(1, len(lines) - 1)
        if _NESTED.match(lines[i]) and _first_frame([lines[i].strip(), lines[i + 1]], 0)
    ]
    bounds = [0, *nested, len(lines)]
    blocks = [lines[a:b] for a, b in pairwise(bounds)]
    main, *causes = (_block(block) for block in blocks)
    return structs.replace(main, causes=tuple(causes))


def _block(lines: Sequence[str]) -> Stack:
    end = next((i for i, line in enumerate(lines) if i and _AT.match(line)), len(lines))
    nested = _NESTED.match(lines[0])
    head = _HEAD.match(nested["head"] if nested else lines[0])
    message = "\n".join([(head["message"] if head else "") or "", *lines[1:end]]).strip()
    found = [match for line in lines[end:] if (match := _AT.match(line))]
    frames = in_app([(match["path"], match["function"] or "") for match in found], _FOREIGN)
    return Stack(exception=head["type"] if head else "", message=message, frames=frames)


NODE = Language(
    name="node",
    marks=(),
    hint=re.compile(r"\n[ \t]+at .*(?::\d+:\d+|<anonymous>)\)?(?: \{)?(?:\n|$)"),
    extent=_extent,
    frame=re.compile(r"^\s+at (?:async )?(?:.+ \()?(?:node:|file://|/)[^()\n]*:\d+:\d+\)?$"),
    parse=_parse,
)
