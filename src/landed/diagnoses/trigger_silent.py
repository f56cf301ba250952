"""The trigger never fired."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
)
from landed.core.words import branch, short
from landed.diagnoses.again import build_again
from landed.diagnoses.triggers import expected


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """A trigger of the builder's ref is on and lets the change through, and no build took it."""
    triggers = [one for one in expected(seen) if not one.disabled and one.passes is not False]
    if not triggers:
        return None
    ref = branch(getattr(seen.remote, "ref", ""))
    return Fits(
        because=f"trigger {triggers[0].name} watches {ref}, {short(seen.change.commit)} is on it, "
        "and no build took that",
        remedy=(build_again(seen),),
    )


DIAGNOSIS = Diagnosis(
    id="trigger-silent",
    title="The trigger never fired",
    links=(
        Link.SOURCED,
        Link.BUILT,
    ),
    recognise=recognise,
)
