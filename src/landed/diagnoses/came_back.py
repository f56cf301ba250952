"""The error that a fix had stopped is back."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import Link
from landed.core.seen import Observations, WatchRecord
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide, first_said
from landed.core.words import filled


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An error that a covered fix is meant to stop is in an execution since the watch began."""
    record = seen.watch
    if not isinstance(record, WatchRecord):
        return None
    found = first_said(decide(record.watch, seen.observed_at), Call.CAME_BACK)
    if found is None:
        return Excluded(because="no error that a fix should have stopped is in what ran since")
    return Fits(
        because=found.because,
        remedy=(filled(seen.commands.logs, execution=found.first),),
    )


DIAGNOSIS = Diagnosis(
    id="came-back",
    title="The error came back within the watch",
    links=(Link.HELD,),
    recognise=recognise,
)
