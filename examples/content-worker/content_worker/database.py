"""The database: how it is reached, and the one question that all models share."""

from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from content_worker.models.base import Base, Named

_TABLES_LOCK = 20251104  # any number, the same for all workers

NamedT = TypeVar("NamedT", bound=Named)


def connect(url: str) -> sessionmaker[Session]:
    """Return what opens sessions on the database at `url`, whose missing tables are made."""
    engine = _engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two workers that start at once must not both make a table.
            connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _TABLES_LOCK})
        Base.metadata.create_all(connection)
    return sessionmaker(engine)


def find_or_add(session: Session, model: type[NamedT], name: str) -> NamedT:
    """Return the row called `name`, locked where the database locks rows; add it if missing."""
    query = select(model).where(model.name == name).with_for_update()
    row = session.scalar(query)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = model(name=name)
            session.add(row)
    except IntegrityError:  # another worker was faster
        return session.scalars(query).one()
    return row


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediately)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # no implicit BEGIN: see below
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_immediately(connection: Any) -> None:
    # A transaction that reads before it writes fails with "database is locked" when two do so at
    # once. One that takes the lock at its beginning waits for its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
