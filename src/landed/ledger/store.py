"""The ledger's table: append, read, verify.

The newest entries are kept in a file of their own as well (`tail`). By that it is found that the
ledger's end is gone, and it is written again as it was; where that file has not all of it, the next
who appends writes down what was lost. What nothing here can show is a ledger that was replaced
together with that file: keep its newest hash somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import Connection, Engine, Select, func, make_url, select

from landed.config import STATE_FOLDER, Config, database_url
from landed.core.clock import now
from landed.core.errors import DataError
from landed.ledger import database
from landed.ledger.chain import LOST, Check, Entry, Head, Loss, chained, checked, told
from landed.ledger.database import ENTRIES, field
from landed.ledger.failures import AbsentError, translated
from landed.ledger.tail import Tail

_PAGE = 200


def opened(config: Config) -> Ledger:
    """The ledger of a project: in the database of its shipments, where there is one for many
    machines, else in the file of the settings.
    """
    url = database_url()
    if url is None:
        place = config.state(config.settings.ledger.path)
        return Ledger(place, config.state(str(place.with_suffix(".tail"))))
    one = hashlib.sha256(_name(url).encode()).hexdigest()[:12]
    return Ledger(url, config.state(f"{STATE_FOLDER}/ledger-{one}.tail"))


def _name(place: Path | str) -> str:
    """Where a ledger lies, without passwords."""
    return str(place) if isinstance(place, Path) else repr(make_url(place))


class Ledger:
    """A ledger, safe with several processes at once: in an SQLite file, or in PostgreSQL by a URL.

    An entry whose body has a `key` is there once: who appends it again gets the first one. The file
    `tail` has the newest entries; without one nobody misses them. `recovered` counts those that
    were gone, and were written again.
    """

    def __init__(self, place: Path | str, tail: Path | None = None) -> None:
        self.place, self.recovered = place, 0
        self._tail = Tail(tail) if tail else None
        self._looked = False
        self._engine: Engine | None = None
        self._made = False

    @property
    def name(self) -> str:
        """Where it lies, without passwords."""
        return _name(self.place)

    def append(self, kind: str, document: dict[str, Any]) -> Entry:
        """Adds an entry. Raises ProviderError where the disk refuses, DataError where damaged."""
        body = _canonical(document)
        key = document.get("key")
        with self._connected(create=True) as connection:
            with connection.begin():
                database.lock(connection)
                remembered = self._remembered()
                last = self._mended(connection, remembered)
                if key is not None and (known := database.keyed(connection, kind, key)):
                    return known
                written = []
                if remembered and not database.holds(connection, remembered, last):
                    loss = msgspec.to_builtins(Loss(remembered=remembered, whole=last.id))
                    written = [_write(connection, last, LOST, _canonical(loss))]
                    last = written[0].head
                written.append(_write(connection, last, kind, body))
            if self._tail:
                forget = remembered.id if remembered and len(written) > 1 else 0
                if self._tail.full() and database.settled(connection):
                    forget = last.id
                # After they were written, so that a whole ledger is never accused.
                self._tail.keep(written, forget=forget)
        return written[-1]

    def _remembered(self) -> Head | None:
        return self._tail.newest() if self._tail else None

    def _mended(self, connection: Connection, remembered: Head | None) -> Head:
        """The newest entry, after what is gone was written again as far as it is known."""
        last = database.last(connection)
        if remembered is None or self._tail is None or database.holds(connection, remembered, last):
            return last
        known = self._tail.entries()
        while (entry := known.get(last.id + 1)) and entry.follows(last):
            database.insert(connection, entry)
            last = entry.head
            self.recovered += 1
        return last

    def _look(self) -> None:
        """Once, before anything is read: an end that is gone must not pass for one that never was.
        Where nothing is gone, reading makes no file, and no table.
        """
        if not self._looked:
            self._missed()

    def _missed(self) -> Head | None:
        """An entry that was there and is not, after what is known of the end was written again."""
        self._looked = True
        remembered = self._remembered()
        if remembered is None or self._is_there(remembered):
            return None
        with self._connected(create=True) as connection, connection.begin():
            database.lock(connection)
            last = self._mended(connection, remembered)
            return None if database.holds(connection, remembered, last) else remembered

    def _is_there(self, head: Head) -> bool:
        try:
            there = self._read(select(ENTRIES).where(ENTRIES.c.id == head.id))
        except DataError:
            # Its table even is gone; what is damaged in another way will say so.
            return False
        return bool(there) and there[0].hash == head.hash

    def lost(self) -> int | None:
        """The number of an entry that is known to have been there and is not, or of the newest that
        an entry says was lost; None where nothing is missed.
        """
        missed = self._missed()
        if missed:
            return missed.id
        return next((told(entry).remembered.id for entry in self.newest(1, LOST)), None)

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
        return list(islice(self.backwards(kind, environment, deployable, min(limit, _PAGE)), limit))

    def backwards(
        self,
        kind: str | None = None,
        environment: str | None = None,
        deployable: str | None = None,
        page: int = _PAGE,
    ) -> Iterator[Entry]:
        """All entries, the newest first, of one kind and one target if asked. They are read page by
        page, so that who has seen enough reads no more, and nobody holds them all.
        """
        query = select(ENTRIES).order_by(ENTRIES.c.id.desc()).limit(page)
        if kind:
            query = query.where(ENTRIES.c.kind == kind)
        if environment is not None:
            query = query.where(field("environment", self._dialect) == environment)
        if deployable is not None:
            query = query.where(field("deployable", self._dialect) == deployable)
        found = self._read(query)
        yield from found
        while len(found) == page:
            found = self._read(query.where(ENTRIES.c.id < found[-1].id))
            yield from found

    def newest_of_each(self, kind: str) -> list[Entry]:
        """The newest entry of this kind about each target, oldest first."""
        environment = field("environment", self._dialect)
        deployable = field("deployable", self._dialect)
        each = (
            select(func.max(ENTRIES.c.id))
            # Every text is at least the empty one: so that the index of targets is used.
            .where((ENTRIES.c.kind == kind) & (environment >= ""))
            .group_by(environment, deployable)
        )
        return self._read(select(ENTRIES).where(ENTRIES.c.id.in_(each)).order_by(ENTRIES.c.id))

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

    def _read(self, query: Select[Any]) -> list[Entry]:
        """What a query finds; an absent ledger has nothing."""
        self._look()
        if isinstance(self.place, Path) and not self.place.exists():
            return []
        try:
            with self._connected(create=False) as connection:
                found = database.alone(connection).execute(query)
                return [Entry(**row) for row in found.mappings()]
        except AbsentError:
            return []

    def _walk(self) -> Iterator[Entry]:
        """All entries, oldest first, a thousand at a time."""
        self._look()
        if isinstance(self.place, Path) and not self.place.exists():
            return
        with suppress(AbsentError), self._connected(create=False) as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(ENTRIES).order_by(ENTRIES.c.id)
            )
            for row in rows.mappings():
                yield Entry(**row)

    def verify(
        self, remembered: Mapping[int, str] | None = None, holds: Collection[str] = ()
    ) -> Check:
        """Walks the chain, entry by entry, from the first to the newest. `remembered` are hashes of
        entries, by number, that somebody else has kept, and `holds` such without their number: what
        the chain itself cannot show is that it was cut off at its end.
        """
        self._look()
        own = self._remembered()
        known = {**(remembered or {}), **({own.id: own.hash} if own else {})}
        check = checked(self._walk(), known, holds)
        if self._tail and not check.fault and check.entries > (own.id if own else 0):
            # What somebody else wrote, and is proved: from now on it is missed here as well.
            self._tail.keep(self._read(select(ENTRIES).where(ENTRIES.c.id == check.entries)))
        return check

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
        with translated(self.name):
            if self._engine is None:
                if isinstance(self.place, Path):
                    self.place.parent.mkdir(parents=True, exist_ok=True)
                self._engine = database.engine(self.place)
            with self._engine.connect().execution_options(landed_writes=create) as connection:
                if create and not self._made:
                    database.prepare(connection)
                    self._made = True
                yield connection


def _canonical(document: dict[str, Any]) -> str:
    return msgspec.json.encode(document, order="deterministic").decode()


def _write(connection: Connection, last: Head, kind: str, body: str) -> Entry:
    # Taken inside the transaction, so that times and ids are in the same order.
    at = now().isoformat(timespec="microseconds").replace("+00:00", "Z")
    own = chained(last.hash, at, kind, body)
    entry = Entry(id=last.id + 1, at=at, kind=kind, body=body, prev=last.hash, hash=own)
    database.insert(connection, entry)
    return entry
