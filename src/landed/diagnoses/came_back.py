"""The error that a fix had stopped is back."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import Link
from landed.core.seen import Observations
from landed.core.statistics.compare import Call
from landed.diagnoses.watched import said


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An error that a covered fix is meant to stop is in an execution since the watch began."""
    return said(
        seen, Call.CAME_BACK, "no error that a fix should have stopped is in what ran since"
    )


DIAGNOSIS = Diagnosis(
    id="came-back",
    title="The error came back within the watch",
    links=(Link.HELD,),
    recognise=recognise,
)
