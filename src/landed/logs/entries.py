"""Log entries of any provider as one type, read fast, in order, and errors among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import structs

from landed.core.probe import LogLine
from landed.logs.payload import Said, said, said_cut
from landed.logs.severity import grave, says_error
from landed.logs.stacks import holds_one

ERROR = "ERROR"
"""The severity of whatever its place or its logger calls an error, in which word ever."""
CHUNK = 32 << 10
"""Bytes that are decoded in one go: what is read of them is let go again while it is in the
processor's cache, which is half of the speed."""


class _Labels(msgspec.Struct, frozen=True, gc=False):
    execution: str = msgspec.field(default="", name="run.googleapis.com/execution_name")
    task: str = msgspec.field(default="", name="run.googleapis.com/task_index")
    attempt: str = msgspec.field(default="", name="run.googleapis.com/task_attempt")
    instance: str = msgspec.field(default="", name="instanceId")
    thread: str = ""


class _Entry(msgspec.Struct, gc=False):
    """What landed reads of an entry. Nothing of it is trusted to be there, but its time."""

    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    insert_id: str | None = msgspec.field(default="", name="insertId")
    severity: str | int | None = None
    text: Any = msgspec.field(default=None, name="textPayload")
    payload: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="jsonPayload")
    stream: str | None = msgspec.field(default="", name="logName")
    labels: _Labels | None = _Labels()
    trace: str | None = ""
    request: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="httpRequest")


class _Request(msgspec.Struct, gc=False):
    """What the place says of a request to a service."""

    method: Any = msgspec.field(default=None, name="requestMethod")
    url: Any = msgspec.field(default=None, name="requestUrl")
    status: Any = None


_NO_LABELS = _Labels()
_NOTHING = Said(None)
_ENTRIES = msgspec.json.Decoder(_Entry)
_REQUESTS = msgspec.json.Decoder(_Request)
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ODD = (b"\\", b"\xef")
"""What begins a byte order mark, and a letter that is written otherwise than it reads. One byte is
found ten times as fast as two.
"""
REQUESTS = "%2Frequests"
"""How the name of the log ends that has the place's own entries about requests."""


def from_lines(data: bytes, execution: str) -> list[LogLine]:
    """Entries in the shape of Cloud Logging, one JSON object a line.

    An entry that names no execution is of `execution`. Raises ValueError where a line is no such
    entry or has no valid time.
    """
    found: list[LogLine] = []
    view, at = memoryview(data), 0
    while at < len(data):
        end = data.find(b"\n", at + CHUNK)
        end = len(data) if end < 0 else end
        plain = all(data.find(odd, at, end) < 0 for odd in _ODD)
        try:
            read = _ENTRIES.decode_lines(view[at:end])
        except RecursionError as error:
            raise ValueError("an entry nests too deep") from error
        found += [_line(entry, execution, plain=plain) for entry in read]
        at = end
    return found


def from_entry(data: bytes | msgspec.Raw, execution: str) -> LogLine:
    """One entry in that shape, however many lines it takes. Raises ValueError as `from_lines`."""
    try:
        return _line(_ENTRIES.decode(data), execution, plain=False)
    except RecursionError as error:
        raise ValueError("an entry nests too deep") from error


def _line(entry: _Entry, execution: str, *, plain: bool) -> LogLine:
    """The entry as one type; `plain` where nothing in it is written otherwise than it reads."""
    labels = entry.labels or _NO_LABELS
    severity = _place_severity(entry.severity)
    text, fields = entry.text, ""
    found = _NOTHING
    payload = str(entry.payload, "utf-8") if entry.payload else ""
    if payload.startswith("{"):
        found = said(payload)
        fields = payload if plain else _as_words(payload)
        text = found.text or fields
    if not isinstance(text, str):
        text = "" if text is None else str(text)
    if not plain:
        text = _clean(text)
    line = LogLine(
        timestamp=entry.timestamp,
        severity=_severity(severity, found) if found is not _NOTHING else severity,
        text=text,
        execution=labels.execution or execution,
        insert_id=entry.insert_id or "",
        fields=fields,
        stream=entry.stream or "",
        instance=labels.instance or (labels.task and f"{labels.task}/{labels.attempt}"),
        thread=found.thread or labels.thread,
        message=found.message if plain else _clean(found.message),
        trace=entry.trace or "",
    )
    if not fields and text.startswith("{"):
        line = reread(line)
    # A program may log a request as well: what it says is in a log of its own, and nobody's asking.
    of_place = line.stream.endswith(REQUESTS) if entry.request else False
    if of_place or (entry.request and entry.text is None and not payload):
        asked = of_place or not line.stream
        return structs.replace(line, text=_refused(entry.request, severity), fields="", asked=asked)
    return line


