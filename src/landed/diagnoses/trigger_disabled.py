"""The trigger is turned off."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
)
from landed.core.words import filled, short
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
    name = triggers[0].name
    return Fits(
        because=f"trigger {name} is turned off, and nothing built {short(seen.change.commit)}",
        remedy=(filled(seen.commands.enable, trigger=name), build_again(seen)),
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
