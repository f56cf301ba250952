"""Dead shipments of one target in a database, where a seat counts as free after a moment only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import psycopg
import pytest

from landed.core.errors import LandedError, ProviderError, UsageError
from landed.ship import run
from landed.ship.base import Base
from landed.ship.database_seats import DatabaseSeats
from landed.ship.desk import Desk
from landed.ship.shipment import STEPS, Order
from waiting import until

if TYPE_CHECKING:
    from postgres import Server


def order(name: str, environment: str = "dev") -> Order:
    return Order(
        id=name, attempt=1, asked="HEAD", commit="c" * 40, subject="Mend it", deployable="worker",
        environment=environment, steps=STEPS, ordered_at=datetime.now(UTC),
    )  # fmt: skip


@pytest.fixture
def base(postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Base:
    """Three shipments whose processes are dead: two of them into the same target."""
    monkeypatch.setattr(DatabaseSeats, "patience", 0.2)
    made = Base(folder=tmp_path, url=postgresql.database())
    with Desk(made) as desk:
        for one in (order("ship-1"), order("ship-2"), order("ship-3", "live")):
            desk.enqueue(one)
    with psycopg.connect(str(made.url), autocommit=True) as connection:
        connection.execute(
            "UPDATE dbos.workflow_status SET status = 'PENDING', queue_name = NULL, "
            "executor_id = 'here-' || workflow_uuid"
        )
    return made


@pytest.mark.parametrize("shipment", ["ship-1", "ship-2"])
def test_of_two_that_are_dead_each_can_be_gone_on_with(base: Base, shipment: str) -> None:
    with Desk(base) as desk:
        until(lambda: (state := desk.state(shipment)) and state.orphaned)
        with Desk(base) as other:
            until(lambda: (state := other.state(shipment)) and state.orphaned)
            with other.seats.vacant(f"here-{shipment}") as free:
                assert free
                # It is tried again: who took this for done would wait for it for ever.
                assert not desk.claim(shipment)
        assert until(lambda: desk.claim(shipment))
        assert not desk._still(desk._client.list_workflows(workflow_ids=[shipment])[0])


def test_one_that_waits_for_a_worker_is_not_begun_beside_a_living_one(base: Base) -> None:
    living = base.seats()
    living.take("here-ship-1")
    with Desk(base) as desk:
        desk.enqueue(order("ship-4"))
        with pytest.raises(UsageError, match="shipment ship-1 into dev is under way"):
            desk.claim("ship-4")
        living.close()
        until(lambda: (state := desk.state("ship-1")) and state.orphaned)
        assert desk.claim("ship-4")
        assert desk._client.list_workflows(workflow_ids=["ship-4"])[0].status == "ENQUEUED"


def test_two_that_take_over_take_each_one_once_and_the_older_one_waits(base: Base) -> None:
    with (
        Desk(base) as one,
        Desk(base) as other,
    ):
        worker = base.seats()
        worker.take("worker-1")
        taken: list[str] = []

        def both() -> bool:
            taken.extend((*one.take_over([base.ships]), *other.take_over([base.ships])))
            return len(taken) > 1

        until(both)
        assert sorted(taken) == ["ship-2", "ship-3"]
        assert one.take_over([base.ships]) == []
        one._client.cancel_workflow("ship-2")
        assert until(lambda: other.take_over([base.ships])) == ["ship-1"]
        worker.close()


def test_a_command_that_waits_goes_on_as_often_as_whoever_took_it_dies(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Engine", lambda *_, **__: nullcontext())
    hands = cast("Any", SimpleNamespace(ahead=SimpleNamespace(said=lambda _: ())))
    ended: list[LandedError] = []

    def wait() -> None:
        try:
            run.resume(base, hands, "ship-3", lambda *_: None, cast("Any", None))
        except LandedError as error:
            ended.append(error)

    def enqueued() -> bool:
        found = desk._client.list_workflows(workflow_ids=["ship-3"])
        return bool(found[0].status == "ENQUEUED")

    with Desk(base) as desk, psycopg.connect(str(base.url), autocommit=True) as raw:
        threading.Thread(target=wait, daemon=True).start()
        for worker in ("worker-1", "worker-2"):
            until(enqueued)
            # It took it, and died.
            raw.execute(
                "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = %s "
                "WHERE workflow_uuid = 'ship-3'",
                [worker],
            )
        until(enqueued)
        desk._client.cancel_workflow("ship-3")
        assert "cancelled" in until(lambda: ended)[0].message


def test_a_command_that_stands_still_while_it_begins_ends_no_worker(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def stuck(_: DatabaseSeats, name: str) -> Iterator[None]:
        if name == order("").target:
            raise ProviderError("another landed begins a shipment", "is it stuck?")
        yield

    monkeypatch.setattr(DatabaseSeats, "alone", stuck)
    with Desk(base) as desk:
        assert until(lambda: desk.take_over([base.ships])) == ["ship-3"]