@lru_cache(maxsize=64, typed=True)
def _place_severity(level: str | int | None) -> str:
    return ERROR if grave(level) else str(level or "DEFAULT").upper()


def _severity(place: str, found: Said) -> str:
    if found.grave:
        return ERROR
    return found.level.upper() if place == "DEFAULT" and found.level else place


def _as_words(payload: str) -> str:
    """A payload in which words can be looked for as they are, and not as JSON may write them."""
    if "\\" in payload and "\\u" in payload:
        return msgspec.json.encode(msgspec.json.decode(payload)).decode()
    return payload


def reread(line: LogLine) -> LogLine:
    """A structured entry that its place took for text: for a mark before it, as it came in many
    lines, or as it was too long and cut.
    """
    fields = ""
    try:
        found, fields = said(line.text), _as_words(line.text)
    except ValueError:
        found = said_cut(line.text) or _NOTHING
    return structs.replace(
        line,
        severity=_severity(line.severity, found),
        text=_clean(str(found.text or line.text)),
        fields=fields,
        thread=found.thread or line.thread,
        message=_clean(found.message),
    )


def _clean(text: str) -> str:
    """Text without colours and without what UTF-16 leaves between letters: words are looked for."""
    if "\0" in text:
        text = text.replace("\0", "").lstrip("\ufffd")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    return text.removeprefix("\ufeff")


def _refused(request: msgspec.Raw, severity: str) -> str:
    """What a request says in words if the place calls it an error, else nothing: a visitor's
    address is not the program's word, neither of work nor of an error.
    """
    if severity != ERROR or bytes(request)[:1] != b"{":
        return ""
    found = _REQUESTS.decode(request)
    return " ".join(str(word) for word in (found.method, found.url, found.status) if word)


def since_asked(entries: Sequence[LogLine]) -> list[LogLine]:
    """A service's entries from when the instance that wrote them was first asked: what it wrote
    before, as it started, is no sign of work. By the first request to any, where an entry does not
    name its instance.
    """
    first: dict[str, datetime] = {}
    for entry in entries:
        if entry.asked:
            for who in (entry.instance, ""):
                first[who] = min(first.get(who, entry.timestamp), entry.timestamp)
    return [e for e in entries if e.instance in first and e.timestamp >= first[e.instance]]


def spoken(line: str) -> str:
    """What a line of output says to a person: of a structured one its message."""
    if not line.startswith("{"):
        return line
    try:
        found = said(line)
    except ValueError:
        return line
    return found.text if isinstance(found.text, str) else line


def ordered(entries: Iterable[LogLine]) -> list[LogLine]:
    """Entries in the order in which they were written: by time, and by insert id where two have
    the same. What came late is put in its place, and what was delivered twice counts once.
    """
    found: dict[object, LogLine] = {}
    for number, entry in enumerate(entries):
        once = (entry.timestamp, entry.insert_id, entry.stream) if entry.insert_id else number
        found.setdefault(once, entry)
    return sorted(found.values(), key=lambda entry: (entry.timestamp, entry.insert_id))


def is_error(entry: LogLine) -> bool:
    """An error by its severity, by the stack in it, or by its words: plain lines carry none."""
    if entry.severity == ERROR or entry.mixed or holds_one(entry.text):
        return True
    return entry.severity == "DEFAULT" and says_error(entry.text)
