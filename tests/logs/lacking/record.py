"""Records what real databases and tools say where a schema lacks something.

`python tests/logs/lacking/record.py` in an environment that has SQLAlchemy, psycopg, Django and
alembic, on a machine with PostgreSQL; the tests need only what is recorded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

MODELS = """\
import os
import sys

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column


class Base(DeclarativeBase):
    pass


class Lesson(Base):
    __tablename__ = "lessons"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column()


engine = create_engine(sys.argv[1])
what = sys.argv[2]
with Session(engine) as session:
    if what != "table":
        session.execute(text("CREATE TABLE lessons (id INTEGER PRIMARY KEY)"))
    if what == "insert":
        session.add(Lesson(id=1, level="easy"))
        session.flush()
    session.scalars(select(aliased(Lesson) if what == "alias" else Lesson)).all()
"""
DRIVER = """\
import sys

import psycopg

with psycopg.connect(sys.argv[1]) as connection:
    if sys.argv[2] != "table":
        connection.execute("CREATE TABLE lessons (id INTEGER PRIMARY KEY)")
    said = {"table": "SELECT level FROM lessons", "column": "SELECT level FROM lessons",
            "alias": "SELECT l.level FROM lessons AS l",
            "insert": "INSERT INTO lessons (level) VALUES ('easy')"}
    connection.execute(said[sys.argv[2]])
"""
DJANGO = """\
import sys

import django
from django.conf import settings

engine, where = sys.argv[1].split("=", 1)
settings.configure(
    DATABASES={"default": {"ENGINE": f"django.db.backends.{engine}", **eval(where)}},
    INSTALLED_APPS=["shop"],
)
django.setup()
from django.db import connection
from shop.models import Lesson

if sys.argv[2] != "table":
    connection.cursor().execute("CREATE TABLE shop_lesson (id integer PRIMARY KEY)")
if sys.argv[2] == "insert":
    Lesson(id=1, level="easy").save(force_insert=True)
list(Lesson.objects.all())
"""
DJANGO_MODELS = """\
from django.db import models


class Lesson(models.Model):
    level = models.CharField(max_length=20)
"""
ALEMBIC_ENV = """\
from alembic import context
from sqlalchemy import MetaData, create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection, target_metadata=MetaData())
    with context.begin_transaction():
        context.run_migrations()
"""
ALEMBIC = """\
import sys

from alembic import command, context
from alembic.config import Config

config = Config()
config.set_main_option("script_location", "steps")
config.set_main_option("sqlalchemy.url", sys.argv[1])
if sys.argv[2] == "ahead":
    from sqlalchemy import create_engine, text
    with create_engine(sys.argv[1]).begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('5f2a9c1b77de')"))
    command.upgrade(config, "head")
command.check(config)
"""
STEP = """\
revision = "a1b2c3d4e5f6"
down_revision = None


def upgrade():
    pass
"""


def said(folder: Path, program: str, name: str, *arguments: str) -> str:
    """What a failing run prints, without the places of this machine."""
    place = folder / "app"
    place.mkdir(exist_ok=True)
    (place / name).write_text(program)
    done = subprocess.run(
        [sys.executable, name, *arguments],
        cwd=place, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(place)},
    )  # fmt: skip
    assert done.returncode, (name, arguments, done.stdout)
    text = done.stderr.replace(str(folder), "").replace(sys.prefix, "/usr/local")
    return text.replace(sys.base_prefix, "/usr/local").rstrip("\n")


def cases(folder: Path, database: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """Every case with what it printed."""
    for what in ("table", "column", "alias", "insert"):
        yield f"sqlalchemy sqlite {what}", said(folder, MODELS, "job.py", "sqlite://", what)
        url = database()
        on_psycopg = url.replace("postgresql:", "postgresql+psycopg:")
        yield f"sqlalchemy postgresql {what}", said(folder, MODELS, "job.py", on_psycopg, what)
        yield f"psycopg {what}", said(folder, DRIVER, "raw.py", database(), what)
    for what in ("table", "column", "insert"):
        shop = folder / "app" / "shop"
        shop.mkdir(exist_ok=True)
        (shop / "__init__.py").touch()
        (shop / "models.py").write_text(DJANGO_MODELS)
        memory = "sqlite3={'NAME': ':memory:'}"
        yield f"django sqlite {what}", said(folder, DJANGO, "site.d.py", memory, what)
        name, host = database().removeprefix("postgresql://tests@/").split("?host=")
        there = f"postgresql={{'NAME': {name!r}, 'HOST': {host!r}, 'USER': 'tests'}}"
        yield f"django postgresql {what}", said(folder, DJANGO, "site.d.py", there, what)
    steps = folder / "app" / "steps" / "versions"
    steps.mkdir(parents=True)
    (steps.parent / "env.py").write_text(ALEMBIC_ENV)
    (steps / "a1b2c3d4e5f6_first.py").write_text(STEP)
    for what in ("behind", "ahead"):
        place = f"sqlite:///{what}.db"
        yield f"alembic {what}", said(folder, ALEMBIC, "migrate.py", place, what)


def main() -> None:
    """Writes the file: a JSON object a line."""
    from postgres import Server

    with tempfile.TemporaryDirectory() as place, Server() as server:
        found = dict(cases(Path(place), server.database))
    with (HERE / "recorded.jsonl").open("w") as file:
        for case, text in sorted(found.items()):
            file.write(json.dumps({"case": case, "text": text}) + "\n")


if __name__ == "__main__":
    main()
