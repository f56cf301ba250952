"""How a shipment is told where there is no terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from landed.cli.common import Speech
from landed.cli.ship import _teller
from landed.core.model import Status
from landed.ship.shipment import STEPS, Done, Order, Shipment, Step

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
ORDER = Order(
    id="ship-1", attempt=1, asked="HEAD", commit="c" * 40, subject="Mend it", deployable="worker",
    environment="dev", steps=STEPS, ordered_at=NOW,
)  # fmt: skip


def test_each_step_is_told_once_though_two_were_over_between_two_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell = _teller(Speech(json=False, quiet=False, config_path=None))
    done = [
        Done(step=step, status=Status.HOLDS, because="so", began_at=NOW, ended_at=NOW)
        for step in (Step.CHECK, Step.BUILD, Step.PROVE)
    ]
    for over in (0, 1, 1, 3):
        tell(Shipment(order=ORDER, done=tuple(done[:over])), ())
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"ship-1: {'c' * 10} Mend it"
    assert [line.split()[1] for line in told[1:]] == ["check", "build", "prove"]
