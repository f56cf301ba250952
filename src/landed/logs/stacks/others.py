"""How Rust, .NET, PHP and Ruby end: a line that says so, and lines that belong to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from landed.logs.stacks.stack import MAX_LINES, Extent, Language, Stack

_RUST = re.compile(
    r"^thread '[^'\n]*' (?:\(\d+\) )?(?P<type>panicked) at (?:'(?P<message>.*)', )?"
    r"(?P<path>[^\s:]+):\d+:\d+:?$"
)
_CONSOLE = re.compile(r"^(?:fail|crit): (?P<path>\S{1,200})\[\d+\]$")
_HEADS = (
    (_RUST, re.compile(r"^note: |^stack backtrace:|^\s+\d+: |^\s+at ")),
    # .NET's console, and .NET itself
    (_CONSOLE, re.compile(r"^ {6}")),
    (
        re.compile(r"^Unhandled exception\. (?P<type>[\w.+`]{1,200})(?:: (?P<message>.*))?$"),
        re.compile(r"^\s+at |^ ---> |^\s+--- "),
    ),
    # PHP
    (
        re.compile(
            r"^(?:PHP )?(?:Fatal|Parse|Recoverable fatal) error: +"
            r"(?:Uncaught (?P<type>[\w\\]{1,200}): )?(?P<message>.*?)"
            r"(?: in (?P<path>/\S+?)(?::\d+| on line \d+))?$"
        ),
        re.compile(r"^Stack trace:|^#\d+ |^\s+thrown in |^Next "),
    ),
    # Ruby
    (
        re.compile(
            r"^(?P<path>\S{1,200}\.rb):\d+:in [`'][^'\n]{1,200}': (?P<message>.*) "
            r"\((?P<type>[A-Z][\w:]{0,200})\)$"
        ),
        re.compile(r"^\s+(?:\d+: )?from "),
    ),
)
_FRAME = re.compile(r"^\s+at |^\s+--- ")


def _extent(lines: Sequence[str], start: int) -> Extent | None:
    for head, more in _HEADS:
        found = head.match(lines[start])
        if found is None:
            continue
        at = start + 1
        last = min(len(lines), start + MAX_LINES)
        if head is _RUST and found["message"] is None:
            # Its message is the next line.
            at = min(at + 1, last)
        while at < last and more.match(lines[at]):
            at += 1
        return Extent(end=at, whole=True)
    return None


def _parse(_before: str, lines: Sequence[str]) -> Stack:
    head, found = next((h, f) for h, _ in _HEADS if (f := h.match(lines[0])))
    said = found.groupdict()
    message = said.get("message") or ""
    if head is _RUST and not message:
        message = "".join(lines[1:2])
    if head is _CONSOLE:
        message = "\n".join(line.strip() for line in lines[1:] if not _FRAME.match(line))
    path = (said.get("path") or "").replace("\\", "/")
    frames = ("/".join(path.split("/")[-2:]).strip("/"),) if path else ()
    return Stack(exception=said.get("type") or "", message=message, frames=frames)


_GROUPS = re.compile(r"\(\?P<[a-z]+>")

OTHERS = Language(
    name="others",
    marks=("panicked at ", "fail: ", "crit: ", "Unhandled exception. ", " error: ", ".rb:"),
    hint=re.compile("|".join(_GROUPS.sub("(?:", head.pattern) for head, _ in _HEADS), re.MULTILINE),
    extent=_extent,
    frame=re.compile(r"(?!)"),
    parse=_parse,
)
