"""What a watch said of an error, as a diagnosis."""

from __future__ import annotations

from landed.core.diagnosis import Excluded, Fits
from landed.core.seen import Observations, WatchRecord
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide, first_said
from landed.core.words import filled


def said(seen: Observations, call: Call, otherwise: str) -> Fits | Excluded | None:
    """The first time that a watch said this of an error; `otherwise` is why it does not fit."""
    record = seen.watch
    if not isinstance(record, WatchRecord):
        return None
    found = first_said(decide(record.watch, seen.observed_at), call)
    if found is None:
        return Excluded(because=otherwise)
    return Fits(
        because=found.because,
        remedy=(filled(seen.commands.logs, execution=found.first),),
    )
