"""What an error says that a database lacks: the words of databases and of migration tools.

The words are those of the database itself wherever it has any: then every driver, ORM and language
that passes them on is understood.
"""

from __future__ import annotations

import re

from landed.core.seen.schema import Gap, GapKind

MAX_TEXT = 64 * 1024
# A name in any of the quotes, with its schema or table before it.
_NAME = r"[\"'`\[]?(?P<{}>[\w$]{{1,80}}(?:[\"`\]]?\.[\"`\[]?[\w$]{{1,80}}){{0,3}})[\"'`\]]?"
_TABLE, _OWNER = _NAME.format("name"), _NAME.format("table")
_ALIAS = re.compile(r"_\d+\Z")

_WORDS: tuple[tuple[GapKind, str], ...] = (
    # PostgreSQL
    (GapKind.COLUMN, rf"\bcolumn {_TABLE} of relation {_OWNER} does not exist"),
    (GapKind.COLUMN, rf"\bcolumn {_TABLE} does not exist"),
    (GapKind.TABLE, rf"\brelation {_TABLE} does not exist"),
    # SQLite
    (GapKind.COLUMN, rf"\bno such column: {_TABLE}"),
    (GapKind.COLUMN, rf"\btable {_OWNER} has no column named {_TABLE}"),
    (GapKind.TABLE, rf"\bno such table: {_TABLE}"),
    # MySQL
    (GapKind.COLUMN, rf"\bUnknown column {_TABLE} in "),
    (GapKind.TABLE, rf"\bTable {_TABLE} doesn't exist"),
    # SQL Server
    (GapKind.COLUMN, rf"\bInvalid column name {_TABLE}"),
    (GapKind.TABLE, rf"\bInvalid object name {_TABLE}"),
    # Prisma
    (GapKind.COLUMN, rf"\bThe column {_TABLE} does not exist in the current database"),
    (GapKind.TABLE, rf"\bThe table {_TABLE} does not exist in the current database"),
    # Hibernate
    (GapKind.COLUMN, rf"\bmissing column {_TABLE} in table {_OWNER}"),
    (GapKind.TABLE, rf"\bSchema-validation: missing table {_TABLE}"),
    # Alembic, Flyway, Rails
    (GapKind.AHEAD, rf"\bCan't locate revision identified by {_TABLE}"),
    (GapKind.AHEAD, rf"\bDetected applied migration not resolved locally: {_TABLE}"),
    (GapKind.BEHIND, rf"\bDetected resolved migration not applied to database: {_TABLE}"),
    (GapKind.BEHIND, r"\bCommandError: Target database is not up to date"),
    (GapKind.BEHIND, r"\bActiveRecord::PendingMigrationError\b"),
)
_PATTERNS = tuple((kind, re.compile(words)) for kind, words in _WORDS)


def gap_in(text: str) -> Gap | None:
    """What the text says is missing; None where it says nothing of that."""
    for kind, pattern in _PATTERNS:
        found = pattern.search(text, 0, MAX_TEXT)
        if found is None:
            continue
        said = found.groupdict()
        owner, _, name = _bare(said.get("name") or "").rpartition(".")
        table = _bare(said.get("table") or owner).rpartition(".")[2]
        if kind is not GapKind.COLUMN:
            return Gap(kind=kind, name=name)
        return Gap(kind=kind, name=name, table=_meant(table, text))
    return None


def _meant(table: str, text: str) -> str:
    """The table behind an alias, where the error shows the query. An ORM numbers its aliases:
    `lessons_1` is `lessons`.
    """
    asked = table and re.search(
        rf"(?i)\b(?:from|join)\s+{_OWNER}\s+(?:as\s+)?[\"`]?{re.escape(table)}\b", text[:MAX_TEXT]
    )
    named = _bare(asked["table"]).rpartition(".")[2] if asked else table
    return _ALIAS.sub("", named)


def _bare(name: str) -> str:
    return re.sub(r"[\"'`\[\]]", "", name)
