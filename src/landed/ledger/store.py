"""The ledger's table: append, read, verify.

Each entry holds the hash of the one before it, so that nobody can change, drop or insert one
in the middle without the chain showing it. What it cannot show is a ledger that was cut off at
its end, or replaced as a whole: keep the newest hash somewhere else to prove that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec
from sqlalchemy import Connection, Engine, Select, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from landed.config import Config, database_url
from landed.core.clock import now
from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.model import Frozen
from landed.ledger import database
from landed.ledger.database import BUSY_SECONDS, ENTRIES, field

if TYPE_CHECKING:
    from landed.project import Owner

GENESIS = "0" * 64
_ASKED = 50
"""How many entries are looked at to tell whose they are."""


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


def opened(config: Config) -> Ledger:
    """The ledger of a project: in the database of its shipments, where there is one for many
    machines and several projects, else in the file of the settings.
    """
    url = database_url()
    if url:
        from landed.project import owner  # noqa: PLC0415 - only a shared database asks git

        return Ledger(url, owner(config))
    return Ledger(config.state(config.settings.ledger.path))


def chained(prev: str, at: str, kind: str, body: str) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the entry's own text."""
    return hashlib.sha256(f"{prev}\n{at}\n{kind}\n{body}".encode()).hexdigest()


class Ledger:
    """A ledger, safe with several processes at once: in an SQLite file, or in PostgreSQL by a URL.

    An entry whose body has a `key` is there once: who appends it again gets the first one. With an
    owner, what is read and written are that project's entries; the chain is the one of all.
    """

    def __init__(self, place: Path | str, owner: Owner | None = None) -> None:
        self.place, self.owner = place, owner
        self._engine: Engine | None = None
        self._made = False
        self._inherits = False

    @property
    def name(self) -> str:
        """Where it lies. Of a URL only server and database: all else may hold a password."""
        if isinstance(self.place, Path):
            return str(self.place)
        url = make_url(self.place)
        return f"postgresql://{url.host or ''}/{url.database or ''}"

    def append(self, kind: str, document: dict[str, Any]) -> Entry:
        """Adds an entry. Raises ProviderError where the disk refuses, DataError where damaged."""
        if self.owner:
            document = {**document, "project": self.owner.id}
        body = msgspec.json.encode(document, order="deterministic").decode()
        key = document.get("key")
        with self._connected(create=True) as connection, connection.begin():
            database.lock(connection)
            if key is not None and (known := _keyed(connection, kind, key)):
                return known
            last = connection.execute(
                select(ENTRIES.c.id, ENTRIES.c.hash).order_by(ENTRIES.c.id.desc()).limit(1)
            ).first()
            number, prev = (last.id + 1, last.hash) if last else (1, GENESIS)
            # Taken inside the transaction, so that times and ids are in the same order.
            at = now().isoformat(timespec="microseconds").replace("+00:00", "Z")
            entry = Entry(
                id=number,
                at=at,
                kind=kind,
                body=body,
                prev=prev,
                hash=chained(prev, at, kind, body),
            )
            connection.execute(ENTRIES.insert().values(**msgspec.structs.asdict(entry)))
        return entry

    def newest(
        self,
        limit: int,
        kind: str | None = None,
        *,
        environment: str | None = None,
        deployable: str | None = None,
    ) -> list[Entry]:
        """The newest entries first, of one kind and one target if asked; an absent ledger is an
        empty one.
        """
        query = select(ENTRIES).order_by(ENTRIES.c.id.desc()).limit(limit)
        if kind:
            query = query.where(ENTRIES.c.kind == kind)
        if environment is not None:
            query = query.where(field("environment", self._dialect) == environment)
        if deployable is not None:
            query = query.where(field("deployable", self._dialect) == deployable)
        return self._read(query)

    def keyed(self, key: str) -> list[Entry]:
        """The entries of this key, and of those that begin with it and a slash: oldest first."""
        own = field("key", self._dialect)
        # `0` follows `/`: a range, so that the index is used.
        below = (own >= f"{key}/") & (own < f"{key}0")
        return self._read(select(ENTRIES).where((own == key) | below).order_by(ENTRIES.c.id))

    def attempts(self, key: str) -> list[Entry]:
        """The entries of this key, and of those that continue it after a dot: oldest first."""
        own = field("key", self._dialect)
        # `/` follows `.`: a range, so that the index is used.
        further = (own >= f"{key}.") & (own < f"{key}/")
        return self._read(select(ENTRIES).where((own == key) | further).order_by(ENTRIES.c.id))

    @property
    def _dialect(self) -> str:
        return "sqlite" if isinstance(self.place, Path) else "postgresql"

    @property
    def inherits(self) -> bool:
        """Whether the entries that do not say whose they are belong to this project. They are from
        when a database served one project: so it is theirs whose repository has their commits.
        """
        if self.owner and not self._inherits:
            unnamed = field("project", self._dialect).is_(None)
            newest = select(ENTRIES).where(unnamed).order_by(ENTRIES.c.id.desc()).limit(_ASKED)
            bodies = (entry.document() for entry in self._all(newest))
            self._inherits = self.owner.has(
                str(body.get("commit") or (body.get("change") or {}).get("commit"))
                for body in bodies
            )
        return self._inherits

    def _read(self, query: Select[Any]) -> list[Entry]:
        if self.owner is None:
            return self._all(query)
        project = field("project", self._dialect)
        own = project == self.owner.id
        return self._all(query.where(own | project.is_(None) if self.inherits else own))

    def _all(self, query: Select[Any]) -> list[Entry]:
        if not self._there():
            return []
        with self._connected(create=False) as connection:
            return [Entry(**row) for row in connection.execute(query).mappings()]

    def _there(self) -> bool:
        """Whether there may be a ledger: reading makes no file, and no table. A file without any
        table is what a full disk or a kill left of the first writing.
        """
        if isinstance(self.place, Path) and not self.place.exists():
            return False
        if not self._made:
            with self._connected(create=False) as connection:
                tables = inspect(connection).get_table_names()
            shared = not isinstance(self.place, Path)
            return ENTRIES.name in tables if shared else bool(tables)
        return True

    def verify(self, remembered: Mapping[int, str] | None = None) -> Check:
        """Walks the chain, entry by entry, from the first to the newest. `remembered` are hashes of
        entries, by number, that somebody else has kept: what the chain itself cannot show is that
        it was cut off at its end.
        """
        count, head = 0, GENESIS
        if not self._there():
            return _whole(0, head, remembered or {})
        with self._connected(create=False) as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(ENTRIES).order_by(ENTRIES.c.id)
            )
            for row in rows.mappings():
                entry = Entry(**row)
                fault = _fault(entry, count + 1, head)
                kept = (remembered or {}).get(entry.id)
                if not fault and kept not in (None, entry.hash):
                    fault = "is another one than the shipment wrote that remembers it"
                if fault:
                    return Check(entries=count, head=head, fault=fault, at_entry=entry.id)
                count, head = count + 1, entry.hash
        return _whole(count, head, remembered or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _connected(self, *, create: bool) -> Iterator[Connection]:
        try:
            if self._engine is None:
                if isinstance(self.place, Path):
                    self.place.parent.mkdir(parents=True, exist_ok=True)
                self._engine = database.engine(self.place)
            with self._engine.connect().execution_options(landed_writes=create) as connection:
                if create and not self._made:
                    database.prepare(connection)
                    self._made = True
                yield connection
        except ArgumentError as error:
            raise UsageError("that is no URL of a database", "postgresql://HOST/NAME") from error
        except OperationalError as error:
            raise _operational(self.name, error) from error
        except DatabaseError as error:
            raise DataError(
                f"the ledger {self.name} is damaged: {error.orig}",
                "put a backup in its place, or move it away: landed begins a new one",
            ) from error
        except OSError as error:
            raise ProviderError(
                f"cannot use the ledger {self.name}: {error.strerror}", "check the folder and disk"
            ) from error


def _keyed(connection: Connection, kind: str, key: str) -> Entry | None:
    own = field("key", connection.dialect.name)
    query = select(ENTRIES).where((ENTRIES.c.kind == kind) & (own == key)).limit(1)
    row = connection.execute(query).mappings().first()
    return Entry(**row) if row else None


def _whole(count: int, head: str, remembered: Mapping[int, str]) -> Check:
    """The chain is whole as far as it goes. Does it go as far as somebody remembers?"""
    lost = min((number for number in remembered if number > count), default=None)
    fault = None if lost is None else "is lost, and a shipment remembers that it wrote it"
    return Check(entries=count, head=head, fault=fault, at_entry=lost)


def _fault(entry: Entry, number: int, head: str) -> str | None:
    if entry.id != number:
        return f"entry {number} is missing"
    if entry.prev != head:
        return "does not follow the entry before it"
    if entry.hash != chained(entry.prev, entry.at, entry.kind, entry.body):
        return "was changed after it was written"
    return None


def _operational(path: str, error: OperationalError) -> ProviderError | DataError:
    words = str(error.orig)
    if "full" in words:
        return ProviderError(f"the disk is full: the ledger {path} took nothing", "free some room")
    if "locked" in words:
        return ProviderError(
            f"the ledger {path} was locked for {BUSY_SECONDS} s", "is another landed stuck?"
        )
    if "no such table" in words:
        return DataError(f"{path} is no ledger", "name another file under [ledger] in landed.toml")
    shared = path.startswith("postgresql:")
    hint = "check LANDED_DATABASE and the server" if shared else "check the folder and disk"
    return ProviderError(f"cannot use the ledger {path}: {words}", hint)
