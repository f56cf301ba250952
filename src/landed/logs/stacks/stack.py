"""A stack as every language has one, and where one begins and ends in a list of lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from landed.core.model import Frozen

MAX_LINES = 2_000
"""A stack that is longer is cut: no program's own words are that long."""
MAX_MESSAGE_LINES = 12
"""How many lines a message may have before its first frame."""

_TEMPORARY = re.compile(r"^(?:/private)?/(?:var/folders/[^/]+/[^/]+/T|var/tmp|tmp)/[^/]+/")


class Stack(Frozen):
    """An error with its in-app frames, without line numbers, and what caused it.

    It is the error that was raised last; `causes` are those behind it, from the nearest to the
    root.
    """

    exception: str
    message: str
    frames: tuple[str, ...]
    causes: tuple[Stack, ...] = ()


class Extent(Frozen):
    """The lines up to `end` belong to one stack. `whole` is False where its end is not there."""

    end: int
    whole: bool


class Language(Frozen):
    """How one language writes its stacks.

    One of `marks` is in every line that begins a stack, or stands in one, unless the line begins
    with a blank or is followed by one that does. `hint` is in every text with such a stack.
    `extent` answers for the stack that begins at a line, with None where none does. `frame` is a
    line that only stands inside of a stack. `parse` reads the lines of one stack; what stands
    before it is the first argument.
    """

    name: str
    marks: tuple[str, ...]
    hint: re.Pattern[str]
    extent: Callable[[Sequence[str], int], Extent | None]
    frame: re.Pattern[str]
    parse: Callable[[str, Sequence[str]], Stack]


def in_app(frames: Sequence[tuple[str, str]], foreign: re.Pattern[str]) -> tuple[str, ...]:
    """Path and function of each frame of the program's own, without repetitions in a row.

    How deep a recursion went is no part of an error, nor is a temporary folder.
    """
    kept: list[str] = []
    for path, function in frames:
        if foreign.search(path):
            continue
        own = _TEMPORARY.sub("", path).replace("\\", "/")
        frame = f"{'/'.join(own.split('/')[-2:]).strip('/')}:{function}"
        if kept[-1:] != [frame]:
            kept.append(frame)
    return tuple(kept)
