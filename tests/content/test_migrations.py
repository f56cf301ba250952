"""Migrations of a dozen tools: which they are, and what they give or take, run forwards."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from landed.content.migrations import declares, gives, migration
from landed.core.seen import Gap, GapKind

LEVEL = Gap(kind=GapKind.COLUMN, name="level", table="lessons")
LESSONS = Gap(kind=GapKind.TABLE, name="lessons")
DJANGO = Gap(kind=GapKind.COLUMN, name="level", table="shop_lesson")
DJANGO_TABLE = Gap(kind=GapKind.TABLE, name="shop_lesson")
CASES = tomllib.loads((Path(__file__).parent / "migrations.toml").read_text())["case"]
ANSWERS = {"brings": True, "takes": False, "neither": None}


def missing(name: str) -> Gap:
    """A column of a table, or a table."""
    table, _, column = name.rpartition(".")
    kind = GapKind.COLUMN if table else GapKind.TABLE
    return Gap(kind=kind, name=column, table=table)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['gives']}: {case['name']}")
def test_what_a_migration_gives(case: dict[str, str]) -> None:
    path, text = case["path"], case["text"]
    step = migration(path, text)
    assert step is not None
    if case["gives"] != "neither":
        assert step.tool == case["name"].split(",", maxsplit=1)[0]
    assert gives(path, text, missing(case["gap"])) is ANSWERS[case["gives"]]


@pytest.mark.parametrize(
    "path", ["app/job.py", "m/2_level.down.sql", "db/seed.sql", "db/schema.rb"]
)
def test_what_is_no_migration(path: str) -> None:
    assert migration(path, "ALTER TABLE lessons ADD COLUMN level text") is None


@pytest.mark.parametrize(
    ("path", "line", "gap"),
    [
        ("app/models.py", "    level: Mapped[str] = mapped_column()", LEVEL),
        ("app/models.py", "    level: Mapped[str]", LEVEL),
        ("app/models.py", "    level = db.Column(db.Text)", LEVEL),
        ("app/models.py", '    grade = Column("level", Text)', LEVEL),
        ("shop/models.py", "    level = models.CharField(max_length=20)", DJANGO),
        ("shop/models.py", "class Lesson(models.Model):", DJANGO_TABLE),
        ("app/models.py", '    __tablename__ = "lessons"', LESSONS),
        ("prisma/schema.prisma", "  level String?", LEVEL),
        ("db/schema.rb", '    t.string "level"', LEVEL),
        ("lesson.go", '	Level string `gorm:"column:level"`', LEVEL),
        ("Lesson.java", '  @Column(name = "level")', LEVEL),
    ],
)
def test_a_model_declares(path: str, line: str, gap: Gap) -> None:
    assert declares(path, [line], gap)


@pytest.mark.parametrize(
    "line",
    [
        'cursor.execute("SELECT level FROM lessons")',
        "level = 3",
        "# level: Mapped[str]",
        "    levels: Mapped[str]",
        'print("level")',
    ],
)  # fmt: skip
def test_a_query_declares_nothing(line: str) -> None:
    assert not declares("app/job.py", [line], LEVEL)
