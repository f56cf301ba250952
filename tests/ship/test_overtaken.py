"""A shipment that is gone on with after another one changed what is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from landed.core.model import Status
from landed.ledger.store import Ledger
from landed.ship import records
from landed.ship.shipment import ROLL_BACK, STEPS, Done, Order, Shipment, Step

NOW = datetime.now(UTC)
ORDER = Order(
    id="ship-1", attempt=1, asked="HEAD", commit="c" * 40, subject="Mend it", deployable="worker",
    environment="dev", steps=STEPS, ordered_at=NOW,
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as opened:
        yield opened


def written(ledger: Ledger, order: Order, *steps: Step, status: Status = Status.HOLDS) -> None:
    """A shipment whose steps ended a moment after NOW."""
    at = NOW + timedelta(seconds=1)
    done = [
        Done(step=step, status=status, because="so", began_at=at, ended_at=at) for step in steps
    ]
    records.write_shipment(ledger, Shipment(order=order, done=tuple(done)))


@pytest.mark.parametrize("step", [Step.DEPLOY, Step.ROLL_BACK])
def test_another_one_that_deployed_since_overtakes_it(ledger: Ledger, step: Step) -> None:
    assert records.overtaken(ledger, ORDER) is None
    steps = ROLL_BACK if step is Step.ROLL_BACK else STEPS
    written(ledger, replace(ORDER, id="ship-2", steps=steps), step)
    assert records.overtaken(ledger, ORDER) == "ship-2"
    assert records.overtaken(ledger, replace(ORDER, id="ship-2", attempt=2)) is None


def test_what_changed_nothing_here_or_earlier_is_in_nobodys_way(ledger: Ledger) -> None:
    written(ledger, replace(ORDER, attempt=2), Step.DEPLOY)
    written(ledger, replace(ORDER, id="ship-2"), Step.CHECK, Step.BUILD)
    written(ledger, replace(ORDER, id="ship-3"), Step.DEPLOY, status=Status.UNSEEN)
    written(ledger, replace(ORDER, id="ship-4", environment="live"), Step.DEPLOY)
    written(ledger, replace(ORDER, id="ship-5", deployable="api"), Step.DEPLOY)
    assert records.overtaken(ledger, ORDER) is None
    written(ledger, replace(ORDER, id="ship-6"), Step.DEPLOY)
    later = replace(ORDER, id="ship-7", ordered_at=NOW + timedelta(seconds=2))
    assert records.overtaken(ledger, later) is None


def test_a_roll_back_that_put_an_image_in_place_and_did_not_hold_overtakes_it(
    ledger: Ledger,
) -> None:
    at = NOW + timedelta(seconds=1)
    back = Done(step=Step.ROLL_BACK, status=Status.UNSEEN, because="so", began_at=at, ended_at=at)
    order = replace(ORDER, id="ship-2", steps=ROLL_BACK)
    records.write_shipment(ledger, Shipment(order=order, done=(back,)))
    assert records.overtaken(ledger, ORDER) is None
    moved = replace(back, facts={"back": "sha256:1"})
    records.write_shipment(ledger, Shipment(order=replace(order, attempt=2), done=(moved,)))
    assert records.overtaken(ledger, ORDER) == "ship-2"
