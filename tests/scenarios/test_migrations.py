"""Code and database out of step: what an execution's own database says, and who is to blame."""

from __future__ import annotations

import sqlite3

import pytest

from scenarios.shop import FLAG, JOB, ON_BOTH, SCHOOL, Shop, bad, good

LEVEL = "no such column: lessons.level"
LIBRARY = """\
import os
import sqlite3


def run():
    database = sqlite3.connect(os.path.join(os.environ["DATA_DIR"], "shop.db"))
    {}
    return "work done"
"""
ORM = """\
import os

from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Lesson(Base):
    __tablename__ = "lessons"
    id: Mapped[int] = mapped_column(primary_key=True)
{}

def run():
    with Session(create_engine("sqlite:///" + os.environ["DATA_DIR"] + "/shop.db")) as session:
        session.scalars(select(Lesson)).all()
    return "work done"
"""
WITH_LEVEL = "    level: Mapped[str] = mapped_column()\n"
ALEMBIC = """\
revision = "b2"
down_revision = "a1"


def upgrade():
    op.{}("lessons", {})


def downgrade():
    op.{}("lessons", {})
"""
NEW, GONE = 'sa.Column("level", sa.Text())', '"level"'
BRINGS = ALEMBIC.format("add_column", NEW, "drop_column", GONE)
TAKES = ALEMBIC.format("drop_column", GONE, "add_column", NEW)
STEP = "migrations/versions/b2_level.py"


def asks(*queries: str) -> str:
    """A job that asks its database these things."""
    return LIBRARY.format("\n    ".join(f"database.execute({query!r})" for query in queries))


def again(job: str) -> str:
    """The same job, as another file."""
    return f"# again\n{job}"


LEVELS = asks("SELECT lessons.level FROM lessons")


def migrate(shop: Shop, script: str) -> None:
    """Runs a migration on the database that the job has."""
    folder = shop.cloud / "jobs" / JOB / "data"
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "shop.db")
    database.executescript(script)
    database.close()


@pytest.fixture
def library(shop: Shop) -> Shop:
    """A shop whose job reads its lessons."""
    shop.change(asks("SELECT lessons.id FROM lessons"), "Read the lessons")
    shop.push()
    migrate(shop, "CREATE TABLE lessons (id INTEGER PRIMARY KEY)")
    shop.release()
    shop.trace().proves()
    return shop


def released(shop: Shop, job: str, *, fixes: str = "", **files: str) -> None:
    """Commits a job with what comes along, and brings it out."""
    for path, text in files.items():
        shop.write(path, text)
    shop.change(job, "Read their levels", fixes=fixes)
    shop.push()
    shop.release()


@ON_BOTH
def test_a_migration_that_was_not_run(library: Shop) -> None:
    script = "ALTER TABLE lessons ADD COLUMN level TEXT"
    released(library, LEVELS, **{"db/migrations/2.sql": script})
    traced = library.trace()
    traced.breaks("healed", "migration-missing")
    found = traced.link("healed")
    assert "column `lessons.level`: db/migrations/2.sql brings it" in found["because"]
    assert found["remedy"][0] == "run db/migrations/2.sql on the database of dev"
    assert found["also"] == ["new-error"]
    assert {"next-bug", "fix-ineffective", "missing-dependency"} <= traced.ruled_out("healed")
    assert traced.answers == ("yes", "yes", "unknown")
    shown = next(e for e in found["evidence"] if e["station"] == "commit")
    assert shown["facts"]["migrations"] == [["db/migrations/2.sql", "SQL"]]
    migrate(library, script)
    library.execute()
    library.trace().proves()


def test_an_orms_model_and_its_tools_own_command(library: Shop) -> None:
    released(library, ORM.format(WITH_LEVEL), **{STEP: BRINGS})
    traced = library.trace()
    traced.breaks("healed", "migration-missing")
    assert traced.link("healed")["remedy"][0].startswith("alembic upgrade head  #")
    assert STEP in traced.link("healed")["remedy"][0]


def test_the_named_error_itself_was_to_be_mended_by_the_migration(library: Shop) -> None:
    released(library, LEVELS)
    script = "ALTER TABLE lessons ADD COLUMN level TEXT"
    library.write("db/migrations/2.sql", script)
    released(library, again(LEVELS), fixes=LEVEL)
    traced = library.trace()
    traced.breaks("healed", "migration-missing")
    assert traced.link("healed")["also"] == ["fix-ineffective"]
    assert traced.answers == ("yes", "yes", "no")


