"""What a structured entry says: its words with the error it tells of, its level, its thread.

Each logger has its own keys. Whatever is said of an error belongs to the words: "job failed" beside
an `error` is another error with each other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from landed.core.redact import names_secret
from landed.logs.severity import grave

_DEEPEST, _MOST = 5, 20
"""How deep a payload is looked into, and how many strings of an error are read."""

_ABOUT = frozenset(
    ("error", "errors", "err", "errormessage", "errormsg", "exc", "excinfo", "exctext",
     "exception", "exceptions", "@x", "stack", "stacktrace", "traceback", "backtrace", "thrown",
     "cause", "causes", "reason", "detail", "details", "failure")
)  # fmt: skip
_AROUND = frozenset(
    ("request", "req", "response", "res", "config", "options", "headers", "params", "query", "body",
     "data", "user", "env", "environ", "environment", "cookies", "cookie")
)  # fmt: skip
"""What an error carries along and does not say: who asked, and with which words."""
_STACKS = ("stack", "traceback", "backtrace")
_CUT_LEVEL = re.compile(
    r"\"(?:severity|level|levelname|level_name|log\.level|LogLevel|@l)\"\s*:\s*(\"\w+\"|\d{1,9}\b)"
)
_CUT_MESSAGE = re.compile(r"\"(?:message|msg|event|Message)\"\s*:\s*(\"(?:[^\"\\]|\\.)*)")


_LEVELS = ("severity", "level", "levelname", "level_name", "log.level", "LogLevel", "@l",
           "severity_text", "severityText", "lvl", "Level", "logLevel", "loglevel", "@level",
           "Severity")  # fmt: skip
_THREADS = ("thread", "thread_name", "threadName")
_HAS_LEVEL, _HAS_THREAD = frozenset(_LEVELS), frozenset(_THREADS)
_MESSAGES = ("event", "Message", "short_message", "@m", "@mt", "@message")
_ANYTHING = msgspec.json.Decoder()
_MANY = 4096
_quiet: set[str] = set()
"""Keys that were seen, and are about no error: to ask for all of an entry's at once is quick."""


class Said(msgspec.Struct, frozen=True, gc=False):
    """`text` is None where nothing in it is meant to be read, and `message` empty where it is all
    of it. `level` is the logger's own word.
    """

    text: Any
    message: str = ""
    level: str = ""
    grave: bool = False
    thread: str = ""


def said(payload: str) -> Said:
    """What a JSON object says. Raises ValueError where it is none, or nests too deep."""
    try:
        found = _ANYTHING.decode(payload)
    except RecursionError as error:
        raise ValueError("it nests too deep") from error
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - as for what is no JSON at all
    message = text = found.get("message") or found.get("msg") or _message(found)
    if not _is_quiet(payload, found):
        text = _with_error(text, found)
    thread, level, bad = "", "", False
    if not _HAS_THREAD.isdisjoint(found):
        thread = next((str(found[key]) for key in _THREADS if found.get(key)), "")
    if not _HAS_LEVEL.isdisjoint(found):
        told = [found[key] for key in _LEVELS if found.get(key)]
        syslog = found.get("short_message") is not None
        level, bad = str(told[0]) if told else "", any(grave(one, syslog=syslog) for one in told)
    apart = message if text is not message and isinstance(message, str) else ""
    return Said(text, apart, level, bad, thread)


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
    return Said(words, level=str(word), grave=grave(word))


def _message(found: dict[str, Any]) -> Any:
    others = [found.get(key) for key in _MESSAGES]
    inside, record = found.get("fields"), found.get("record")
    others.append(inside.get("message") if isinstance(inside, dict) else None)
    # Loguru's line, with its level in it.
    others.append(found.get("text") if isinstance(record, dict) else None)
    return next((other for other in others if isinstance(other, str) and other), None)


def _is_quiet(payload: str, found: dict[str, Any]) -> bool:
    """Whether nothing in an object can be about an error: no key is, and it holds no other one."""
    if payload.find("{", 1) >= 0 or "[" in payload:
        return False
    if _quiet.issuperset(found):
        return True
    if any(map(_tells, found)):
        return False
    if len(_quiet) < _MANY:
        _quiet.update(found)
    return True


@lru_cache(maxsize=1024)
def _tells(key: str) -> str:
    """A key as it is read where it says that its value is about an error, else nothing."""
    plain = key.lower().replace("_", "").replace("-", "")
    return plain if any(part in _ABOUT for part in plain.split(".")) else ""


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


@lru_cache(maxsize=1024)
def _about(key: str, about: str) -> str | None:
    """What the value of a key is about, within one that is about an error or about nothing; None
    where nobody may read it: without its key, a secret looks like words.
    """
    if names_secret(key):
        return None
    return _tells(key) or ("" if key.lower() in _AROUND else about)


def _strings(value: object, about: str, deep: int) -> Iterator[tuple[str, str]]:
    """The strings that tell of an error, each with the key that says so."""
    if isinstance(value, str):
        if about and value.strip():
            yield about, value
    elif deep < _DEEPEST and isinstance(value, dict):
        for key, inside in value.items():
            told = _about(key, about)
            yield from _strings(inside, told, deep + 1) if told is not None else ()
    elif about and deep < _DEEPEST and isinstance(value, list):
        for inside in value:
            yield from _strings(inside, about, deep + 1)
