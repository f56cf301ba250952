"""A checkpoint of the watch passed, and nobody looked."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import Link
from landed.core.seen import Observations, WatchRecord
from landed.core.words import clock, command, count


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """A checkpoint has no look between its time and the next one's."""
    record = seen.watch
    if not isinstance(record, WatchRecord):
        return None
    missed = record.watch.missed(seen.observed_at)
    if not missed:
        return Excluded(because="every checkpoint until now looked")
    planned = len(record.watch.checkpoints)
    passed = f"{count(len(missed), 'checkpoint')} of {planned} passed without a look"
    return Fits(
        because=f"{passed}, the first at {clock(missed[0].due_at)}",
        remedy=(command("landed", "watch", seen.environment, "--reset"),),
    )


DIAGNOSIS = Diagnosis(
    id="watch-never-looked",
    title="The watch that never looked",
    links=(Link.HELD,),
    recognise=recognise,
)
