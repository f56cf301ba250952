"""Who is alive: each executor holds a lock on its own id for as long as it lives.

Whoever gets a dead executor's lock may give its work to another. A stopped process still holds its
lock, so its work is not taken away; it goes on where it was.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from landed.core.errors import ProviderError

WORKER = "worker-"
"""How the ids of executors begin that take whatever is enqueued."""


class Seats(Protocol):
    """The locks of all executors on one database."""

    def take(self, executor: str) -> None:
        """Holds the lock of this process's own id until it ends."""

    def held(self) -> bool:
        """Whether this process still holds it: a lost connection loses the lock."""

    def vacant(self, executor: str) -> AbstractContextManager[bool]:
        """Holds the lock of another executor for the block; false where that one is alive."""

    def workers(self) -> bool:
        """Whether some worker is alive."""

    def close(self) -> None:
        """Lets go."""


class FileSeats:
    """Locks on files, for one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: int | None = None

    def take(self, executor: str) -> None:
        """Locks the file of this id."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._mine = os.open(self._folder / executor, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._mine, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def held(self) -> bool:
        """A file's lock is not lost."""
        return self._mine is not None

    @contextmanager
    def vacant(self, executor: str) -> Iterator[bool]:
        """Tries the lock of another id; an id without a file is of a process that ended well."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / executor
        file = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
            place.unlink(missing_ok=True)
        finally:
            os.close(file)

    def workers(self) -> bool:
        """Tries the lock of every worker; the files of dead ones are cleared away by `vacant`."""
        for place in self._folder.glob(f"{WORKER}*") if self._folder.is_dir() else ():
            with suppress(FileNotFoundError), place.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
        return False

    def close(self) -> None:
        """Lets go of the own lock."""
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None


class DatabaseSeats:
    """PostgreSQL's advisory locks, for many machines. They end with the connection."""

    _EXECUTOR, _WORKER = 0x1A4DE1, 0x1A4DE2

    def __init__(self, url: str) -> None:
        driver = make_url(url).set(drivername="postgresql+psycopg")
        self._engine: Engine = create_engine(
            driver, isolation_level="AUTOCOMMIT", pool_size=2,
            connect_args={"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5,
                          "keepalives_count": 3},
        )  # fmt: skip
        self._mine: Connection | None = None

    def take(self, executor: str) -> None:
        """Locks this id on a connection that is kept."""
        self._mine = self._engine.connect()
        if not _locked(self._mine, self._EXECUTOR, executor):
            raise ProviderError(f"executor {executor} is alive already", "start it once more")
        if executor.startswith(WORKER):
            _locked(self._mine, self._WORKER, executor)

    def held(self) -> bool:
        """Whether the connection lives; with it the lock does."""
        try:
            return self._mine is not None and bool(self._mine.scalar(text("SELECT true")))
        except OperationalError:
            return False

    @contextmanager
    def vacant(self, executor: str) -> Iterator[bool]:
        """Tries the lock of another id."""
        with self._engine.connect() as connection:
            free = _locked(connection, self._EXECUTOR, executor)
            try:
                yield free
            finally:
                if free:
                    connection.execute(
                        text("SELECT pg_advisory_unlock(:kind, :id)"),
                        {"kind": self._EXECUTOR, "id": _number(executor)},
                    )

    def workers(self) -> bool:
        """Asks who holds a worker's lock in this database."""
        asked = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind "
            "AND granted AND database = (SELECT oid FROM pg_database "
            "WHERE datname = current_database())"
        )
        with self._engine.connect() as connection:
            return bool(connection.scalar(asked, {"kind": self._WORKER}))

    def close(self) -> None:
        """Lets go of all connections, and of the lock with them."""
        if self._mine is not None:
            self._mine.close()
            self._mine = None
        self._engine.dispose()


def _locked(connection: Connection, kind: int, executor: str) -> bool:
    asked = text("SELECT pg_try_advisory_lock(:kind, :id)")
    return bool(connection.scalar(asked, {"kind": kind, "id": _number(executor)}))


def _number(executor: str) -> int:
    """An id as the 32 bits with a sign that PostgreSQL's locks have."""
    number = zlib.crc32(executor.encode())
    return number - (1 << 32) if number >= 1 << 31 else number
