"""Log entries of any provider as one type, read fast, in order, and errors among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import structs

from landed.core.probe import LogLine
from landed.logs.stacks import holds_one

CHUNK = 32 << 10
"""Bytes that are decoded in one go: what is read of them is let go again while it is in the
processor's cache, which is half of the speed."""
ERROR_SEVERITIES = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY", "FATAL"})


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


class _Payload(msgspec.Struct, gc=False):
    """The fields that loggers commonly use."""

    message: Any = None
    msg: Any = None
    stack_trace: Any = None
    exception: Any = None
    stack: Any = None
    level: Any = None
    levelname: Any = None
    thread: Any = None
    thread_name: Any = None
    camel_thread_name: Any = msgspec.field(default=None, name="threadName")


_NO_LABELS = _Labels()
_ENTRIES = msgspec.json.Decoder(_Entry)
_PAYLOADS = msgspec.json.Decoder(_Payload)
_REQUESTS = msgspec.json.Decoder(_Request)
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
        found += [_line(entry, execution) for entry in _ENTRIES.decode_lines(view[at:end])]
        at = end
    return found


def from_entry(data: bytes | msgspec.Raw, execution: str) -> LogLine:
    """One entry in that shape, however many lines it takes. Raises ValueError as `from_lines`."""
    return _line(_ENTRIES.decode(data), execution)


def _line(entry: _Entry, execution: str) -> LogLine:
    labels = entry.labels or _NO_LABELS
    severity = str(entry.severity or "DEFAULT").upper()
    text, fields, thread = entry.text, "", labels.thread
    payload = str(entry.payload, "utf-8") if entry.payload else ""
    if payload.startswith("{"):
        found = _PAYLOADS.decode(entry.payload)
        fields = payload
        if "\\" in fields and "\\u" in fields:
            # Words are looked for as they are, and not as JSON may write them.
            fields = msgspec.json.encode(msgspec.json.decode(fields)).decode()
        text = found.message or found.msg
        stack = found.stack_trace or found.exception or found.stack
        if isinstance(stack, str) and stack not in str(text):
            text = f"{text or ''}\n{stack}"
        text = text or fields
        if severity == "DEFAULT":
            severity = str(found.level or found.levelname or severity).upper()
        named = found.thread or found.thread_name or found.camel_thread_name
        thread = str(named) if named else thread
    line = LogLine(
        timestamp=entry.timestamp,
        severity=severity,
        text=text if isinstance(text, str) else "" if text is None else str(text),
        execution=labels.execution or execution,
        insert_id=entry.insert_id or "",
        fields=fields,
        stream=entry.stream or "",
        instance=labels.instance or (labels.task and f"{labels.task}/{labels.attempt}"),
        thread=thread,
        trace=entry.trace or "",
    )
    # A program may log a request as well: what it says is in a log of its own, and nobody's asking.
    asked = not line.stream or line.stream.endswith(REQUESTS)
    if entry.request and (text is None or line.stream.endswith(REQUESTS)):
        return structs.replace(line, text=_refused(entry.request, severity), fields="", asked=asked)
    return line


def _refused(request: msgspec.Raw, severity: str) -> str:
    """What a request says in words if the place calls it an error, else nothing: a visitor's
    address is not the program's word, neither of work nor of an error.
    """
    if severity not in ERROR_SEVERITIES or bytes(request)[:1] != b"{":
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
        found = _PAYLOADS.decode(line)
    except msgspec.MsgspecError:
        return line
    said = found.message or found.msg
    return said if isinstance(said, str) else line


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
    """An error by its severity, or by the stack in it: plain lines carry no severity."""
    return entry.severity in ERROR_SEVERITIES or entry.mixed or holds_one(entry.text)
