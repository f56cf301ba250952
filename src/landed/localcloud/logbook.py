"""Log entries in the shape of Cloud Logging's, one file an execution or instance."""

from __future__ import annotations

import errno
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from landed.core.clock import now
from landed.core.errors import DataError
from landed.core.model import Frozen

MAX_LINE = 256 * 1024
HERE = {"location": "local", "project_id": "local"}
_TIMES = ("time", "timestamp")
_SEVERITIES = frozenset(
    ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]
)


class Origin(Frozen):
    """What every entry of one execution or instance says of where it comes from."""

    type: str
    resource: dict[str, str]
    labels: dict[str, str]


def of_execution(job: str, execution: str) -> Origin:
    """The origin of a job's execution."""
    return Origin(
        type="cloud_run_job",
        resource={"job_name": job, **HERE},
        labels={
            "run.googleapis.com/execution_name": execution,
            "run.googleapis.com/task_index": "0",
        },
    )


def of_instance(service: str, revision: str, instance: str) -> Origin:
    """The origin of an instance of a service's revision."""
    return Origin(
        type="cloud_run_revision",
        resource={
            "service_name": service,
            "revision_name": revision,
            "configuration_name": service,
            **HERE,
        },
        labels={"instanceId": instance},
    )


class Logbook:
    """The entries of one execution or instance, appended line by line."""

    def __init__(self, path: Path, origin: Origin) -> None:
        self.path, self.origin = path, origin
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.count = 0
        self._torn = False

    def add(self, line: bytes, stream: str) -> dict[str, Any]:
        """Writes what a program printed as one entry, and returns the entry."""
        self.count += 1
        moment = now()
        entry: dict[str, Any] = {
            "timestamp": stamp(moment),
            "receiveTimestamp": stamp(moment),
            "insertId": f"{moment.timestamp():017.6f}-{self.count:08d}",
            "severity": "DEFAULT",
            "logName": f"projects/local/logs/run.googleapis.com%2F{stream}",
            "resource": {"type": self.origin.type, "labels": self.origin.resource},
            "labels": self.origin.labels,
        }
        entry |= _payload(line)
        data = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        # What a full disk cut off must not swallow the entry after it.
        data = b"\n" + data if self._torn else data
        self._torn = True
        if os.write(self._file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self._torn = False
        return entry

    def close(self) -> None:
        """Lets go of the file."""
        os.close(self._file)


def add_request(path: Path, origin: Origin, request: Mapping[str, Any], began: datetime) -> None:
    """Appends the entry that Cloud Run itself writes of a request; `request` is its `httpRequest`.

    Whole or not at all: several commands may write to one file at once.
    """
    status = request["status"]
    entry = {
        "timestamp": stamp(began),
        "receiveTimestamp": stamp(now()),
        "insertId": f"{began.timestamp():017.6f}-{secrets.token_hex(4)}",
        "severity": "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO",
        "logName": "projects/local/logs/run.googleapis.com%2Frequests",
        "httpRequest": request,
        "resource": {"type": origin.type, "labels": origin.resource},
        "labels": origin.labels,
    }
    data = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with path.open("ab", buffering=0) as file:
        file.write(data)


def _payload(line: bytes) -> dict[str, Any]:
    """A line that is a JSON object becomes a payload, with its severity and time lifted out."""
    cut = len(line) > MAX_LINE
    text = line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r\n")
    if not cut and text.startswith("{"):
        try:
            payload = json.loads(
                text, parse_constant=_no_json, parse_int=_integer, parse_float=_double
            )
        except (ValueError, RecursionError):
            payload = None
        if isinstance(payload, dict):
            return _lifted(payload)
    return {"textPayload": f"{text} … (cut)" if cut else text}


def _no_json(constant: str) -> Any:
    """NaN and its like are no JSON: such a line stays text."""
    raise ValueError(constant)


def _integer(digits: str) -> int | float:
    """Cloud Logging keeps numbers as doubles; what fits no integer of 64 bits becomes one."""
    number = int(digits)
    return number if -(1 << 63) <= number < 1 << 63 else _double(digits)


def _double(digits: str) -> float:
    """What fits no double would be written as infinite, and that is no JSON."""
    number = float(digits)
    if not math.isfinite(number):
        _no_json(digits)
    return number


def _lifted(payload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    severity = str(payload.get("severity", "")).upper()
    if severity in _SEVERITIES:
        found["severity"] = severity
    moment = payload.get("time") or payload.get("timestamp")
    if isinstance(moment, str):
        try:
            parsed = datetime.fromisoformat(moment)
            if parsed.tzinfo is not None:
                found["timestamp"] = stamp(parsed)
        except (ValueError, OverflowError):
            # What is no moment stays out; the entry keeps the time of its arrival.
            pass
    gone = (
        *(["severity"] if "severity" in found else []),
        *(_TIMES if "timestamp" in found else []),
    )
    return {**found, "jsonPayload": {k: v for k, v in payload.items() if k not in gone}}


def stamp(moment: datetime) -> str:
    """A moment as Cloud Logging writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """The whole entries of a file; a last line that a crash cut off is left out. Raises DataError
    for any other line that is no entry: what cannot be read must not pass for silence.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            entry = _entry(line)
            if entry is not None:
                yield entry
            elif line.endswith(b"\n"):
                raise DataError(
                    f"{path}:{number} is no log entry", "the log was damaged; execute again"
                )


def whole_lines(path: Path) -> bytes:
    """A file as it was written, one entry a line, for a reader that is faster than `entries`; a
    last line that a crash cut off is left out.
    """
    data = path.read_bytes() if path.is_file() else b""
    end = data.rfind(b"\n") + 1
    return data if _entry(data[end:]) is not None else data[:end]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
