"""Locks of executors on files, for one machine."""

from __future__ import annotations

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landed.core.errors import ProviderError
from landed.ship.seats import WORKER

_WAIT_SECONDS = 30.0


class FileSeats:
    """Locks on files, for one machine."""

    patience = 0.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: int | None = None

    def take(self, executor: str) -> None:
        """Locks the file of this id. Who asks whether a worker is alive may look at it just now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._mine = os.open(self._folder / executor, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._mine, fcntl.LOCK_EX)

    def held(self) -> bool:
        """A file's lock is not lost."""
        return self._mine is not None

    def free(self, executor: str) -> bool:
        """An id without a file is of a process that ended well."""
        return not _held(self._folder / executor)

    @contextmanager
    def vacant(self, executor: str) -> Iterator[bool]:
        """Tries the lock of another id, and takes its file away at the end."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / executor
        file = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            # Not one that somebody took away meanwhile: the next one gets another file.
            free = _flocked(file) and _is_at(file, place)
            yield free
            if free:
                place.unlink(missing_ok=True)
        finally:
            os.close(file)

    def workers(self) -> bool:
        """Tries the lock of every worker; the files of dead ones are cleared away by `vacant`."""
        return any(_held(place) for place in self._folder.glob(f"{WORKER}*"))

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """One file for each name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"alone-{zlib.crc32(name.encode()):08x}").open("wb") as file:
            until = time.monotonic() + _WAIT_SECONDS
            while not _flocked(file.fileno()):
                if time.monotonic() > until:
                    raise ProviderError("another landed begins a shipment", "is it stuck?")
                time.sleep(0.05)
            yield

    @contextmanager
    def in_turn(self, name: str, *, patient: bool) -> Iterator[None]:  # noqa: ARG002
        """One file for each name; a file's lock is not lost, so there is nothing to wait out."""
        with (self._folder / f"turn-{zlib.crc32(name.encode()):08x}").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """Lets go of the own lock."""
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None


def _held(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            # Shared: those who look at it do not take each other for its holder.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _is_at(file: int, place: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), place.stat())
    except FileNotFoundError:
        return False


def _flocked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
