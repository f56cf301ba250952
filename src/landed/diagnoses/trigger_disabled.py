"""The trigger is turned off."""

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
    """Every trigger of the builder's ref is disabled."""
    triggers = expected(seen)
    if not triggers:
        return None
    awake = [trigger for trigger in triggers if not trigger.disabled]
    if awake:
        return Excluded(because=f"trigger {awake[0].name} is on")
    off = triggers[0]
    return Fits(
        because=f"trigger {off.name} is turned off, and nothing built {short(seen.change.commit)}",
        remedy=(off.enable or f"turn on trigger {off.name}", build_again(seen)),
    )


DIAGNOSIS = Diagnosis(
    id="trigger-disabled",
    title="The trigger is turned off",
    links=(
        Link.SOURCED,
        Link.BUILT,
    ),
    recognise=recognise,
)
