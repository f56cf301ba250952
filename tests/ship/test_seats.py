"""The locks of executors: who only looks is taken for nobody, and who lost its lock takes no step
more before another goes on.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from landed.core.errors import ProviderError
from landed.ship import file_seats
from landed.ship.database_seats import DatabaseSeats
from landed.ship.file_seats import FileSeats
from ship.harbour import Forks, Harbour
from waiting import until

if TYPE_CHECKING:
    from postgres import Server


def test_who_looks_at_a_dead_seat_is_not_taken_for_its_holder(tmp_path: Path) -> None:
    dead = tmp_path / "worker-1"
    dead.touch()
    here = FileSeats(tmp_path)
    with dead.open("rb") as looking:
        # As another command looks; it may stand still in the middle of it.
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert here.free("worker-1")
        assert not here.workers()
        with here.vacant("worker-1") as free:
            assert not free
    with here.vacant("worker-1") as free:
        assert free
        # Who gives its work away is somebody alive.
        assert not FileSeats(tmp_path).free("worker-1")
    assert here.free("worker-1")


def test_who_begins_while_somebody_looks_begins_all_the_same(tmp_path: Path) -> None:
    seat, begins = tmp_path / "worker-1", FileSeats(tmp_path)
    taking = threading.Thread(target=begins.take, args=("worker-1",))
    with seat.open("wb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        taking.start()
        taking.join(0.1)
    taking.join()
    assert FileSeats(tmp_path).workers()
    begins.close()


def test_of_two_who_give_a_dead_ones_work_away_each_sees_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, real = FileSeats(tmp_path), file_seats._flocked

    def late(file: int) -> bool:
        # Another one has done it, and took the file away, since this one opened it.
        (tmp_path / "worker-1").unlink()
        return real(file)

    with monkeypatch.context() as stopped:
        stopped.setattr(file_seats, "_flocked", late)
        with here.vacant("worker-1") as free:
            assert not free
    with here.vacant("worker-1") as free:
        assert free


def holders(url: str) -> list[int]:
    """The sessions that hold an executor's lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
            [DatabaseSeats._EXECUTOR],
        ).fetchall()
    return [pid for (pid,) in found]


def cut_off(url: str, sessions: list[int]) -> None:
    """Ends sessions, as a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [sessions])


def test_a_lock_that_is_lost_stays_lost_and_others_wait_for_its_holder_to_notice(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseSeats, "patience", 1000)
    url = postgresql.database()
    one, other = DatabaseSeats(url, "shop"), DatabaseSeats(url, "shop")
    one.take("worker-1")
    assert one.held()
    assert other.workers()
    assert not DatabaseSeats(url, "another").workers()
    with other.vacant("worker-1") as free:
        assert not free
    with pytest.raises(ProviderError, match="is alive already"):
        DatabaseSeats(url, "shop").take("worker-1")
    (session,) = holders(url)
    cut_off(url, [session])
    began = time.monotonic()
    assert [one.held(), one.held()] == [False, False]

    def vacant() -> bool:
        with other.vacant("worker-1") as free:
            return free

    assert not vacant()
    monkeypatch.setattr(DatabaseSeats, "patience", 0.3)
    until(vacant)
    assert time.monotonic() - began >= 0.3
    one.close()
    other.close()


def test_a_turn_that_was_lost_is_given_to_another_once_its_holder_has_noticed(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseSeats, "patience", 0.5)
    url = postgresql.database()
    one, other = DatabaseSeats(url, "shop"), DatabaseSeats(url, "shop")
    one.take("worker-1")
    (session,) = holders(url)
    other.take("worker-2")
    with one.in_turn("dev", patient=False):
        # It is nobody else's, not even for another shipment of the same process.
        assert not one._turn_begun("shop\ndev", patient=False)
        with other.in_turn("live", patient=False):
            assert not other._turn_begun("shop\ndev", patient=False)
        cut_off(url, [session])
        began = time.monotonic()
        with other.in_turn("dev", patient=True):
            assert time.monotonic() - began >= 0.5
        assert not one.held()
    other.close()


def test_a_worker_that_lost_its_lock_ends_in_the_middle_of_a_step_and_another_goes_on(
    tmp_path: Path, forks: Forks, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDED_TEST_PATIENCE", "1000")
    harbour = Harbour(tmp_path, forks, database=postgresql.database())
    one = harbour.start("worker", point="stand deploy 0")
    until(lambda: "takes shipments" in one.said())
    waiting = harbour.start("ship", "--json")
    until(one.stands)
    of_one = holders(harbour.database)
    other = harbour.start("worker")
    until(lambda: "takes shipments" in other.said())
    cut_off(harbour.database, of_one)
    assert (one.wait(), "was lost" in one.said()) == (4, True), one.said()
    assert "taken over" not in other.said()
    monkeypatch.setenv("LANDED_TEST_PATIENCE", "0.2")
    third = harbour.start("worker")
    assert waiting.wait() == 0, waiting.said()
    until(lambda: "taken over" in third.said())
    harbour.once(str(waiting.document()["id"]))
    for worker in (other, third):
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait() == 0, worker.said()
