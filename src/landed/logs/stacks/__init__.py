"""Stacks of several languages: where they begin and end, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from landed.logs.stacks.go import GO
from landed.logs.stacks.java import JAVA
from landed.logs.stacks.node import NODE
from landed.logs.stacks.others import OTHERS
from landed.logs.stacks.python import PYTHON
from landed.logs.stacks.stack import MAX_LINES, Extent, Language, Stack

LANGUAGES = (PYTHON, GO, OTHERS, JAVA, NODE)


_MARKS = tuple(mark for language in LANGUAGES for mark in language.marks)


def possible(lines: Sequence[str]) -> bool:
    """Whether a stack can begin or go on in any of these lines; most logs need no closer look."""
    text = "\n".join(lines)
    return any(mark in text for mark in _MARKS) or any(line[:1].isspace() for line in lines)


def extent(lines: Sequence[str], start: int) -> Extent | None:
    """How far the stack reaches that begins at this line, None where none does."""
    for language in LANGUAGES:
        found = language.extent(lines, start)
        if found:
            return found
    return None


def orphan(lines: Sequence[str], start: int) -> int:
    """The end of frames that stand here without a head; `start` where there are none."""
    if not any(language.frame.match(lines[start]) for language in LANGUAGES):
        return start
    at = start + 1
    while at < min(len(lines), start + MAX_LINES) and lines[at][:1] in (" ", "\t"):
        at += 1
    return at


def holds_one(text: str) -> bool:
    """Whether a text looks as if there were a stack in it."""
    return any(_speaks(language, text) for language in LANGUAGES)


def _speaks(language: Language, text: str) -> bool:
    # Each text is asked this, and the heads of these are dear to look for.
    if language is OTHERS and not any(mark in text for mark in OTHERS.marks):
        return False
    return bool(language.hint.search(text))


def parse(text: str) -> Stack | None:
    """The last stack in a text, with the errors that it says it came from."""
    spoken = [language for language in LANGUAGES if _speaks(language, text)]
    if not spoken:
        return None
    lines = text.split("\n")
    last: tuple[Language, int, int] | None = None
    at = 0
    while at < len(lines):
        for language in spoken:
            reach = language.extent(lines, at)
            if reach:
                last = language, at, reach.end
                at = reach.end - 1
                break
        at += 1
    if last is None:
        return None
    language, begin, end = last
    # Whatever follows a Python exception in one entry is its message.
    end = len(lines) if language is PYTHON else end
    return language.parse("\n".join(lines[:begin]), lines[begin:end])
