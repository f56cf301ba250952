"""A build while it runs: its record, its log, and whether somebody has cancelled it."""

from __future__ import annotations

import io
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from landed.core.clock import now
from landed.core.errors import LandedError
from landed.core.model import Frozen, learned
from landed.core.redact import redact
from landed.localcloud.disk import save
from landed.localcloud.objects import Objects
from landed.localcloud.records import BuildRecord

MAIN, ENTRIES = "MAIN", "log.jsonl"
_JSON = msgspec.json.Encoder()


def entries_of(folder: Path) -> list[LogEntry]:
    """The log of the build in a folder, as far as its lines are whole."""
    try:
        lines = (folder / ENTRIES).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        with suppress(msgspec.DecodeError):
            found.append(msgspec.json.decode(line, type=LogEntry))
    return found


class StoppedError(LandedError):
    """The build was cancelled, or took too long; its record says so already."""


class LogEntry(Frozen):
    """A line of a build's log: when it was said, and by which step; `MAIN` is the builder."""

    at: datetime
    step: str
    text: str


learned(LogEntry)


class Log:
    """What a build says. Clients read it as an object, so each flush is a new generation; beside it
    lies the same as entries. `step` is who speaks.
    """

    def __init__(self, path: Path, objects: Objects, bucket: str, name: str) -> None:
        self.step = MAIN
        self._path = path
        self._objects = objects
        self._bucket = bucket
        self._name = name

    def say(self, words: str) -> None:
        """One or more lines."""
        said = redact(words)
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{said}\n")
        lines = (LogEntry(at=now(), step=self.step, text=line) for line in said.splitlines())
        with self._path.with_name(ENTRIES).open("ab") as entries:
            entries.writelines(_JSON.encode(line) + b"\n" for line in lines)

    def flush(self) -> None:
        """Shows what was said so far, where the build keeps its log in a bucket."""
        if self._bucket and self._path.is_file():
            data = io.BytesIO(self._path.read_bytes())
            self._objects.put(self._bucket, self._name, data, "text/plain; charset=utf-8")


class Running:
    """The record of a running build: one writer at a time, and none after its end."""

    def __init__(self, place: Path, record: BuildRecord, log: Log, seconds: float) -> None:
        self.log = log
        self.record = record
        self._place = place
        self._lock = threading.Lock()
        self._ends = time.monotonic() + seconds

    def update(self, **changes: Any) -> None:
        """Writes changes down. Raises StoppedError where the build has been ended meanwhile."""
        with self._lock:
            if self.record.status != "WORKING":
                raise StoppedError(self.record.failure)
            if time.monotonic() > self._ends and changes.get("finish_time") is None:
                changes = {"status": "TIMEOUT", "failure": "it took too long", "finish_time": now()}
            self.record = msgspec.structs.replace(self.record, **changes)
            save(self._place, self.record)
            if self.record.status == "TIMEOUT":
                raise StoppedError(self.record.failure)

    def seconds_left(self) -> float:
        """How long the build may still last."""
        return max(0.0, self._ends - time.monotonic())

    def cancel(self) -> bool:
        """Ends the build before its next step; False where it has ended already."""
        try:
            self.update(status="CANCELLED", failure="it was cancelled", finish_time=now())
        except StoppedError:
            return False
        return True
