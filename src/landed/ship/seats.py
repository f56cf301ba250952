"""Who is alive: each executor holds a lock on its own id for as long as it lives.

Whoever gets a dead executor's lock may give its work to another. A stopped process still holds its
lock, so its work is not taken away; it goes on where it was. A lock that can be lost with its
connection is watched by its holder, who ends at once without it, and others wait that long.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from landed.core.errors import ProviderError
from landed.core.redact import redact

_SOON = {
    "connect_timeout": 10,
    # A holder whose network is gone notices it within `patience`, and PostgreSQL well after that.
    "tcp_user_timeout": 4000, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 2,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    "-c lock_timeout=30000",
}  # fmt: skip
_WAIT_SECONDS = 30.0
_TURN_SECONDS = 0.2
BEAT_SECONDS = 0.5
"""How often a holder looks whether it still holds its lock."""
WORKER = "worker"
"""How the ids of executors begin that take whatever is enqueued."""


class Seats(Protocol):
    """The locks of all executors on one database.

    `patience` is how long a lock must have been free before its holder is taken for dead: longer
    than a holder takes to notice that it lost it. 0 where none is ever lost.
    """

    patience: float

    def take(self, executor: str) -> None:
        """Holds the lock of this process's own id until it ends."""

    def held(self) -> bool:
        """Whether this process still holds it: a lost connection loses the lock."""

    def free(self, executor: str) -> bool:
        """Whether nobody alive holds the lock of another executor. Those who only ask are in
        nobody's way, and take each other for nobody.
        """

    def vacant(self, executor: str) -> AbstractContextManager[bool]:
        """Holds the lock of another executor for the block, to give its work away. False where
        that one is alive, and where somebody else looks at it just now: then it is tried again.
        """

    def workers(self) -> bool:
        """Whether some worker of this project is alive."""

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Waits until nobody else is in a block of this name, for half a minute at most."""

    def in_turn(self, name: str, *, patient: bool) -> AbstractContextManager[None]:
        """Waits until nobody else is in a block of this name, however long that takes. Who is in it
        holds the lock of its own id, and both end together. `patient` where somebody may have lost
        them a moment ago: then it begins when the lock has been free for `patience`.
        """

    def close(self) -> None:
        """Lets go."""


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


class DatabaseSeats:
    """PostgreSQL's advisory locks, for many machines. They end with the connection."""

    patience = 5.0
    _EXECUTOR, _WORKER, _ALONE, _TURN = 0x1A4DE1, 0x1A4DE3, 0x1A4DE4, 0x1A4DE5

    def __init__(self, url: str, project: str) -> None:
        driver = make_url(url).set(drivername="postgresql+psycopg")
        self._project = project
        self._engine: Engine = create_engine(
            driver, isolation_level="AUTOCOMMIT", pool_size=2, pool_pre_ping=True,
            connect_args=_SOON,
        )  # fmt: skip
        self._mine: Connection | None = None
        self._name, self._asked = "", threading.Lock()
        self._turns: set[str] = set()
        self._free_since: dict[tuple[int, str], float] = {}

    def take(self, executor: str) -> None:
        """Locks this id on a connection that is kept."""
        with _answering():
            self._mine, self._name = self._engine.connect(), executor
            if not _locked(self._mine, self._EXECUTOR, executor):
                raise ProviderError(f"executor {executor} is alive already", "start it once more")
            if executor.startswith(WORKER):
                # Shared by all workers of a project: who is free to take it sees that none is.
                _locked(self._mine, self._WORKER, self._project, shared=True)

    def held(self) -> bool:
        """Asks on the very connection whether the lock is there. Once lost, it stays lost."""
        with self._asked:
            try:
                held = self._mine is not None and _is_locked(
                    self._mine, self._EXECUTOR, self._name, here=True
                )
            except DBAPIError:
                held = False
            if not held:
                self._mine = None
            return held

    def free(self, executor: str) -> bool:
        """Whether it was seen free for long enough."""
        with _answering(), self._engine.connect() as connection:
            return self._free_for_long(connection, self._EXECUTOR, executor)

    @contextmanager
    def vacant(self, executor: str) -> Iterator[bool]:
        """Tries the lock of another id, once it was seen free for long enough."""
        with _answering(), self._engine.connect() as connection:
            if not self._free_for_long(connection, self._EXECUTOR, executor):
                yield False
                return
            free = _locked(connection, self._EXECUTOR, executor)
            try:
                yield free
            finally:
                if free:
                    _unlock(connection, self._EXECUTOR, executor)

    def _free_for_long(self, connection: Connection, kind: int, name: str) -> bool:
        # Shared: those who look at it do not take each other for its holder.
        if not _locked(connection, kind, name, shared=True):
            self._free_since.pop((kind, name), None)
            return False
        _unlock(connection, kind, name, shared=True)
        since = self._free_since.setdefault((kind, name), time.monotonic())
        return time.monotonic() - since >= self.patience

    def workers(self) -> bool:
        """Asks who holds the lock that the workers of this project share. It is not tried: a worker
        that begins just then would not get it.
        """
        with _answering(), self._engine.connect() as connection:
            return _is_locked(connection, self._WORKER, self._project)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """A lock of the session, on the name with the project before it."""
        whole = f"{self._project}\n{name}"
        own = {"kind": self._ALONE, "id": _number(whole)}
        with _answering(), self._engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:kind, :id)"), own)
            try:
                yield
            finally:
                _unlock(connection, self._ALONE, whole)

    @contextmanager
    def in_turn(self, name: str, *, patient: bool) -> Iterator[None]:
        """A lock of the very session that holds the own id: whoever looks after that one looks
        after both. Where the session is lost, the process is about to end, and waits for that.
        """
        whole = f"{self._project}\n{name}"
        while not self._turn_begun(whole, patient=patient):
            patient = True
            time.sleep(_TURN_SECONDS)
        try:
            yield
        finally:
            with self._asked, suppress(DBAPIError):
                self._turns.discard(whole)
                if self._mine is not None:
                    _unlock(self._mine, self._TURN, whole)

    def _turn_begun(self, name: str, *, patient: bool) -> bool:
        with self._asked, suppress(DBAPIError):
            # A session gets a lock again that it has: others of this process are told apart here.
            if self._mine is None or name in self._turns:
                return False
            if patient and not self._free_for_long(self._mine, self._TURN, name):
                return False
            if _locked(self._mine, self._TURN, name):
                self._turns.add(name)
                return True
        return False

    def close(self) -> None:
        """Lets go of all connections, and of the lock with them."""
        with self._asked:
            if self._mine is not None:
                self._mine.close()
                self._mine = None
            self._engine.dispose()


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


