"""The ledger's table: append, read, verify.

The newest entries are kept in a file of their own as well (`tail`). By that it is found that the
ledger's end is gone, and it is written again as it was; where that file has not all of it, the next
who appends writes down what was lost. What nothing here can show is a ledger that was replaced
together with that file: keep its newest hash somewhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
from sqlalchemy import Connection, Engine, Select, select

from landed.config import STATE_FOLDER, Config
from landed.core.errors import DataError, ProviderError
from landed.ledger import database, queries
from landed.ledger.chain import LOST, Check, Entry, Head, Loss, checked, told
from landed.ledger.database import ENTRIES
from landed.ledger.failures import AbsentError, translated
from landed.ledger.tail import Tail
from landed.ledger.where import database_url

if TYPE_CHECKING:
    from landed.project import Owner

_PAGE = 200
_ASKED = 50
"""How many entries are looked at to tell whose they are."""


def opened(config: Config) -> Ledger:
    """The ledger of a project: in the database of its shipments, where there is one for many
    machines and several projects, else in the file of the settings.
    """
    url = database_url()
    if url is None:
        place = config.state(config.settings.ledger.path)
        return Ledger(place, tail=config.state(str(place.with_suffix(".tail"))))
    from landed.project import owner  # noqa: PLC0415 - only a shared database asks git

    tail = config.state(f"{STATE_FOLDER}/ledger-{database.known_as(url)}.tail")
    return Ledger(url, owner(config), tail=tail)


class Ledger:
    """A ledger, safe with several processes at once: in an SQLite file, or in PostgreSQL by a URL.

    An entry whose body has a `key` is there once: who appends it again gets the first one. With an
    owner, what is read and written are that project's entries; the chain is the one of all. The
    file `tail` has the newest entries; without one nobody misses them. `recovered` counts those
    that were gone, and were written again.
    """

    def __init__(
        self, place: Path | str, owner: Owner | None = None, *, tail: Path | None = None
    ) -> None:
        self.place, self.owner, self.recovered = place, owner, 0
        self._tail = Tail(tail) if tail else None
        self._dialect = "sqlite" if isinstance(place, Path) else "postgresql"
        self._engine: Engine | None = None
        self._looked = self._made = self._inherits = False
        self._unnamed = 0

    @property
    def name(self) -> str:
        """Where it lies."""
        return database.shown(self.place)

    def append(self, kind: str, document: dict[str, Any]) -> Entry:
        """Adds an entry. Raises ProviderError where the disk refuses, DataError where damaged."""
        body = self._canonical(document)
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
                    written = [database.add(connection, last, LOST, self._canonical(loss))]
                    last = written[0].head
                written.append(database.add(connection, last, kind, body))
            if self._tail:
                forget = remembered.id if remembered and len(written) > 1 else 0
                if self._tail.full() and database.settled(connection):
                    forget = last.id
                # After they were written, so that a whole ledger is never accused.
                self._tail.keep(written, forget=forget)
        return written[-1]

    def _canonical(self, document: dict[str, Any]) -> str:
        named = {**document, "project": self.owner.id} if self.owner else document
        return msgspec.json.encode(named, order="deterministic").decode()

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
        if database.only_read(self.place):
            # Who may write here can put it back. Until then it is not there.
            return remembered
        with self._connected(create=True) as connection, connection.begin():
            database.lock(connection)
            last = self._mended(connection, remembered)
            return None if database.holds(connection, remembered, last) else remembered

    def _is_there(self, head: Head) -> bool:
        try:
            there = self._all(queries.numbered(head.id))
        except DataError:
            # Its table even is gone; what is damaged in another way will say so.
            return False
        return bool(there) and there[0].hash == head.hash

    def lost(self) -> int | None:
        """The number of an entry that is known to have been there and is not, or of the newest that
        an entry says was lost; None where nothing is missed.
        """
        if missed := self._missed():
            return missed.id
        said = self._all(queries.newest(self._dialect, LOST).limit(1))
        return next((told(entry).remembered.id for entry in said), None)

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
        query = queries.newest(self._dialect, kind, environment, deployable).limit(page)
        found = self._read(query)
        yield from found
        while len(found) == page:
            found = self._read(query.where(ENTRIES.c.id < found[-1].id))
            yield from found

    def newest_of_each(self, kind: str) -> list[Entry]:
        """The newest entry of this kind about each target, oldest first."""
        each = self._own(queries.newest_of_each(self._dialect, kind))
        return self._all(select(ENTRIES).where(ENTRIES.c.id.in_(each)).order_by(ENTRIES.c.id))

    def keyed(self, key: str) -> list[Entry]:
        """The entries of this key, and of those that begin with it and a slash: oldest first."""
        return self._read(queries.keyed(self._dialect, key))

    def attempts(self, key: str) -> list[Entry]:
        """The entries of this key, and of those that continue it after a dot: oldest first."""
        return self._read(queries.attempts(self._dialect, key))

    @property
    def inherits(self) -> bool:
        """Whether the entries that do not say whose they are belong to this project. They are from
        when a database served one project: so it is theirs whose repository has their commits.
        """
        if self.owner and not self._inherits:
            unnamed = self._all(queries.unnamed(self._dialect, _ASKED))
            newest = unnamed[0].id if unnamed else 0
            if newest != self._unnamed:
                # Git is asked only where there is something new to ask it.
                self._unnamed = newest
                self._inherits = self.owner.has(
                    str(body.get("commit") or (body.get("change") or {}).get("commit"))
                    for body in map(Entry.document, unnamed)
                )
        return self._inherits

    def _own(self, query: Select[Any]) -> Select[Any]:
        if self.owner is None:
            return query
        return query.where(queries.of_project(self._dialect, self.owner.id, inherits=self.inherits))

    def _read(self, query: Select[Any]) -> list[Entry]:
        return self._all(self._own(query))

    def _all(self, query: Select[Any]) -> list[Entry]:
        """What a query finds; an absent ledger has nothing."""
        self._look()
        if isinstance(self.place, Path) and not self.place.exists():
            return []
        try:
            with self._connected(create=False) as connection:
                found = database.alone(connection).execute(query)
                return [Entry(**row) for row in found.mappings()]
        except AbsentError:
            self._empty()
            return []

    def _empty(self) -> None:
        """Raises DataError where there is no ledger, but something else. A file without any table
        is what a full disk or a kill left of the first writing.
        """
        with self._connected(create=False) as connection:
            other = database.holds_something(connection)
        if other and isinstance(self.place, Path):
            hint = "name another file under [ledger] in landed.toml"
            raise DataError(f"{self.name} is no ledger", hint)

    def _walk(self) -> Iterator[Entry]:
        """All entries, oldest first, a thousand at a time."""
        self._look()
        if isinstance(self.place, Path) and not self.place.exists():
            return
        try:
            with self._connected(create=False) as connection:
                rows = connection.execution_options(yield_per=1000).execute(
                    select(ENTRIES).order_by(ENTRIES.c.id)
                )
                for row in rows.mappings():
                    yield Entry(**row)
        except AbsentError:
            self._empty()

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
            self._tail.keep(self._all(queries.numbered(check.entries)))
        return check

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _connected(self, *, create: bool) -> Iterator[Connection]:
        with translated(self.name), self._still(create=create):
            if self._engine is None:
                if isinstance(self.place, Path):
                    self.place.parent.mkdir(parents=True, exist_ok=True)
                self._engine = database.engine(self.place)
            with self._engine.connect().execution_options(landed_writes=create) as connection:
                if create and not self._made:
                    database.prepare(connection)
                    self._made = True
                yield connection

    @contextmanager
    def _still(self, *, create: bool) -> Iterator[None]:
        """Sees to it that a file that may only be read is not written meanwhile by somebody else:
        without a lock of its own, SQLite would read half of the one and half of the other.
        """
        if not (isinstance(self.place, Path) and database.only_read(self.place)):
            yield
            return
        if create:
            raise ProviderError(
                f"cannot use the ledger {self.name}: it may only be read here",
                "check the folder and disk",
            )
        before = database.state(self.place)
        yield
        if database.state(self.place) != before:
            raise ProviderError(f"the ledger {self.name} was written meanwhile", "read it again")
