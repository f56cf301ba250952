"""One log entry, whatever provider it came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from landed.core.probe import LogLine

ERROR_SEVERITIES = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY", "FATAL"})
TRACEBACK = "Traceback (most recent call last):"
_CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
MAX_TRACEBACK_LINES = 2_000


def from_cloud(raw: dict[str, Any], execution: str) -> LogLine:
    """An entry in the shape of Cloud Logging. Raises ValueError where it has no valid time."""
    payload = raw.get("jsonPayload")
    text: Any = raw.get("textPayload")
    severity = str(raw.get("severity") or "DEFAULT").upper()
    fields = ""
    if isinstance(payload, dict):
        text = payload.get("message") or payload.get("msg")
        trace = payload.get("stack_trace") or payload.get("exception")
        if isinstance(trace, str) and trace not in str(text):
            text = f"{text or ''}\n{trace}"
        fields = json.dumps(payload, ensure_ascii=False)
        text = text or fields
        if severity == "DEFAULT":
            severity = str(payload.get("level") or payload.get("levelname") or severity).upper()
    labels = raw.get("labels") or {}
    return LogLine(
        timestamp=datetime.fromisoformat(str(raw["timestamp"])),
        severity=severity,
        text=text if isinstance(text, str) else "" if text is None else str(text),
        execution=str(labels.get("run.googleapis.com/execution_name") or execution),
        insert_id=str(raw.get("insertId") or ""),
        fields=fields,
        stream=str(raw.get("logName") or ""),
    )


def whole(entries: Iterable[LogLine]) -> Iterator[LogLine]:
    """Entries with tracebacks put together again that were logged line by line.

    A plain program writes a traceback as many lines, and each becomes an entry of its own. The
    entries have to be of one execution, in order. Each stream is followed on its own; a structured
    entry is whole already. Two threads that write to one stream at once may still mix.
    """
    held: dict[str, list[LogLine]] = {}
    for entry in entries:
        if entry.fields:
            yield entry
            continue
        lines = held.get(entry.stream)
        if lines and _goes_on(lines, entry):
            lines.append(entry)
            continue
        if lines:
            yield _joined(held.pop(entry.stream))
        if entry.text.lstrip().startswith(TRACEBACK) and "\n" not in entry.text.strip():
            held[entry.stream] = [entry]
        else:
            yield entry
    for lines in held.values():
        yield _joined(lines)


def _goes_on(held: list[LogLine], entry: LogLine) -> bool:
    """Whether this line belongs to the traceback that is being collected."""
    line = entry.text
    if len(held) > MAX_TRACEBACK_LINES or "\n" in line.strip():
        return False
    last = held[-1].text
    ended = not last.startswith((" ", "\t")) and last.strip() not in ("", TRACEBACK, *_CHAINED)
    if line.strip() == "" or line.strip() in _CHAINED:
        return True
    if line.strip() == TRACEBACK:
        return last.strip() == "" or last.strip() in _CHAINED
    if line.startswith((" ", "\t")):
        return not ended or line.lstrip().startswith(("|", "+"))
    # The line that names the exception ends the block; after a blank one, nothing belongs to it.
    return not ended and last.strip() != ""


def _joined(held: list[LogLine]) -> LogLine:
    first = held[0]
    return LogLine(
        timestamp=first.timestamp,
        severity=first.severity,
        text="\n".join(entry.text for entry in held).rstrip(),
        execution=first.execution,
        insert_id=first.insert_id,
        fields=first.fields,
    )


def is_error(entry: LogLine) -> bool:
    """An error by its severity, or by the traceback in it: plain lines carry no severity."""
    return entry.severity in ERROR_SEVERITIES or TRACEBACK in entry.text
