"""Small pieces of the sentences that rules and diagnoses write."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime


def short(identifier: str) -> str:
    """A commit id or digest, short enough to read and long enough to find."""
    kind, _, rest = identifier.rpartition(":")
    return f"{kind}:{rest[:12]}" if kind else rest[:10]


def branch(ref: str) -> str:
    """A ref as people say it: `refs/heads/main` is `main`."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def repository(name: str) -> str:
    """The name of an image without its tag and its digest."""
    bare = name.split("@", maxsplit=1)[0]
    return bare.rsplit(":", 1)[0] if ":" in bare.rsplit("/", 1)[-1] else bare


def clock(moment: datetime) -> str:
    """A moment as a person reads it, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `3 files`."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(printable(name) for name in names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def printable(name: str) -> str:
    """A file name without line breaks, control characters or half characters."""
    clean = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in clean)


def command(*words: str) -> str:
    """A command line that a person can paste."""
    return shlex.join(words)


def filled(template: str, **values: str) -> str:
    """A command with its `{placeholders}` filled in, each as one word that a person can paste."""
    return template.format(**{name: shlex.quote(value) for name, value in values.items()})


def literal(word: str) -> str:
    """A word of a command that is to be `filled` in later."""
    return shlex.quote(word).replace("{", "{{").replace("}", "}}")


def paths(names: Iterable[str], most: int = 5) -> str:
    """File names as arguments that a person can paste; `…` stands for what is left out."""
    names = list(names)
    shown = " ".join(shlex.quote(printable(name)) for name in names[:most])
    return f"{shown} …" if len(names) > most else shown


def resume(shipment: str) -> str:
    """The command that goes on with a shipment."""
    return f"landed ship --resume {shipment}"


MENDED = "mend it, commit and push, then: landed ship"
"""What follows where the code is at fault: going on would bring the same commit out again."""


def onward(shipment: str, remedy: Sequence[str]) -> list[str]:
    """What mends a shipment that stopped, and then goes on. Where that makes another commit, it is
    another shipment: to go on with this one would bring the old commit out, without the mending.
    """
    if any("landed ship" in one for one in remedy):
        return list(dict.fromkeys(remedy))
    follows = "landed ship" if "git commit" in remedy else resume(shipment)
    return list(dict.fromkeys([*remedy, follows]))
