"""Java's stack traces, with their causes; Kotlin and Scala write the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    r"^(?:Exception in thread \"[^\"\n]*\" |Caused by: )?"
    r"(?P<type>(?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Failure|[\w$]*))"
    r"(?:: (?P<message>.*))?$"
)
_AT = re.compile(r"^\s+at (?:[\w.@-]*/)*(?P<place>[\w.$<>]+)\((?P<file>[^()\n]*)\)")
_GOES_ON = re.compile(
    r"^\s+at |^\s+\.\.\. \d+ (?:more|common frames)|^Caused by: |^\s+Suppressed: "
)
_MORE = re.compile(r"^\s+\.\.\. \d+ (?:more|common frames)")
_ROOT = re.compile(r"^\s+at .*(?:\.main\(|\.run\(|\.call\()|^\s+\.\.\. \d+ (?:more|common frames)")
_LAST = re.compile(r"^\s+(?:\.\.\. \d+ |at java\.base/java\.lang\.Thread\.run\()")
_CAUSE = re.compile(r"^(?=Caused by: )")
_FOREIGN = re.compile(
    r"^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy"
    r"|org\.(?:springframework|apache|hibernate|eclipse|junit|postgresql|slf4j)"
    r"|io\.(?:netty|grpc)|com\.(?:google|fasterxml|zaxxer|mysql)|reactor)\."
)
_MADE = re.compile(r"\d+|(?<=\$\$)\w+")


def _extent(lines: Sequence[str], start: int) -> Extent | None:
    if not _HEAD.match(lines[start]):
        return None
    at = _first_frame(lines, start + 1)
    if at is None:
        return None
    last = min(len(lines), start + MAX_LINES)
    whole = not any(_GOES_ON.match(line) for line in lines[start + 1 : at])
    block = start
    while at < last:
        if lines[at].startswith("Caused by: "):
            below = _first_frame(lines, at + 1)
            whole = whole and below is not None
            block, at = at, below or at + 1
        elif _GOES_ON.match(lines[at]):
            # What a block shares with the one around it ends it, and holds the thread's beginning.
            above = lines[at - 1]
            ended = _AT.match(lines[at]) and (_LAST.match(above) or _shallower(lines[at], above))
            begun = _MORE.match(lines[at]) and any(
                _began(line) and _depth(line) == _depth(lines[at]) for line in lines[block:at]
            )
            whole = whole and not ended and not begun
            at += 1
        else:
            break
    # Where another stack follows at once, only a frame that threads begin with tells that this
    # one is over.
    follows = at < len(lines) and _HEAD.match(lines[at]) and _first_frame(lines, at + 1)
    over = not follows or bool(_ROOT.match(lines[at - 1]))
    mains = [line for line in lines[start:at] if _began(line)]
    return Extent(end=at, whole=whole and over and len(mains) == len(set(mains)))


def _began(line: str) -> bool:
    """Whether this is the frame that a program begins with."""
    return ".main(" in line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _shallower(frame: str, above: str) -> bool:
    """Whether a frame stands below a deeper one: what is suppressed comes last."""
    return bool(_GOES_ON.match(above)) and _depth(frame) < _depth(above)


def _first_frame(lines: Sequence[str], at: int) -> int | None:
    """The first frame below a head; lines of a message may stand between, another head may not."""
    for i in range(at, min(at + MAX_MESSAGE_LINES, len(lines))):
        if _AT.match(lines[i]):
            return i
        if _HEAD.match(lines[i]) and "." in lines[i].split(":")[0]:
            return None
    return None


def _parse(_before: str, lines: Sequence[str]) -> Stack:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if _CAUSE.match(line):
            blocks.append([])
        blocks[-1].append(line)
    main, *causes = (_block(block) for block in blocks)
    return structs.replace(main, causes=tuple(causes))


def _block(lines: Sequence[str]) -> Stack:
    end = next((i for i, line in enumerate(lines) if _GOES_ON.match(line) and i), len(lines))
    head = _HEAD.match(lines[0])
    message = "\n".join([(head["message"] if head else "") or "", *lines[1:end]]).strip()
    found = [match for line in lines[end:] if (match := _AT.match(line))]
    frames = in_app([(_MADE.sub("", match["place"]), "") for match in found], _FOREIGN)
    return Stack(exception=head["type"] if head else "", message=message, frames=frames)


JAVA = Language(
    name="java",
    marks=("Caused by: ", 'Exception in thread "'),
    hint=re.compile(r"\n[ \t]+at [\w.$<>/@-]+\([^()\n]*\)"),
    extent=_extent,
    frame=re.compile(
        r"^\s+at (?:[\w.@-]*/)*[\w$]+\.[\w.$<>]+\([^()\n]*\)|^Caused by: "
        r"|^\s+\.\.\. \d+ more$|^Exception in thread \""
    ),
    parse=_parse,
)
