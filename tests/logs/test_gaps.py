"""What real databases and tools say where a schema lacks something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landed.core.seen import Gap, GapKind
from landed.logs.gaps import gap_in

RECORDED = {
    (line := json.loads(text))["case"]: line["text"]
    for text in (Path(__file__).parent / "lacking" / "recorded.jsonl").read_text().splitlines()
}


def expected(case: str) -> Gap:
    if case == "alembic behind":
        return Gap(kind=GapKind.BEHIND)
    if case == "alembic ahead":
        return Gap(kind=GapKind.AHEAD, name="5f2a9c1b77de")
    table = "shop_lesson" if case.startswith("django") else "lessons"
    if case.endswith(" table"):
        return Gap(kind=GapKind.TABLE, name=table)
    # Of a bare column PostgreSQL names no table.
    return Gap(kind=GapKind.COLUMN, name="level", table="" if case == "psycopg column" else table)


@pytest.mark.parametrize("case", sorted(RECORDED))
def test_a_real_error_is_understood(case: str) -> None:
    assert gap_in(RECORDED[case]) == expected(case)


def test_there_are_cases_of_each_kind() -> None:
    assert len(RECORDED) == 20


WORDS = {
    "Error 1146 (42S02): Table 'shop.lessons' doesn't exist": "table lessons",
    "(1054, \"Unknown column 'lessons.level' in 'field list'\")": "column lessons.level",
    'pq: relation "lessons" does not exist': "table lessons",
    'ERROR: relation "content.lessons" does not exist (SQLSTATE 42P01)': "table lessons",
    "P2021: The table `public.Lesson` does not exist in the current database.": "table Lesson",
    "P2022: The column `Lesson.level` does not exist in the current database.": (
        "column Lesson.level"
    ),
    "Schema-validation: missing table [lessons]": "table lessons",
    "Schema-validation: missing column [level] in table [lessons]": "column lessons.level",
    "Detected resolved migration not applied to database: 2": "behind 2",
    "Detected applied migration not resolved locally: 3": "ahead 3",
    "ActiveRecord::PendingMigrationError: Migrations are pending.": "behind ",
}


@pytest.mark.parametrize("text", WORDS)
def test_by_the_words_of_other_databases_and_tools(text: str) -> None:
    kind, _, full = WORDS[text].partition(" ")
    table, _, name = full.rpartition(".")
    assert gap_in(text) == Gap(kind=GapKind(kind), name=name, table=table)


@pytest.mark.parametrize(
    "text",
    [
        "expression 'School' failed to locate a name ('School')",
        "FileNotFoundError: the table of contents does not exist",
        'ERROR: role "lessons" does not exist',
        'FATAL: database "lessons" does not exist',
        "ERROR: function level(text) does not exist",
        "ERROR: duplicate key value violates unique constraint",
        "no such file or directory: lessons.level",
        "",
    ],
)  # fmt: skip
def test_other_errors_are_no_gap(text: str) -> None:
    assert gap_in(text) is None


def test_a_hostile_text_takes_no_time() -> None:
    assert gap_in("column " * 200_000 + "relation " * 200_000 + "a." * 200_000) is None
