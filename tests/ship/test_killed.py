"""Shipments that are killed: each goes on where it was, and does nothing twice."""

from __future__ import annotations

from pathlib import Path

from ship.armed import POINTS
from ship.harbour import KILLED, Forks, Harbour


def test_killed_at_every_point_one_after_the_other_it_still_does_everything_once(
    tmp_path: Path, forks: Forks
) -> None:
    harbour = Harbour(tmp_path, forks)
    first = harbour.run("ship", point=POINTS[0])
    assert first.wait() == KILLED, first.said()
    shipment = harbour.begun()
    for point in POINTS[1:]:
        going_on = harbour.run("ship", "--resume", shipment, point=point)
        assert going_on.wait() == KILLED, (point, going_on.said())
    last = harbour.run("ship", "--resume", shipment)
    assert (last.wait(), last.document()["verdict"]) == (0, "proved"), last.said()
    harbour.once(shipment)
