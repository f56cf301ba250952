"""The self-check: every mistake in the models at once.

SQLAlchemy configures all mappers at the first query and stops at the first mistake, so each fix
uncovers the next one. Here each relationship is configured by itself. No database is needed.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import EXT_SKIP, Mapper, RelationshipProperty, configure_mappers

from content_worker.models.base import Base

log = logging.getLogger(__name__)

_HOOK = "before_mapper_configured"


class Mistake(NamedTuple):
    """A part of the models that is broken, the mapper it belongs to, and SQLAlchemy's reason."""

    part: str
    mapper: str
    error: Exception


def run() -> int:
    """Report each mistake, and return the exit code: 1 where there is one."""
    mistakes = [
        *_broken_relationships(),
        *_broken_foreign_keys(),
        *_attempt("the mappers", "", configure_mappers),  # whatever else there may be
    ]
    for part, _, error in mistakes:
        log.error(
            "broken mapping: %s",
            part,
            exc_info=error,
            extra={"event": "broken_mapping", "part": part, "reason": str(error)},
        )
    if mistakes:
        broken = [mistake.part for mistake in mistakes]
        log.error(
            "self-check failed: %s",
            ", ".join(broken),
            extra={"event": "check_failed", "broken": broken},
        )
        return 1
    models = len(Base.registry.mappers)
    log.info("self-check passed", extra={"event": "check_passed", "models": models})
    return 0


def _broken_relationships() -> list[Mistake]:
    """Return the relationships that cannot be configured."""
    seen: set[RelationshipProperty[Any]] = set()
    mistakes: list[Mistake] = []

    def configure_each(mapper: Mapper[Any], _model: type) -> object:
        for relationship in _relationships(mapper):
            if relationship not in seen:
                seen.add(relationship)
                mistakes.extend(_attempt(str(relationship), str(mapper), relationship.init))
        return EXT_SKIP  # SQLAlchemy must not configure it again, and stop

    mappers = Base.registry.mappers
    for mapper in mappers:
        event.listen(mapper, _HOOK, configure_each, retval=True)
    before = -1
    while before != len(seen):  # a relationship with a `backref` declares another one
        before = len(seen)
        configure_mappers()
    for mapper in mappers:
        event.remove(mapper, _HOOK, configure_each)
    # A pair fails at both ends with one error. It counts for the end whose mapper it names.
    named = {str(error) for _, mapper, error in mistakes if mapper in str(error)}
    return [
        mistake
        for mistake in mistakes
        if mistake.mapper in str(mistake.error) or str(mistake.error) not in named
    ]


def _relationships(mapper: Mapper[Any]) -> Iterator[RelationshipProperty[Any]]:
    """The mapper's own relationships. Its `relationships` would configure all mappers first."""
    for attribute in mapper.class_manager.attributes:
        declared = attribute.comparator.prop
        if isinstance(declared, RelationshipProperty) and declared.parent is mapper:
            yield declared


def _broken_foreign_keys() -> list[Mistake]:
    """Return the foreign keys that point at no column."""
    return [
        mistake
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        for mistake in _attempt(f"{key.parent} -> {key.target_fullname}", "", partial(_target, key))
    ]


def _target(key: ForeignKey) -> object:
    return key.column


def _attempt(part: str, mapper: str, action: Callable[[], object]) -> Iterator[Mistake]:
    """Run `action`; what it raises is the mistake of `part`."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 -- any failure is a finding
        yield Mistake(part, mapper, error)
