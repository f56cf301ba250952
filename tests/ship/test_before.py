"""What a version from before projects kept goes on with this one: a watch, and a killed shipment.

`before/` has the databases of that version, dumped, and the history of its shop: a fix was shipped
and is watched, and the shipment of the next commit was killed after its check.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from landed.ship import records
from scenarios.shop import Shop
from ship.harbour import Forks, Harbour
from waiting import until

if TYPE_CHECKING:
    from postgres import Server

BEFORE = Path(__file__).with_name("before")
AGAIN = "UPDATE {}workflow_status SET delay_until_epoch_ms = 0 WHERE status = 'DELAYED'"
"""The time of the checkpoint has come."""
MOVE = "UPDATE {}workflow_status SET status = '{}' WHERE status = '{}'"


@pytest.fixture(params=["sqlite", "postgresql"])
def harbour(
    tmp_path: Path,
    forks: Forks,
    request: pytest.FixtureRequest,
) -> Harbour:
    """The shop, in another place, with what it kept."""
    (tmp_path / "shop").mkdir()
    shop = Shop(tmp_path / "shop")
    shop.release()
    history = (BEFORE / "history.git").read_bytes()
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=shop.remote, input=history, check=True
    )
    shop.git("fetch", "-q", "origin")
    shop.git("reset", "-q", "--hard", "origin/main")
    url = ""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        url = server.database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((BEFORE / "postgresql.sql").read_bytes())
            connection.execute(AGAIN.format("dbos.").encode())
    else:
        state = shop.work / ".landed"
        (state / "ship").mkdir(parents=True)
        for name in ("ship/ships", "ledger"):
            file = state / f"{name}.db"
            file.unlink(missing_ok=True)
            with closing(sqlite3.connect(file, 60, isolation_level=None)) as own:
                own.executescript((BEFORE / f"{file.stem}.sql").read_text())
                if file.stem == "ships":
                    own.execute(AGAIN.format(""))
    return Harbour.of(shop, forks, url)


def move(harbour: Harbour, before: str, after: str) -> None:
    """Moves what is kept of shipments and watches from one status to another."""
    if harbour.database:
        with psycopg.connect(harbour.database, autocommit=True) as connection:
            connection.execute(MOVE.format("dbos.", after, before).encode())
        return
    ships = harbour.shop.work / ".landed" / "ship" / "ships.db"
    with closing(sqlite3.connect(ships, 60, isolation_level=None)) as own:
        own.execute(MOVE.format("", after, before))


def looks(harbour: Harbour, watch: str) -> list[int]:
    """The checkpoints that were looked at."""
    with harbour.ledger() as ledger:
        found = records.kept(ledger, watch)
    return [look.number for look in found.looks] if found else []


def test_a_watch_goes_on_and_a_killed_shipment_is_ended(harbour: Harbour) -> None:
    with harbour.ledger() as ledger:
        kept = records.current(ledger, "dev", "worker")
    assert kept is not None
    opened, shipment = kept.opened, harbour.begun()
    # Its own watch would take the place of this one, which then looks no more.
    move(harbour, "PENDING", "CANCELLED")
    worker = harbour.start("worker", at=opened.due_at(5) + timedelta(seconds=1))

    assert until(lambda: looks(harbour, opened.id)) == [5], worker.said()
    move(harbour, "CANCELLED", "PENDING")
    ended = harbour.run("ship", "--resume", shipment)
    assert (ended.wait(), ended.document()["id"]) == (0, shipment), ended.said()
    harbour.once(shipment)
    assert harbour.run("watch").document()["id"] == f"watch-{shipment}"


@pytest.mark.parametrize("harbour", ["postgresql"], indirect=True)
def test_it_is_no_other_projects(harbour: Harbour, tmp_path: Path, forks: Forks) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Harbour.of(Shop(tmp_path / "stranger"), forks, harbour.database)
    worker = stranger.start("worker")
    until(lambda: "takes shipments" in worker.said())
    assert stranger.run("watch").document()["error"] == "no watch was opened over worker in dev"
    shipment = harbour.begun()
    theirs = stranger.run("ship", "--resume", shipment).document()["error"]
    assert theirs == f"shipment `{shipment}` is of another project: unnamed"
    assert stranger.run("log").document()["entries"] == []
    mine = harbour.run("log").document()["entries"]
    assert [entry["kind"] for entry in mine] == ["ship", "watch"]
    # It has looked around many times by now.
    assert "taken over" not in worker.said()
    assert not harbour.cloud.builds()[0].key
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait() == 0


@pytest.mark.parametrize("harbour", ["sqlite"], indirect=True)
def test_a_ledger_that_is_away_at_a_checkpoint_does_not_end_the_watch(harbour: Harbour) -> None:
    with harbour.ledger() as ledger:
        (kept,) = records.watches(ledger)
    place = harbour.shop.work / ".landed" / "ledger.db"
    away = place.rename(place.with_name("away.db"))
    move(harbour, "PENDING", "CANCELLED")
    worker = harbour.start("worker", at=kept.opened.due_at(2) + timedelta(seconds=1))
    ships = sqlite3.connect(harbour.shop.work / ".landed" / "ship" / "ships.db", 60)
    again = "SELECT 1 FROM workflow_status WHERE workflow_uuid = ?"
    until(lambda: ships.execute(again, [f"{kept.opened.key(1)}+1"]).fetchone())
    ships.close()
    away.rename(place)
    assert until(lambda: looks(harbour, kept.opened.id)) == [2], worker.said()
    os.kill(worker.pid, signal.SIGKILL)
