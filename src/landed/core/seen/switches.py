"""Variables of what runs, and the lines of a change that take its path only where one is on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from landed.core.model import Evidence, Frozen

WORDS = ("", "0", "1", "false", "off", "on", "true")
"""The only values of a variable that landed keeps: none of them can be a secret."""


class Variable(Frozen):
    """An environment variable. `word` is its value in small letters where that is one of WORDS;
    None where it is another or cannot be seen, as a secret's.
    """

    name: str
    word: str | None = None


def variable(name: str, value: str) -> Variable:
    """A variable, without its value: nothing of that is kept but one of WORDS."""
    word = value.lower()
    return Variable(name=name, word=word if word in WORDS else None)


def variables(values: Mapping[str, str]) -> tuple[Variable, ...]:
    """Several variables, in order of their names."""
    return tuple(variable(name, values[name]) for name in sorted(values))


def shown(found: Iterable[Variable]) -> dict[str, str | None]:
    """Variables as evidence shows them."""
    return {one.name: one.word for one in found}


class Switch(Frozen):
    """A line of the change that asks a variable whether to take its path.

    `taken` are those of WORDS with which it takes it; `unset` says whether it does where nothing
    sets the variable, None where nobody could tell. `wants` is a value with which it does, as the
    line has it, empty where it has none that could be typed. `set_by` are files that may set it.
    """

    name: str
    path: str
    taken: tuple[str, ...]
    unset: bool | None
    wants: str = ""
    set_by: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
