"""Workers look at watches by themselves, one checkpoint after the other."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from landed.ship import records
from landed.ship.watch import Kept
from ship.harbour import Command, Forks, Harbour, until

EVERY = 2.0
SHORT = f"\n[ship]\nwatch_hours = {3 * EVERY / 3600}\ncheckpoint_hours = {EVERY / 3600}\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def harbour(tmp_path: Path, forks: Forks, request: pytest.FixtureRequest) -> Harbour:
    """A harbour whose watches take seconds: three checkpoints."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    made = Harbour(tmp_path, forks, database=server.database() if server else "")
    settings = made.shop.work / "landed.toml"
    settings.write_text(settings.read_text() + SHORT)
    made.shop.commit("Short watches")
    made.shop.push()
    return made


def working(harbour: Harbour) -> Command:
    started = harbour.start("worker")
    until(lambda: started.ended() or "takes shipments" in started.said())
    return started


def closed(harbour: Harbour) -> Kept | None:
    with harbour.ledger() as ledger:
        kept = records.current(ledger, "dev", "worker")
    return kept if kept and kept.closed_at else None


def test_a_worker_looks_at_each_checkpoint_and_writes_the_end_down(harbour: Harbour) -> None:
    worker = working(harbour)
    assert harbour.run("ship").wait() == 0
    kept = until(lambda: closed(harbour))
    assert [look.number for look in kept.looks] == [1, 2, 3]
    late = [(look.looked_at - look.due_at).total_seconds() for look in kept.looks]
    assert all(0 <= one < EVERY for one in late), late
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait() == 0, worker.said()


@pytest.mark.parametrize("harbour", ["sqlite"], indirect=True)
def test_where_the_shipments_database_is_lost_a_worker_goes_on_from_the_ledger(
    harbour: Harbour,
) -> None:
    assert harbour.run("ship").wait() == 0
    shutil.rmtree(harbour.shop.work / ".landed" / "ship")
    worker = working(harbour)
    kept = until(lambda: closed(harbour))
    assert kept.looks
    os.kill(worker.pid, signal.SIGKILL)
