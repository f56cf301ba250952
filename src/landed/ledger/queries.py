"""The questions to the ledger's table, each in the words of an index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from landed.ledger.database import ENTRIES, field

_NEWEST_FIRST = ENTRIES.c.id.desc()


def numbered(number: int) -> Select[Any]:
    """The entry of a number."""
    return select(ENTRIES).where(ENTRIES.c.id == number)


def newest(
    dialect: str, kind: str | None, environment: str | None = None, deployable: str | None = None
) -> Select[Any]:
    """The newest first, of one kind and one target if asked."""
    query = select(ENTRIES).order_by(_NEWEST_FIRST)
    if kind:
        query = query.where(ENTRIES.c.kind == kind)
    if environment is not None:
        query = query.where(field("environment", dialect) == environment)
    if deployable is not None:
        query = query.where(field("deployable", dialect) == deployable)
    return query


def newest_of_each(dialect: str, kind: str) -> Select[Any]:
    """The number of the newest of this kind about each target."""
    environment, deployable = field("environment", dialect), field("deployable", dialect)
    return (
        select(func.max(ENTRIES.c.id))
        # Every text is at least the empty one: so that the index of targets is used.
        .where((ENTRIES.c.kind == kind) & (environment >= ""))
        .group_by(environment, deployable)
    )


def keyed(dialect: str, key: str) -> Select[Any]:
    """Those of this key, and of keys that begin with it and a slash: oldest first."""
    # `0` follows `/`: a range, so that the index is used.
    return _with(dialect, key, f"{key}/", f"{key}0")


def attempts(dialect: str, key: str) -> Select[Any]:
    """Those of this key, and of keys that continue it after a dot: oldest first."""
    # `/` follows `.`: a range, so that the index is used.
    return _with(dialect, key, f"{key}.", f"{key}/")


def _with(dialect: str, key: str, begin: str, end: str) -> Select[Any]:
    own = field("key", dialect)
    further = (own >= begin) & (own < end)
    return select(ENTRIES).where((own == key) | further).order_by(ENTRIES.c.id)


def unnamed(dialect: str, most: int) -> Select[Any]:
    """The newest that do not say whose they are."""
    where = field("project", dialect).is_(None)
    return select(ENTRIES).where(where).order_by(_NEWEST_FIRST).limit(most)


def of_project(dialect: str, project: str, *, inherits: bool) -> ColumnElement[bool]:
    """Whether an entry is this project's; one that does not say so is, where it inherits them."""
    said = field("project", dialect)
    return (said == project) | said.is_(None) if inherits else said == project
