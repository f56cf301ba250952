"""An error comes more often than before."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import Link
from landed.core.seen import Observations
from landed.core.statistics.compare import Call
from landed.diagnoses.watched import said


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """At some look there were more of an error than chance explains."""
    return said(seen, Call.WORSE, "no error comes more often than chance explains")


DIAGNOSIS = Diagnosis(
    id="got-worse",
    title="An error comes more often than before",
    links=(Link.HELD,),
    recognise=recognise,
)
