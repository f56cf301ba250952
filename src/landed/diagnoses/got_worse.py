"""An error comes more often than before."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import Link
from landed.core.seen import Observations, WatchRecord
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide, first_said
from landed.core.words import filled


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """At some look there were more of an error than chance explains."""
    record = seen.watch
    if not isinstance(record, WatchRecord):
        return None
    found = first_said(decide(record.watch, seen.observed_at), Call.WORSE)
    if found is None:
        return Excluded(because="no error comes more often than chance explains")
    return Fits(
        because=found.because,
        remedy=(filled(seen.commands.logs, execution=found.first),),
    )


DIAGNOSIS = Diagnosis(
    id="got-worse",
    title="An error comes more often than before",
    links=(Link.HELD,),
    recognise=recognise,
)
