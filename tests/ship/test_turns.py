"""One shipment at a time goes into one target, whoever takes what from the queue."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from landed.ship.base import SHIP
from landed.ship.desk import Desk
from ship.harbour import Forks, Harbour
from waiting import until


@pytest.fixture(params=["sqlite", "postgresql"])
def harbour(tmp_path: Path, forks: Forks, request: pytest.FixtureRequest) -> Harbour:
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Harbour(tmp_path, forks, database=server.database() if server else "")


def test_what_lay_in_the_queue_is_not_carried_out_beside_what_was_begun_since(
    harbour: Harbour,
) -> None:
    forgotten = harbour.order()
    begun = harbour.start("ship", point="stand build 0")
    until(lambda: "stands still" in begun.said())
    worker = harbour.start("worker", point="stand check 0")
    base = harbour.base
    with Desk(base) as desk:
        until(
            lambda: [
                row
                for row in desk._client.list_workflows(workflow_ids=[forgotten], name=SHIP)
                if row.status == "PENDING"
            ]
        )
    # The worker has it, and takes no step: a report takes longer than that would.
    assert harbour.run("report", forgotten).wait() == 0
    assert "stands still" not in worker.said()
    os.kill(begun.pid, signal.SIGKILL)
    until(lambda: "stands still" in worker.said())
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    last = harbour.start("worker")
    until(lambda: not harbour.under_way())
    os.kill(last.pid, signal.SIGKILL)
    # The newer one went on first, or the one that had lain there: the other puts nothing over it.
    with harbour.ledger() as ledger:
        told = {e.document()["id"]: e.document() for e in ledger.newest(10, "ship")}
    assert sorted(one["verdict"] for one in told.values()) == ["proved", "unproved"], told
    (proved,) = [one for one in told.values() if one["verdict"] == "proved"]
    harbour.once(str(proved["id"]))


def test_two_that_lay_in_the_queue_are_carried_out_one_after_the_other(harbour: Harbour) -> None:
    orders = [harbour.order(), harbour.order()]
    worker = harbour.start("worker")
    until(lambda: not harbour.under_way())
    os.kill(worker.pid, signal.SIGKILL)
    with harbour.ledger() as ledger:
        told = [e.document() for e in ledger.newest(10, "ship")]
    spans = sorted(
        (
            min(step["began_at"] for step in one["steps"] if step["began_at"]),
            max(step["ended_at"] for step in one["steps"] if step["ended_at"]),
        )
        for one in told
    )
    assert len(spans) == len(orders)
    assert spans[0][1] <= spans[1][0], spans
