"""What the files of a repository do to a database's schema, read by their words.

Nothing is run or parsed as a language: a migration is a list of operations in any of a dozen
tools, and each begins with a word that says whether it gives or takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from landed.core.model import Frozen
from landed.core.seen.schema import Gap, GapKind, Migration

MAX_TEXT = 256 * 1024
"""Characters of a file that are looked at."""


class _Tool(Frozen):
    """How a tool's migrations are known, by path and by a word in them, and where the way back
    begins.
    """

    name: str
    path: re.Pattern[str]
    mark: re.Pattern[str]
    run: str


def _tool(name: str, path: str, mark: str, run: str) -> _Tool:
    return _Tool(name=name, path=re.compile(path), mark=re.compile(mark), run=run)


_TOOLS = (
    _tool("Alembic", r"\.py\Z", r"(?m)^down_revision\b", "alembic upgrade head"),
    _tool(
        "Django",
        r"(?:\A|/)migrations/\w+\.py\Z",
        r"\bmigrations\.Migration\b",
        "python manage.py migrate",
    ),
    _tool("Rails", r"(?:\A|/)db/(?:\w+_)?migrate/\w+\.rb\Z", "", "bin/rails db:migrate"),
    _tool(
        "Prisma",
        r"(?:\A|/)migrations/[^/]+/migration\.sql\Z",
        "",
        "npx prisma migrate deploy",
    ),
    _tool("Flyway", r"(?:\A|/)[VR][\d._]*__[^/]+\.sql\Z", "", "flyway migrate"),
    _tool("Liquibase", r"\.(?:xml|ya?ml|json)\Z", r"\bdatabaseChangeLog\b", "liquibase update"),
    _tool("Liquibase", r"\.sql\Z", r"(?m)\A\s*--\s*liquibase formatted", "liquibase update"),
    _tool("goose", r"\.sql\Z", r"(?m)^--\s*\+goose Up", "goose up"),
    _tool("dbmate", r"\.sql\Z", r"(?m)^--\s*migrate:up", "dbmate up"),
    _tool("golang-migrate", r"\.up\.sql\Z", "", "migrate -path DIR -database URL up"),
    _tool("TypeORM", r"\.[jt]s\Z", r"\bMigrationInterface\b", "npx typeorm migration:run"),
    _tool("Sequelize", r"\.[cm]?[jt]s\Z", r"\bqueryInterface\b", "npx sequelize-cli db:migrate"),
    _tool(
        "Knex", r"(?:\A|/)migrations/[^/]+\.[cm]?[jt]s\Z", r"\bknex\b", "npx knex migrate:latest"
    ),
    _tool("EF Core", r"\.cs\Z", r"\bMigrationBuilder\b", "dotnet ef database update"),
    _tool("SQL", r"(?:\A|/)(?:\w+[_-])?(?:migrations?|migrate)/(?:.*/)?[^/]+\.sql\Z", "", ""),
)
_WAY_BACK = re.compile(
    r"(?mi)^\s*(?:(?:async )?def (?:downgrade|down)\b|exports\.down\b|--\s*\+goose down"
    r"|--\s*migrate:down|--\s*rollback\b|(?:public )?(?:async )?down\s*[(:]"
    r"|export (?:async )?function down\b|protected override void Down\b|<rollback>)"
)
_OPERATION = re.compile(
    r"""(?xi)\b(?:
    (?P<other>create\s+(?:unique\s+)?index|create_?index|add_?index|add_?constraint|insert\s+into
        |(?:add|drop)\s+(?:constraint|primary|foreign|unique|check|index|key)\b|bulk_insert|update)
    |(?P<makes>create_?\s?table|create_?model|create_join_table)
    |(?P<adds>add_?\s?column|add_?field|add_reference|add_belongs_to|add(?=\s+["'`\[]?\w))
    |(?P<drops>drop_?\s?table|delete_?model)
    |(?P<removes>(?:drop|remove)_?\s?column|remove_?field|remove_reference|drop(?=\s+["'`\[]?\w))
    |(?P<renames>rename_?\w*|alter_column))"""
)
_RENAMES = re.compile(r"(?i)rename|new_?\w*\s*=")
_GIVES = {GapKind.COLUMN: {"makes", "adds"}, GapKind.TABLE: {"makes"}}
_TAKES = {GapKind.COLUMN: {"drops", "removes"}, GapKind.TABLE: {"drops"}}
_HEAD = re.compile(r"[,(>]|\bdo\b|\bcolumns\b")


def migration(path: str, text: str) -> Migration | None:
    """The migration that a file is; None where it is none."""
    if path.endswith(".down.sql"):
        return None
    for tool in _TOOLS:
        if tool.path.search(path) and tool.mark.search(text, 0, MAX_TEXT):
            return Migration(path=path, tool=tool.name, run=tool.run)
    return None


def gives(path: str, text: str, gap: Gap) -> bool | None:
    """Whether a migration, run forwards, brings what is missing (True) or takes it away (False);
    None where it does neither. What it both takes and gives, it gives: SQLite changes a table so.
    """
    forwards = _WAY_BACK.split(text[:MAX_TEXT], maxsplit=1)[0]
    if gap.kind is GapKind.COLUMN and gap.table and not _has(forwards, names(gap.table, path)):
        return None
    wanted = _either({gap.name, gap.name.removesuffix("_id")} if gap.kind is GapKind.COLUMN
                     else names(gap.name, path))  # fmt: skip
    named = re.compile(rf"(?i)(?<![\w$])(?:{wanted})(?![\w$])")
    new_name = re.compile(
        rf"(?i)(?:\bto\s+|\bnew_?\w*\s*[=:]\s*|,\s*)[\"'`:\[]?(?:{wanted})[\"'`\]]?\s*(?:[;)]|$)",
        re.MULTILINE,
    )
    answers = set()
    for kind, words in _operations(forwards):
        told = words if gap.kind is GapKind.COLUMN or kind == "renames" else _head(words)
        if not named.search(told):
            continue
        if kind in _GIVES[gap.kind] or kind in _TAKES[gap.kind]:
            answers.add(kind in _GIVES[gap.kind])
        elif kind == "renames" and _RENAMES.search(words):
            answers.add(bool(new_name.search(words)))
    return True if True in answers else False if answers else None


def _operations(text: str) -> Iterator[tuple[str, str]]:
    """Every operation: its kind, and its words up to the next one."""
    found = list(_OPERATION.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    for one, end in zip(found, ends, strict=True):
        yield str(one.lastgroup), text[one.start() : end]


def _head(words: str) -> str:
    """The beginning of an operation, in which the table stands that it is about."""
    operation, opened, rest = words.partition("(")
    called = opened and " " not in operation.strip()
    return _HEAD.split(rest if called else words, maxsplit=1)[0]


def names(table: str, path: str) -> set[str]:
    """What a table may be called in a file: Django writes `shop_lesson` as `Lesson` of `shop`."""
    folders = path.lower().split("/")[:-1]
    apps = {folder for folder in folders if table.lower().startswith(f"{folder}_")}
    return {table, *(table[len(app) + 1 :] for app in apps)}


_DECLARES_COLUMN = (
    # SQLAlchemy, Django, Peewee, SQLModel: an attribute that is made by some sort of field.
    r"^\s*(?:{0})\s*(?::\s*[^=\n]{{1,200}})?=\s*(?:\w+\.)*(?:mapped_column|Column|Field|\w+Field"
    r"|ForeignKey|OneToOneField)\(|^\s*(?:{0})\s*:\s*(?:\w+\.)*Mapped\["
    # by a name of its own; Go's tags; JPA; Rails' schema.rb; Prisma and DBML
    r"|\b(?:mapped_)?[Cc]olumn\(\s*(?:name\s*=\s*)?[\"'](?:{0})[\"']|\bcolumn:(?:{0})\b"
    r"|\b(?:db|gorm):\"(?:{0})[\",]|^\s*t\.\w+[ (]+[\"':](?:{0})\b"
)
_DECLARES_TABLE = (
    r"__tablename__\s*=\s*[\"'](?:{0})[\"']|\bTable\(\s*(?:name\s*=\s*)?[\"'](?:{0})[\"']"
    r"|\bdb_table\s*=\s*[\"'](?:{0})[\"']|^\s*class (?:{0})\((?:\w+\.)*Model\b"
    r"|@@map\([\"'](?:{0})[\"']\)|^\s*model (?:{0}) \{{|\bcreate_table [\"':](?:{0})\b"
)


def declares(path: str, added: Iterable[str], gap: Gap) -> bool:
    """Whether some of the lines that were added to a file declare what is missing, as models do."""
    column = gap.kind is GapKind.COLUMN
    wanted = _either({gap.name, gap.name.removesuffix("_id")} if column else names(gap.name, path))
    patterns = (_DECLARES_COLUMN if column else _DECLARES_TABLE).format(wanted)
    if column and path.endswith(".prisma"):
        patterns += rf"|^\s*(?:{wanted})\s+\w"
    return any(map(re.compile(patterns, re.IGNORECASE).search, added))


def _has(text: str, words: set[str]) -> bool:
    return bool(re.search(rf"(?i)(?<![\w$])(?:{_either(words)})(?![\w$])", text))


def _either(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words) if word)
