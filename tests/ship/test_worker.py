"""Workers look at watches by themselves, one checkpoint after the other."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from landed.ship import records
from landed.ship.watch import Kept
from ship.harbour import Clock, Command, Forks, Harbour
from waiting import until

EVERY = 1.0
SHORT = f"\n[ship]\nwatch_hours = {2 * EVERY / 3600}\ncheckpoint_hours = {EVERY / 3600}\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def harbour(tmp_path: Path, forks: Forks, request: pytest.FixtureRequest) -> Harbour:
    """A harbour whose watches have two checkpoints, a second apart."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    made = Harbour(tmp_path, forks, database=server.database() if server else "")
    settings = made.shop.work / "landed.toml"
    settings.write_text(settings.read_text() + SHORT)
    made.shop.commit("Short watches")
    made.shop.push()
    return made


def working(harbour: Harbour, clock: Clock) -> Command:
    started = harbour.start("worker", at=clock)
    until(lambda: started.ended() or "takes shipments" in started.said())
    return started


def kept(harbour: Harbour) -> Kept:
    with harbour.ledger() as ledger:
        found = records.current(ledger, "dev", "worker")
    assert found is not None
    return found


def test_a_worker_looks_at_each_checkpoint_and_writes_the_end_down(
    harbour: Harbour, tmp_path: Path
) -> None:
    # By its own clock: on a busy machine the next checkpoint comes before this one was looked at.
    clock = Clock(tmp_path / "clock")
    worker = working(harbour, clock)
    assert harbour.run("ship").wait() == 0
    opened = kept(harbour).opened
    for number in (1, 2):
        assert len(kept(harbour).looks) == number - 1
        clock.set(opened.due_at(number))
        until(lambda wanted=number: len(kept(harbour).looks) == wanted)  # type: ignore[misc]
    until(lambda: kept(harbour).closed_at)
    looks = kept(harbour).looks
    assert [(look.number, look.looked_at) for look in looks] == [
        (number, opened.due_at(number)) for number in (1, 2)
    ]
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait() == 0, worker.said()


def test_where_the_shipments_database_is_lost_a_worker_goes_on_from_the_ledger(
    tmp_path: Path, forks: Forks
) -> None:
    harbour = Harbour(tmp_path, forks)
    assert harbour.run("ship").wait() == 0
    opened = kept(harbour).opened

    def lost_and_found(hours: float) -> Command:
        shutil.rmtree(harbour.shop.work / ".landed" / "ship")
        return harbour.start("worker", at=opened.opened_at + timedelta(hours=hours))

    worker = lost_and_found(8.1)
    until(lambda: kept(harbour).looks)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    # Its end has passed, and is written down all the same.
    worker = lost_and_found(30)
    until(lambda: kept(harbour).closed_at)
    assert [look.number for look in kept(harbour).looks] == [2], worker.said()
    os.kill(worker.pid, signal.SIGKILL)
