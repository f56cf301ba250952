"""The ledger's table: append, read, verify.

Each entry holds the hash of the one before it, so that nobody can change, drop or insert one
in the middle without the chain showing it. What it cannot show is a ledger that was cut off at
its end, or replaced as a whole: keep the newest hash somewhere else to prove that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import DatabaseError, OperationalError

from landed.core.clock import now
from landed.core.errors import DataError, ProviderError
from landed.core.model import Frozen

GENESIS = "0" * 64
BUSY_SECONDS = 30

_METADATA = MetaData()
_ENTRIES = Table(
    "entries",
    _METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    # UNIQUE keeps two writers from forking the chain, whatever else goes wrong.
    Column("prev", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    CheckConstraint("length(prev) = 64 AND length(hash) = 64", name="whole_hashes"),
    sqlite_autoincrement=True,
)
for _verb in ("UPDATE", "DELETE"):
    event.listen(
        _ENTRIES,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER entries_no_{_verb.lower()} BEFORE {_verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        ).execute_if(dialect="sqlite"),
    )


class Entry(Frozen):
    """One entry. `body` is its canonical JSON, the very text that was hashed; `at` is UTC."""

    id: int
    at: str
    kind: str
    body: str
    prev: str
    hash: str

    def document(self) -> dict[str, Any]:
        """The body as data. Raises DataError where it is no JSON."""
        try:
            document: dict[str, Any] = msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise DataError(
                f"entry {self.id} of the ledger is no JSON", "run `landed verify-ledger`"
            ) from error
        return document


class Check(Frozen):
    """What verifying found: how many entries, the newest hash, and the first fault if any."""

    entries: int
    head: str
    fault: str | None = None
    at_entry: int | None = None


def chained(prev: str, at: str, kind: str, body: str) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the entry's own text."""
    return hashlib.sha256(f"{prev}\n{at}\n{kind}\n{body}".encode()).hexdigest()


class Ledger:
    """A ledger in one SQLite file, safe with several processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: Engine | None = None
        self._made = False

    def append(self, kind: str, document: dict[str, Any]) -> Entry:
        """Adds an entry. Raises ProviderError where the disk refuses, DataError where damaged."""
        body = msgspec.json.encode(document, order="deterministic").decode()
        with self._connected(create=True) as connection, connection.begin():
            last = connection.execute(
                select(_ENTRIES.c.hash).order_by(_ENTRIES.c.id.desc()).limit(1)
            ).scalar()
            prev = last or GENESIS
            # Taken inside the transaction, so that times and ids are in the same order.
            at = now().isoformat(timespec="microseconds").replace("+00:00", "Z")
            values = {
                "at": at,
                "kind": kind,
                "body": body,
                "prev": prev,
                "hash": chained(prev, at, kind, body),
            }
            done = connection.execute(_ENTRIES.insert().values(**values))
            number = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
        return Entry(id=number, **values)

    def newest(self, limit: int, kind: str | None = None) -> list[Entry]:
        """The newest entries first; an absent ledger is an empty one."""
        if not self.path.exists():
            return []
        query = select(_ENTRIES).order_by(_ENTRIES.c.id.desc()).limit(limit)
        if kind:
            query = query.where(_ENTRIES.c.kind == kind)
        with self._connected(create=False) as connection:
            return [Entry(**row) for row in connection.execute(query).mappings()]

    def verify(self) -> Check:
        """Walks the chain, entry by entry, from the first to the newest."""
        count, head = 0, GENESIS
        if not self.path.exists():
            return Check(entries=0, head=head)
        with self._connected(create=False) as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(_ENTRIES).order_by(_ENTRIES.c.id)
            )
            for row in rows.mappings():
                entry = Entry(**row)
                fault = _fault(entry, count + 1, head)
                if fault:
                    return Check(entries=count, head=head, fault=fault, at_entry=entry.id)
                count, head = count + 1, entry.hash
        return Check(entries=count, head=head)

    def close(self) -> None:
        """Lets go of the file."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _connected(self, *, create: bool) -> Iterator[Connection]:
        try:
            if self._engine is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._engine = _engine(self.path)
            with self._engine.connect().execution_options(landed_writes=create) as connection:
                if create and not self._made:
                    with connection.begin():
                        _METADATA.create_all(connection, checkfirst=True)
                    self._made = True
                yield connection
        except OperationalError as error:
            raise _operational(self.path, error) from error
        except DatabaseError as error:
            raise DataError(
                f"the ledger {self.path} is damaged: {error.orig}",
                "put a backup in its place, or move it away: landed begins a new one",
            ) from error
        except OSError as error:
            raise ProviderError(
                f"cannot use the ledger {self.path}: {error.strerror}", "check the folder and disk"
            ) from error


def _fault(entry: Entry, number: int, head: str) -> str | None:
    if entry.id != number:
        return f"entry {number} is missing"
    if entry.prev != head:
        return "does not follow the entry before it"
    if entry.hash != chained(entry.prev, entry.at, entry.kind, entry.body):
        return "was changed after it was written"
    return None


def _operational(path: Path, error: OperationalError) -> ProviderError | DataError:
    words = str(error.orig)
    if "full" in words:
        return ProviderError(f"the disk is full: the ledger {path} took nothing", "free some room")
    if "locked" in words:
        return ProviderError(
            f"the ledger {path} was locked for {BUSY_SECONDS} s", "is another landed stuck?"
        )
    if "no such table" in words:
        return DataError(f"{path} is no ledger", "name another file under [ledger] in landed.toml")
    return ProviderError(f"cannot use the ledger {path}: {words}", "check the folder and disk")


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Without recursive_triggers an INSERT OR REPLACE would pass by the append-only triggers.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock before it reads the newest hash: two never see the same one.
        writes = connection.get_execution_options().get("landed_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
