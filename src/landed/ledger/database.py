"""The two databases that a ledger may lie in: an SQLite file, or PostgreSQL by a URL.

Both refuse to change or delete an entry, and let one writer in at a time. The fields that entries
are looked up by stand in their bodies, which are hashed; here they only have indexes.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import structs
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
    inspect,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.elements import ColumnElement

from landed.core.clock import now
from landed.ledger.chain import GENESIS, Entry, Head, chained

BUSY_SECONDS = 30
Field = Literal["key", "environment", "deployable", "project"]
_FIELDS = {"sqlite": "json_extract(body, '$.{}')", "postgresql": "((body::json) ->> '{}')"}
INDEXES = {
    "entries_by_key": ("UNIQUE INDEX", "{key}, kind"),
    "entries_by_target": ("INDEX", "kind, {environment}, {deployable}, id"),
    "entries_by_kind": ("INDEX", "kind, id"),
}
SHARED = {
    "entries_by_project": ("INDEX", "{project}, kind, {environment}, {deployable}, id"),
    "entries_of_project": ("INDEX", "{project}, id"),
}
"""What only a database needs that serves several projects."""
_WRITER = 0x1A4DED
"""The name of PostgreSQL's lock that a writer holds."""

METADATA = MetaData()
ENTRIES = Table(
    "entries",
    METADATA,
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
_REFUSAL = "the ledger is append-only"


def _after_create(statement: str, dialect: str) -> None:
    # DDL fills in `%`: what is meant literally stands there twice.
    ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    event.listen(ENTRIES, "after_create", ddl.execute_if(dialect=dialect))


for _verb in ("UPDATE", "DELETE"):
    _after_create(
        f"CREATE TRIGGER entries_no_{_verb.lower()} BEFORE {_verb} ON entries "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
        "sqlite",
    )
_after_create(
    "CREATE OR REPLACE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "postgresql",
)
_after_create(
    "CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries "
    "EXECUTE FUNCTION entries_refuse()",
    "postgresql",
)


def field(name: Field, dialect: str) -> ColumnElement[str]:
    """A field of the body, in the very words of its index."""
    return literal_column(_FIELDS[dialect].format(name), String)


def prepare(connection: Connection) -> None:
    """Makes what is missing: the table, and the indexes that older ledgers lack."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            lock(connection)
        METADATA.create_all(connection, checkfirst=True)
        fields = _FIELDS[connection.dialect.name]
        shared = connection.dialect.name == "postgresql"
        for name, (kind, words) in (INDEXES | (SHARED if shared else {})).items():
            columns = words.format(**{one: fields.format(one) for one in get_args(Field)})
            connection.exec_driver_sql(f"CREATE {kind} IF NOT EXISTS {name} ON entries ({columns})")


def no_table(error: DatabaseError) -> bool:
    """Whether a question was refused since nobody has written there yet."""
    missing = getattr(error.orig, "sqlstate", None) == "42P01"
    return missing or str(error.orig).startswith("no such table")


def known_as(url: str) -> str:
    """A short name of a database, the same for every password."""
    plain = make_url(url).set(password=None).difference_update_query(["password", "sslpassword"])
    return hashlib.sha256(plain.render_as_string().encode()).hexdigest()[:12]


def settled(connection: Connection) -> bool:
    """Whether all that was written is in the database itself, and not in SQLite's log alone. No
    reader is waited for.
    """
    if connection.dialect.name == "postgresql":
        return True
    driver: Any = connection.connection.driver_connection
    _, written, settled_by_now = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(written == settled_by_now)


def alone(connection: Connection) -> Connection:
    """For one question that needs no transaction: it spares PostgreSQL two round trips."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="AUTOCOMMIT")
    return connection


def lock(connection: Connection) -> None:
    """Lets one writer in: whoever reads the newest hash is the next to write. SQLite's transaction
    does that by itself, as it begins.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def keyed(connection: Connection, kind: str, key: str) -> Entry | None:
    """The entry of this kind and key, if it was written before."""
    own = field("key", connection.dialect.name)
    query = select(ENTRIES).where((ENTRIES.c.kind == kind) & (own == key)).limit(1)
    row = connection.execute(query).mappings().first()
    return Entry(**row) if row else None


def last(connection: Connection) -> Head:
    """The newest entry; the beginning of all chains where there is none."""
    query = select(ENTRIES.c.id, ENTRIES.c.hash).order_by(ENTRIES.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(id=row.id, hash=row.hash) if row else Head(id=0, hash=GENESIS)


def holds(connection: Connection, remembered: Head, newest: Head) -> bool:
    """Whether an entry that is remembered is there; it mostly is the newest one."""
    if remembered.id >= newest.id:
        return remembered == newest
    own = select(ENTRIES.c.hash).where(ENTRIES.c.id == remembered.id)
    return bool(connection.scalar(own) == remembered.hash)


def insert(connection: Connection, entry: Entry) -> None:
    """Adds an entry as it is."""
    connection.execute(ENTRIES.insert().values(**structs.asdict(entry)))


def add(connection: Connection, last: Head, kind: str, body: str) -> Entry:
    """Writes the entry that follows this one."""
    # Taken inside the transaction, so that times and ids are in the same order.
    at = now().isoformat(timespec="microseconds").replace("+00:00", "Z")
    own = chained(last.hash, at, kind, body)
    entry = Entry(id=last.id + 1, at=at, kind=kind, body=body, prev=last.hash, hash=own)
    insert(connection, entry)
    return entry


def holds_something(connection: Connection) -> bool:
    """Whether there is any table, a ledger's or another's."""
    return bool(inspect(connection).get_table_names())


def shown(place: Path | str) -> str:
    """Where a ledger lies. Of a URL only server and database: all else may hold a password."""
    if isinstance(place, Path):
        return str(place)
    url = make_url(place)
    return f"postgresql://{url.host or ''}/{url.database or ''}"


def only_read(place: Path | str) -> bool:
    """Whether it is a file that this process may read and not write. SQLite needs the folder as
    well, for its log.
    """
    if not isinstance(place, Path) or not place.exists():
        return False
    return not (os.access(place, os.W_OK) and os.access(place.parent, os.W_OK))


def state(path: Path) -> tuple[int, ...]:
    """What changes where somebody writes to a file or to its log."""
    parts = (part.stat() for part in (path, log(path)) if part.exists())
    return tuple(number for one in parts for number in (one.st_mtime_ns, one.st_size))


def log(path: Path) -> Path:
    """SQLite's write-ahead log of a file."""
    return path.with_name(f"{path.name}-wal")


def engine(place: Path | str) -> Engine:
    """The engine of a file or of a URL."""
    if only_read(place):
        return _sqlite_to_read(Path(place))
    return _sqlite(place) if isinstance(place, Path) else _postgresql(place)


def _postgresql(url: str) -> Engine:
    driver = make_url(url).set(drivername="postgresql+psycopg")
    # A command connects once, and each question on the way there is a round trip.
    return create_engine(
        driver,
        connect_args={"connect_timeout": 10},
        pool_pre_ping=True,
        use_native_hstore=False,
    )


def _sqlite_to_read(path: Path) -> Engine:
    """Where nothing can be written, SQLite makes no index of its log either. Where the log holds
    nothing, the file alone is all there is, and is read as one that nobody changes.
    """
    words = f"{path.absolute().as_uri()}?mode=ro"
    if not (log(path).exists() and log(path).stat().st_size):
        words += "&immutable=1"

    def connect() -> Any:
        return sqlite3.connect(
            words, BUSY_SECONDS, uri=True, isolation_level=None, check_same_thread=False
        )

    return create_engine("sqlite://", creator=connect, poolclass=QueuePool)


def _sqlite(path: Path) -> Engine:
    made = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}
    )

    @event.listens_for(made, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Without recursive_triggers an INSERT OR REPLACE would pass by the append-only triggers.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock before it reads the newest hash: two never see the same one.
        writes = connection.get_execution_options().get("landed_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
