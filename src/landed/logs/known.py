"""Errors that are known by having been there: by their identity, and by their message.

A name holds for what it was seen on. Words with a number or an id in them stand in one entry; in
the next one they are others, and the error is the same. And who only turns an error's severity
down, or puts words before its message, has not mended it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from landed.core.model import Frozen, NamedError
from landed.logs.fingerprint import Fingerprint
from landed.logs.mask import masked

_MASK = re.compile(r"<[a-z]+>")
ENOUGH = 16
"""Letters of a message that no other entry holds by chance, if they are several words."""


class Message(Frozen):
    """A named error's message with what varies masked. `anchor` is its longest part that stays."""

    name: str
    text: str
    anchor: str


class Known(Frozen):
    """What executions before showed of the named errors."""

    identities: dict[str, str] = {}
    messages: tuple[Message, ...] = ()

    def name(self, identity: str) -> str | None:
        """The name of the error with this identity, if it has one."""
        return self.identities.get(identity)

    def said_in(self, text: str) -> str | None:
        """The name of the first error whose message stands in a text."""
        held = (one for one in self.messages if one.anchor in text)
        return next((one.name for one in held if one.text in masked(text)), None)


NOTHING = Known()


def known(named: Iterable[NamedError], shown: Iterable[tuple[str, Fingerprint]]) -> Known:
    """What is known by these named errors; `shown` are the names and what they were seen on."""
    words = {one.name: one.contains for one in named if one.contains}
    identities: dict[str, str] = {}
    messages: dict[str, Message] = {}
    for name, mark in shown:
        # Words beside the message, in another field, do not make this one the error.
        if name in words and words[name] not in mark.said:
            continue
        identities.setdefault(mark.identity, name)
        text = masked(mark.message.partition("\n")[0].strip())
        anchor = max(_MASK.split(text), key=len).strip()
        if len(anchor) >= ENOUGH and " " in anchor:
            messages.setdefault(text, Message(name=name, text=text, anchor=anchor))
    return Known(identities=identities, messages=tuple(messages.values()))
