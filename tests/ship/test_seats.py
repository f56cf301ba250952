"""An executor that lost its lock: it notices, and takes no step more, before another goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from landed.core.errors import ProviderError
from landed.ship.seats import DatabaseSeats
from ship.harbour import Forks, Harbour, until

if TYPE_CHECKING:
    from postgres import Server


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
    monkeypatch.setattr(DatabaseSeats, "patience", 0.3)
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
    monkeypatch.setenv("LANDED_TEST_PATIENCE", "3")
    harbour = Harbour(tmp_path, forks, database=postgresql.database())
    one = harbour.start("worker", point="stand deploy 0")
    until(lambda: "takes shipments" in one.said())
    waiting = harbour.start("ship", "--json")
    until(lambda: "stands still" in one.said())
    of_one = holders(harbour.database)
    other = harbour.start("worker")
    until(lambda: "takes shipments" in other.said())
    cut_off(harbour.database, of_one)
    until(one.ended, 20)
    assert "taken over" not in other.said()
    assert (one.wait(), "was lost" in one.said()) == (4, True), one.said()
    # The other worker goes on, or the command that waits.
    assert waiting.wait() == 0, waiting.said()
    harbour.once(str(waiting.document()["id"]))
    os.kill(other.pid, signal.SIGTERM)
    assert other.wait() == 0, other.said()
