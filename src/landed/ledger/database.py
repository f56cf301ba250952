"""The two databases that a ledger may lie in: an SQLite file, or PostgreSQL by a URL.

Both refuse to change or delete an entry, and let one writer in at a time. The fields that entries
are looked up by stand in their bodies, which are hashed; here they only have indexes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

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
    literal_column,
    make_url,
)
from sqlalchemy.sql.elements import ColumnElement

BUSY_SECONDS = 30
Field = Literal["key", "environment", "deployable", "project"]
_FIELDS = {"sqlite": "json_extract(body, '$.{}')", "postgresql": "((body::json) ->> '{}')"}
_INDEXES = {
    "entries_by_key": ("UNIQUE INDEX", "{key}, kind"),
    "entries_by_target": ("INDEX", "kind, {environment}, {deployable}, id"),
}
_SHARED = {
    "entries_by_project": ("INDEX", "{project}, kind, {environment}, {deployable}, id"),
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
        for name, (kind, words) in (_INDEXES | (_SHARED if shared else {})).items():
            columns = words.format(**{one: fields.format(one) for one in get_args(Field)})
            connection.exec_driver_sql(f"CREATE {kind} IF NOT EXISTS {name} ON entries ({columns})")


def lock(connection: Connection) -> None:
    """Lets one writer in: whoever reads the newest hash is the next to write. SQLite's transaction
    does that by itself, as it begins.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def engine(place: Path | str) -> Engine:
    """The engine of a file or of a URL."""
    return _sqlite(place) if isinstance(place, Path) else _postgresql(place)


def _postgresql(url: str) -> Engine:
    driver = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(driver, connect_args={"connect_timeout": 10}, pool_pre_ping=True)


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