def test_a_commit_on_the_way_brought_the_migration(library: Shop) -> None:
    library.write(STEP, BRINGS)
    library.change(LEVELS, "Read their levels")
    released(library, again(LEVELS))
    library.trace().breaks("healed", "migration-missing")


def test_a_model_without_any_migration(library: Shop) -> None:
    released(library, ORM.format(WITH_LEVEL))
    traced = library.trace()
    traced.breaks("healed", "migration-missing")
    assert "no migration of these commits brings it" in traced.link("healed")["because"]
    assert "write the migration" in traced.link("healed")["remedy"][0]


@ON_BOTH
def test_a_slip_in_a_query_is_a_new_error_and_more_nobody_can_tell(library: Shop) -> None:
    released(library, asks("SELECT lessons.levle FROM lessons"))
    traced = library.trace()
    traced.breaks("healed", "new-error")
    assert traced.link("healed")["also"] == ["migration-missing"]
    assert "nobody can tell" in traced.link("healed")["notes"][-1]


def test_another_tables_migration_is_not_blamed(library: Shop) -> None:
    script = "ALTER TABLE schools ADD COLUMN level TEXT"
    released(library, LEVELS, **{"db/migrations/2.sql": script})
    library.trace().breaks("healed", "new-error")


def test_a_migration_that_was_run_is_quiet(library: Shop) -> None:
    migrate(library, "ALTER TABLE lessons ADD COLUMN level TEXT")
    released(library, ORM.format(WITH_LEVEL), **{STEP: BRINGS})
    traced = library.trace()
    traced.proves()
    assert traced.link("healed")["also"] == []


def test_a_gap_that_was_always_there_is_no_alarm(library: Shop) -> None:
    noisy = (
        "def run():\n"
        '    print(\'{"severity": "ERROR", "message": "no such table: cache"}\', flush=True)\n'
        '    return "work done"\n'
    )
    released(library, noisy)
    released(library, again(noisy), **{STEP: 'op.create_table("cache")\n'})
    traced = library.trace()
    traced.proves()
    assert traced.link("healed")["also"] == []


@ON_BOTH
def test_old_code_on_a_newer_schema_is_no_missing_migration(library: Shop) -> None:
    released(library, ORM.format(WITH_LEVEL), **{STEP: BRINGS})
    old = library.git("rev-parse", "HEAD")
    migrate(library, "ALTER TABLE lessons ADD COLUMN level TEXT")
    library.execute()
    before = library.landed("cloud", "execute", JOB, "--wait").data["digest"]
    released(library, ORM.format(""), **{"migrations/versions/c3_plain.py": TAKES})
    migrate(library, "ALTER TABLE lessons DROP COLUMN level")
    library.execute()
    library.deploy(f"{JOB}@{before}")
    library.execute()
    rolled = library.trace(old)
    assert rolled.diagnosis("healed") != "migration-missing", rolled.said()
    assert rolled.link("healed")["status"] == "broken"
    assert "migration-missing" in rolled.ruled_out("healed")
    newer = library.trace()
    assert "deployed" in newer.broken()
    assert newer.diagnosis("healed") != "migration-missing", newer.said()


def test_a_revert_that_takes_the_migration_out_of_the_code(library: Shop) -> None:
    released(library, ORM.format(WITH_LEVEL))
    migrate(library, "ALTER TABLE lessons ADD COLUMN level TEXT")
    library.execute()
    released(library, ORM.format(""), **{STEP: TAKES})
    migrate(library, "ALTER TABLE lessons DROP COLUMN level")
    library.execute()
    library.git("revert", "--no-edit", "HEAD")
    library.push()
    library.release()
    traced = library.trace()
    assert traced.broken() == {"healed"}, traced.said()
    assert traced.diagnosis("healed") == "new-error"
    assert "migration-missing" in traced.ruled_out("healed")


def test_a_migration_that_takes_away_what_the_code_still_asks_for(library: Shop) -> None:
    migrate(library, "ALTER TABLE lessons ADD COLUMN level TEXT")
    released(library, LEVELS)
    migrate(library, "ALTER TABLE lessons DROP COLUMN level")
    released(library, again(LEVELS), **{STEP: TAKES})
    traced = library.trace()
    traced.breaks("healed", "new-error")
    assert "migration-missing" in traced.ruled_out("healed")


def test_other_errors_are_not_taken_for_it(library: Shop) -> None:
    library.lose()
    released(library, bad(FLAG), fixes=SCHOOL, **{STEP: BRINGS})
    library.trace().breaks("healed", "next-bug")
    released(library, "# again\n" + good(), fixes=FLAG)
    library.trace().proves()