@contextmanager
def _answering() -> Iterator[None]:
    """A database that does not answer is no bug."""
    try:
        yield
    except DBAPIError as error:
        words = (str(error.orig).splitlines() or ["it says nothing"])[0]
        raise ProviderError(
            f"the shipments' database does not answer: {redact(words)}",
            "check LANDED_DATABASE and the server",
        ) from error


def _locked(connection: Connection, kind: int, name: str, *, shared: bool = False) -> bool:
    asked = text(f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}(:kind, :id)")
    return bool(connection.scalar(asked, {"kind": kind, "id": _number(name)}))


def _is_locked(connection: Connection, kind: int, name: str, *, here: bool = False) -> bool:
    asked = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
        "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
        "classid = :kind AND objid::bigint = :id AND (NOT :here OR pid = pg_backend_pid()))"
    )
    # There it stands without its sign.
    given = {"kind": kind, "id": zlib.crc32(name.encode()), "here": here}
    return bool(connection.scalar(asked, given))


def _unlock(connection: Connection, kind: int, name: str, *, shared: bool = False) -> None:
    asked = text(f"SELECT pg_advisory_unlock{'_shared' if shared else ''}(:kind, :id)")
    connection.execute(asked, {"kind": kind, "id": _number(name)})


def _number(name: str) -> int:
    """A name as the 32 bits with a sign that PostgreSQL's locks have."""
    number = zlib.crc32(name.encode())
    return number - (1 << 32) if number >= 1 << 31 else number
