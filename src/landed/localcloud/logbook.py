"""Log entries in the shape of Cloud Logging's, one file an execution."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from landed.localcloud.disk import now

MAX_LINE = 256 * 1024
_LIFTED = ("severity", "time", "timestamp")
_SEVERITIES = frozenset(
    ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]
)


class Logbook:
    """The entries of one execution, appended line by line."""

    def __init__(self, path: Path, job: str, execution: str) -> None:
        self.path, self.job, self.execution = path, job, execution
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._count = 0

    def add(self, line: bytes, stream: str) -> dict[str, Any]:
        """Writes what a program printed as one entry, and returns the entry."""
        self._count += 1
        moment = now()
        entry: dict[str, Any] = {
            "timestamp": stamp(moment),
            "receiveTimestamp": stamp(moment),
            "insertId": f"{moment.timestamp():017.6f}-{self._count:08d}",
            "severity": "DEFAULT",
            "logName": f"projects/local/logs/run.googleapis.com%2F{stream}",
            "resource": {
                "type": "cloud_run_job",
                "labels": {"job_name": self.job, "location": "local", "project_id": "local"},
            },
            "labels": {
                "run.googleapis.com/execution_name": self.execution,
                "run.googleapis.com/task_index": "0",
            },
        }
        entry |= _payload(line)
        data = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        os.write(self._file, data)
        return entry

    def close(self) -> None:
        """Lets go of the file."""
        os.close(self._file)


def _payload(line: bytes) -> dict[str, Any]:
    """A line that is a JSON object becomes a payload, with its severity and time lifted out."""
    cut = len(line) > MAX_LINE
    text = line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r\n")
    if not cut and text.startswith("{"):
        try:
            payload = json.loads(text)
        except (ValueError, RecursionError):
            payload = None
        if isinstance(payload, dict):
            return _lifted(payload)
    return {"textPayload": f"{text} … (cut)" if cut else text}


def _lifted(payload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    severity = str(payload.get("severity", "")).upper()
    if severity in _SEVERITIES:
        found["severity"] = severity
    moment = payload.get("time") or payload.get("timestamp")
    if isinstance(moment, str):
        try:
            parsed = datetime.fromisoformat(moment)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.tzinfo is not None:
            found["timestamp"] = stamp(parsed)
    return {**found, "jsonPayload": {k: v for k, v in payload.items() if k not in _LIFTED}}


def stamp(moment: datetime) -> str:
    """A moment as Cloud Logging writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """The whole entries of a file; a last line that a crash cut off is left out."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry
