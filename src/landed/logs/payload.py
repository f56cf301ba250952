"""What a structured entry says: its words with the error it tells of, its level, its thread.

Each logger has its own keys. Whatever is said of an error belongs to the words: "job failed" beside
an `error` is another error with each other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from landed.core.model import Frozen
from landed.logs.severity import grave

_DEEPEST, _MOST = 5, 20
"""How deep a payload is looked into, and how many strings of an error are read."""

_ABOUT = frozenset(
    ("error", "errors", "err", "errormessage", "errormsg", "exc", "excinfo", "exctext",
     "exception", "exceptions", "@x", "stack", "stacktrace", "traceback", "backtrace", "thrown",
     "cause", "causes", "reason", "detail", "details", "failure")
)  # fmt: skip
_STACKS = ("stack", "traceback", "backtrace")
# Letters of all of these: most entries have none, and are not looked into.
_HINTS = (
    "rr",
    "xc",
    "tack",
    "raceback",
    "cktrace",
    "hrown",
    "ause",
    "eason",
    "tail",
    "ailure",
    "@x",
)
_CUT_LEVEL = re.compile(
    r"\"(?:severity|level|levelname|level_name|log\.level|LogLevel|@l)\"\s*:\s*(\"\w+\"|\d+)"
)
_CUT_MESSAGE = re.compile(r"\"(?:message|msg|event|Message)\"\s*:\s*(\"(?:[^\"\\]|\\.)*)")


class _Payload(msgspec.Struct, gc=False):
    """The fields that loggers commonly use."""

    message: Any = None
    msg: Any = None
    capital_message: Any = msgspec.field(default=None, name="Message")
    event: Any = None
    short_message: Any = None
    rendered: Any = msgspec.field(default=None, name="@m")
    template: Any = msgspec.field(default=None, name="@mt")
    fields: Any = None
    severity: Any = None
    level: Any = None
    levelname: Any = None
    level_name: Any = None
    dotted_level: Any = msgspec.field(default=None, name="log.level")
    capital_level: Any = msgspec.field(default=None, name="LogLevel")
    at_level: Any = msgspec.field(default=None, name="@l")
    severity_text: Any = None
    camel_severity_text: Any = msgspec.field(default=None, name="severityText")
    thread: Any = None
    thread_name: Any = None
    camel_thread_name: Any = msgspec.field(default=None, name="threadName")


_PAYLOADS = msgspec.json.Decoder(_Payload)


class Said(Frozen, gc=False):
    """`text` is None where nothing in it is meant to be read. `level` is the logger's own word."""

    text: Any
    level: str = ""
    grave: bool = False
    thread: str = ""


def said(payload: str) -> Said:
    """What a JSON object says. Raises ValueError where it is none."""
    found = _PAYLOADS.decode(payload)
    text = _message(found)
    if any(hint in payload for hint in _HINTS):
        text = _with_error(text, msgspec.json.decode(payload))
    levels = found.severity, found.level, found.levelname, found.level_name, found.dotted_level
    more = found.capital_level, found.at_level, found.severity_text, found.camel_severity_text
    syslog = found.short_message is not None
    named = found.thread or found.thread_name or found.camel_thread_name
    told = [level for level in (*levels, *more) if level]
    return Said(
        text=text,
        level=str(told[0]) if told else "",
        grave=any(grave(level, syslog=syslog) for level in told),
        thread=str(named) if named else "",
    )


def said_cut(text: str) -> Said | None:
    """What is left of a JSON object that was too long, and cut; None where it tells no level."""
    level, message = _CUT_LEVEL.search(text), _CUT_MESSAGE.search(text)
    if level is None:
        return None
    word = msgspec.json.decode(level[1])
    try:
        words = msgspec.json.decode(f'{message[1]}"') if message else None
    except msgspec.MsgspecError:
        words = None
    return Said(text=words, level=str(word), grave=grave(word))


def _message(found: _Payload) -> Any:
    if found.message or found.msg:
        return found.message or found.msg
    others = found.event, found.capital_message, found.short_message, found.rendered, found.template
    inside = found.fields.get("message") if isinstance(found.fields, dict) else None
    return next((other for other in (*others, inside) if isinstance(other, str) and other), None)


def _with_error(text: Any, payload: object) -> Any:
    """The message, and after it whatever else the entry says of an error."""
    found = dict.fromkeys(islice(_strings(payload, about="", deep=0), _MOST))
    for key, words in found:
        others = (str(text or ""), *(other for _, other in found if other != words))
        if any(words in other for other in others):
            continue
        apart = "\n" if "\n" in words or any(stack in key for stack in _STACKS) else ": "
        text = f"{text or ''}{apart}{words}" if text or apart == "\n" else words
    return text


def _strings(value: object, about: str, deep: int) -> Iterator[tuple[str, str]]:
    """The strings that tell of an error, each with the key that says so."""
    if isinstance(value, str):
        if about and value.strip():
            yield about, value
    elif deep < _DEEPEST and isinstance(value, dict):
        for key, inside in value.items():
            plain = key.lower().replace("_", "").replace("-", "")
            named = next((part for part in plain.split(".") if part in _ABOUT), "")
            yield from _strings(inside, (named and plain) or about, deep + 1)
    elif about and deep < _DEEPEST and isinstance(value, list):
        for inside in value:
            yield from _strings(inside, about, deep + 1)
