"""The queue: a folder with one JSON file a message.

A message waits in `inbox`. Moving it to `done` or `aside` acknowledges it. What is not
acknowledged is tried again by the next run.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from content_worker.message import Message


@dataclass(frozen=True)
class Claim:
    """A message that nobody else works on meanwhile."""

    path: Path
    content: bytes

    def acknowledge(self, box: Literal["done", "aside"]) -> None:
        """Take the message out of the inbox for good."""
        self.path.replace(self.path.parent.parent / box / self.path.name)


@dataclass(frozen=True)
class Queue:
    """The queue in `folder`, which is made where it is missing."""

    folder: Path

    def __post_init__(self) -> None:
        for box in ("inbox", "done", "aside"):
            (self.folder / box).mkdir(parents=True, exist_ok=True)

    def put(self, message: Message) -> None:
        """Add a message. No reader ever sees half of one."""
        name = f"{time.time_ns()}-{message.request_id}.json"  # in order of arrival
        draft = self.folder / "inbox" / f".{name}"
        with draft.open("wb") as file:
            file.write(message.to_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(draft.with_name(name))

    def waiting(self) -> list[Path]:
        """Return the files of the messages that wait, the oldest first."""
        inbox = self.folder / "inbox"
        return sorted(p for p in inbox.iterdir() if p.is_file() and not p.name.startswith("."))


@contextmanager
def claim(path: Path) -> Iterator[Claim | None]:
    """Claim the message in `path`; None where another worker has it or had it.

    The claim is a lock on the file. It ends with the process at the latest, so a worker that
    is killed leaves nothing to clean up.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Another worker may have acknowledged it between the opening and the lock.
        yield Claim(path, file.read()) if path.exists() else None
