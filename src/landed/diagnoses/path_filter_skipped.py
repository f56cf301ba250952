"""A path filter of the trigger left the change out."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
)
from landed.core.words import short
from landed.diagnoses.again import build_again
from landed.diagnoses.triggers import expected


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """No path of the change passes the filters of any trigger of the builder's ref."""
    triggers = [trigger for trigger in expected(seen) if not trigger.disabled]
    if not triggers:
        return None
    open_ = [trigger for trigger in triggers if trigger.passes is not False]
    if open_:
        return Excluded(because=f"the filters of trigger {open_[0].name} are no obstacle")
    return Fits(
        because=f"trigger {triggers[0].name} takes only {triggers[0].filters}; no path of "
        f"{short(seen.change.commit)} passes",
        remedy=(build_again(seen), "or widen the trigger's filters"),
    )


DIAGNOSIS = Diagnosis(
    id="path-filter-skipped",
    title="A path filter skipped it",
    links=(
        Link.SOURCED,
        Link.BUILT,
    ),
    recognise=recognise,
)
