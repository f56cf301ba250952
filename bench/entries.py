"""A ledger of any size, made of real entries: what one shipment and its watch really wrote, over
and over, each time with ids, a commit and a target of its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from landed import ship_wiring
from landed.core import clock
from landed.ledger import database
from landed.ledger.chain import GENESIS, chained
from landed.ledger.store import Ledger

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from scenarios.shop import Shop  # noqa: E402 - the path comes first

TARGETS = 50
PROJECTS = 5
LOOKS = 6
AT = "2025-11-04T00:53:00.000000Z"
Model = tuple[str, str]
Row = tuple[int, str, str, str, str, str]


def shipped(folder: Path) -> Shop:
    """A shop where a fix was traced, shipped, and watched to the end."""
    os.environ.setdefault("LANDED_RUNTIME", str(ROOT / ".runtime"))
    shop = Shop(folder)
    shop.lose()
    for _ in range(5):
        shop.execute()
    shop.trace()
    shop.fix()
    shop.trace()
    shop.push()
    assert shop.landed("ship").code == 0
    shop.trace()
    for number in range(1, LOOKS + 1):
        ship_wiring.now = lambda n=number: clock.now() + timedelta(hours=4 * n, minutes=1)  # type: ignore[misc,attr-defined]
        shop.execute()
        shop.landed("watch", "--once")
    ship_wiring.now = clock.now  # type: ignore[attr-defined]
    return shop


def models(ledger: Ledger) -> list[Model]:
    """What it wrote, with marks where each copy has something of its own."""
    entries = ledger.newest(100)[::-1]
    documents = [entry.document() for entry in entries]
    ship = next(one for one in documents if one.get("schema") == "landed/ship/v1")
    marks = {ship["id"]: "%SHIP%", ship["watch"]: "%WATCH%", ship["change"]["commit"]: "%COMMIT%",
             ship["digest"].partition(":")[2]: "%DIGEST%",
             '"deployable":"worker"': '"deployable":"%TARGET%"'}  # fmt: skip
    found = []
    for entry in entries:
        body = entry.body
        for own, mark in marks.items():
            body = body.replace(own, mark)
        found.append((entry.kind, body))
    return found


def rows(count: int, of: list[Model], project: str | None) -> Iterator[Row]:
    """A chain of so many entries, in a shared database of this project and of four others."""
    prev = GENESIS
    for number in range(1, count + 1):
        kind, body = of[(number - 1) % len(of)]
        group = (number - 1) // len(of)
        for mark, own in (
            ("%SHIP%", f"ship-{group:08}"), ("%WATCH%", f"watch-{group:08}"),
            ("%COMMIT%", f"{group:040x}"), ("%DIGEST%", f"{group:064x}"),
            ("%TARGET%", f"worker-{group % TARGETS}" if group % TARGETS else "worker"),
        ):  # fmt: skip
            body = body.replace(mark, own)
        if project is not None:
            named = json.dumps(
                project if group % PROJECTS == 0 else f"{project}-{group % PROJECTS}"
            )
            body = f'{body[:-1]},"project":{named}}}'
        own_hash = chained(prev, AT, kind, body)
        yield number, AT, kind, body, prev, own_hash
        prev = own_hash


def fill(place: Path | str, count: int, of: list[Model], project: str | None = None) -> None:
    """Writes an empty ledger full, a shared one with `project`. Its indexes are made at the end, as
    for a ledger from before.
    """
    engine = database.engine(place)
    with engine.connect() as connection:
        database.prepare(connection)
        for name in (*database.INDEXES, *database.SHARED):
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
        connection.commit()
        if isinstance(place, Path):
            with sqlite3.connect(place) as raw:
                raw.execute("PRAGMA synchronous=OFF")
                raw.executemany(
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows(count, of, project)
                )
            raw.close()
        else:
            driver = connection.connection.driver_connection
            assert driver is not None
            with driver.cursor() as cursor, cursor.copy("COPY entries FROM STDIN") as copy:
                for row in rows(count, of, project):
                    copy.write_row(row)
            driver.commit()
            connection.rollback()
        database.prepare(connection)
        if connection.dialect.name == "postgresql":
            # It does that by itself, and SQLite does not.
            connection.exec_driver_sql("ANALYZE entries")
            connection.commit()
    engine.dispose()
