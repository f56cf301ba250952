"""Locks of executors in PostgreSQL, for many machines."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from landed.core.errors import ProviderError
from landed.core.redact import redact
from landed.ship.seats import WORKER

_SOON = {
    "connect_timeout": 10,
    # A holder whose network is gone notices it within `patience`, and PostgreSQL well after that.
    "tcp_user_timeout": 4000, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 2,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    "-c lock_timeout=30000",
}  # fmt: skip


_TURN_SECONDS = 0.2


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
