"""Shipments that are killed: each goes on where it was, and does nothing twice."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from landed.core.errors import UsageError
from landed.ship.desk import Desk
from ship.armed import POINTS
from ship.harbour import KILLED, Command, Forks, Harbour
from waiting import SECONDS, until

if TYPE_CHECKING:
    from postgres import Server

ANY = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def harbour(tmp_path: Path, forks: Forks, database: str, request: pytest.FixtureRequest) -> Harbour:
    """A harbour on the database that the test names."""
    url = ""
    if database == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        url = server.database()
    return Harbour(tmp_path, forks, database=url)


BOUNDARIES = [point for point in POINTS if point.startswith("after") or "record" in point]
"""The worst moment of each step: its work is done, and nobody has written down that it is."""


WHOLE = bool(os.environ.get("LANDED_KILL_ALL"))
FLEETS = [(1, "sqlite"), (2, "postgresql")]
if WHOLE:
    FLEETS += [(2, "sqlite"), (1, "postgresql")]


@ANY
def test_killed_at_every_point_one_after_the_other_it_still_does_everything_once(
    harbour: Harbour,
) -> None:
    points = POINTS if WHOLE or not harbour.database else BOUNDARIES
    first = harbour.run("ship", point=points[0])
    assert first.wait() == KILLED, first.said()
    shipment = harbour.begun()
    for point in points[1:]:
        going_on = harbour.run("ship", "--resume", shipment, point=point)
        assert going_on.wait() == KILLED, (point, going_on.said())
    last = harbour.run("ship", "--resume", shipment)
    assert (last.wait(), last.document()["verdict"]) == (0, "proved"), last.said()
    harbour.once(shipment)


@pytest.mark.parametrize(("workers", "database"), FLEETS)
def test_workers_are_killed_at_every_point_and_the_living_takes_over(
    harbour: Harbour, tmp_path: Path, workers: int
) -> None:
    script = tmp_path / "script"
    points = POINTS if WHOLE else BOUNDARIES
    script.write_text("\n".join([*points, ""]))
    point = f"each {script}"
    alive = [harbour.start("worker", point=point) for _ in range(workers)]
    shipment = harbour.order()
    deaths = 0

    def over() -> bool:
        nonlocal deaths
        for number, one in enumerate(alive):
            if one.ended():
                assert one.wait() == KILLED, one.said()
                deaths += 1
                alive[number] = harbour.start("worker", point=point)
        return deaths == len(points) and not harbour.under_way()

    # All deaths together: each of them is one more worker that begins.
    until(over, seconds=4 * SECONDS)
    assert not script.read_text()
    harbour.once(shipment)
    for one in alive:
        os.kill(one.pid, signal.SIGKILL)


@ANY
def test_a_worker_that_is_stopped_keeps_its_work_and_a_dead_ones_waiting_command_takes_over(
    harbour: Harbour,
) -> None:
    only = worker(harbour, "stand build 0")
    waiting = harbour.start("ship", "--json")
    until(only.stands)
    until(lambda: stopped_idle(harbour, only))
    shipment = harbour.begun()
    other = worker(harbour, "never")
    following = harbour.start("ship", "--resume", shipment, "--json")
    # The second worker looks around once a second: the stopped one's work is not taken.
    until(lambda: "takes shipments" in other.said())
    assert not waiting.ended()
    for number in (signal.SIGCONT, signal.SIGUSR1):
        os.kill(only.pid, number)
    assert (waiting.wait(), following.wait()) == (0, 0), (waiting.said(), following.said())
    harbour.once(shipment)
    for one in (only, other):
        os.kill(one.pid, signal.SIGTERM)
        assert one.wait() == 0, one.said()


def stopped_idle(harbour: Harbour, command: Command) -> bool:
    """Stops it while it writes nothing: others would wait for its lock on the database."""
    os.kill(command.pid, signal.SIGSTOP)
    if not harbour.written_to():
        return True
    os.kill(command.pid, signal.SIGCONT)
    return False


@pytest.mark.parametrize("database", ["sqlite"])
def test_where_the_last_worker_dies_the_command_that_waits_carries_on(harbour: Harbour) -> None:
    only = worker(harbour, "in execute 2")
    waiting = harbour.run("ship")
    assert only.wait() == KILLED
    assert waiting.wait() == 0, waiting.said()
    harbour.once(str(waiting.document()["id"]))


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_worker_that_is_told_to_end_leaves_its_work_to_the_next_one(harbour: Harbour) -> None:
    shipment = harbour.order()
    first = harbour.start("worker", point="stand deploy 0")
    until(first.stands)
    os.kill(first.pid, signal.SIGTERM)
    assert first.wait() == 0, first.said()
    second = harbour.start("worker", point="stand execute 0")
    until(second.stands)
    # Who says it twice does not wait for what is under way.
    with suppress(ProcessLookupError):
        while not second.ended():
            os.kill(second.pid, signal.SIGINT)
            time.sleep(0.02)
    assert second.wait() == 128 + signal.SIGINT, second.said()
    third = harbour.start("worker")
    until(lambda: not harbour.under_way())
    harbour.once(shipment)
    os.kill(third.pid, signal.SIGKILL)


@ANY
def test_of_two_shipments_at_once_into_one_target_one_is_refused(harbour: Harbour) -> None:
    # One that is dead, and that nobody goes on with, is in nobody's way.
    assert harbour.run("ship", point="before check").wait() == KILLED
    dead = harbour.begun()
    told = str(harbour.run("report", dead).document()["markdown"])
    assert told.startswith("## … worker in dev: under way\n"), told
    assert f"`landed ship --resume {dead}`" in told
    both = [harbour.start("ship", "--json", point="stand deploy 0") for _ in range(2)]
    # Whoever wins stands still until the other one was refused: else it may be through before.
    refused = until(lambda: next((one for one in both if one.ended()), None))
    (won,) = (one for one in both if one is not refused)
    until(won.stands)
    os.kill(won.pid, signal.SIGUSR1)
    assert (won.wait(), refused.wait()) == (0, 2), (won.said(), refused.said())
    # Whoever lost the terminal learns the id from the next shipment. In a database the seat of a
    # process that has just died is taken for a moment more.
    assert harbour.database or f"landed ship --resume {dead}" in won.said()
    shipment = str(won.document()["id"])
    assert refused.document()["error"] == f"shipment {shipment} into dev is under way"
    harbour.once(shipment)
    # Whoever goes on with the dead one afterwards, as a worker does unasked, puts nothing over it.
    late = harbour.run("ship", "--resume", dead)
    assert late.wait() == 3, late.said()
    told = late.document()["steps"]
    assert [one["status"] for one in told[3:]] == ["holds", "unseen", None, None, None], told
    assert shipment in told[4]["because"]
    harbour.once(shipment)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_dead_shipment_goes_on_beside_no_living_one_and_after_no_newer_one(
    harbour: Harbour,
) -> None:
    assert harbour.run("ship", point="after build").wait() == KILLED
    dead = harbour.begun()
    living = harbour.start("ship", "--json", point="stand deploy 0")
    until(living.stands)
    base = harbour.base
    with Desk(base) as desk:
        newer = desk.open()[0]
        assert desk.take_over([base.ships]) == []
        with pytest.raises(UsageError, match=f"shipment {newer} into dev is under way"):
            desk.claim(dead)
    os.kill(living.pid, signal.SIGKILL)
    living.wait()
    alive = worker(harbour, "never")
    until(lambda: not harbour.under_way())
    os.kill(alive.pid, signal.SIGKILL)
    harbour.once(newer)
    stopped = harbour.run("report", dead).document()["markdown"]
    assert f"{newer} has changed what is deployed" in str(stopped)


def worker(harbour: Harbour, point: str) -> Command:
    """A worker that is ready."""
    started = harbour.start("worker", point=point)
    until(lambda: started.ended() or "takes shipments" in started.said())
    return started


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_log_that_a_power_cut_took_the_end_of_is_recovered_or_said(harbour: Harbour) -> None:
    folder = harbour.shop.work / ".landed" / "ship"
    assert harbour.run("ship", point="after build").wait() == KILLED
    shipment = harbour.begun()
    for point, kept in (("after deploy", 0.9), ("after execute", 0.97), ("in record 1", 0.8)):
        cut(folder / "ships.db-wal", kept)
        going_on = harbour.run("ship", "--resume", shipment, point=point)
        assert going_on.wait() == KILLED, (point, going_on.said())
    cut(harbour.shop.work / ".landed" / "ledger.db-wal", 0.5)
    last = harbour.run("ship", "--resume", shipment)
    assert last.wait() == 0, last.said()
    harbour.once(shipment)
    assert harbour.run("verify-ledger").wait() == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_lost_is_never_taken_for_nothing(harbour: Harbour) -> None:
    state = harbour.shop.work / ".landed"
    assert harbour.run("ship", point="after check").wait() == KILLED
    shipment = harbour.begun()
    cut(state / "ship" / "ships.db-wal", 0)
    gone = harbour.run("ship", "--resume", shipment)
    assert (gone.wait(), "there is no shipment" in gone.said()) == (2, True)
    before = (state / "ledger.db").read_bytes() if (state / "ledger.db").exists() else b""
    assert harbour.run("ship").wait() == 0
    for part in state.glob("ledger.*"):
        part.unlink()
    if before:
        (state / "ledger.db").write_bytes(before)
    checked = harbour.run("verify-ledger")
    assert (checked.wait(), checked.document()["verdict"]) == (1, "broken")
    assert "remembers" in checked.document()["fault"]


def cut(log: Path, kept: float) -> None:
    """Takes the end of a file away, as if it had never reached the disk."""
    with log.open("r+b") as file:
        file.truncate(int(log.stat().st_size * kept))
