"""A volume lies over the code of the image."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Execution,
    Observations,
)
from landed.core.words import listed


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """What ran had a volume over a folder in which the image has files."""
    execution = seen.execution
    if not isinstance(execution, Execution):
        return None
    if not execution.mounts:
        return None
    if not execution.hidden:
        return Excluded(because=f"no file of the image lies below {listed(execution.mounts)}")
    return Fits(
        because=f"a volume over {listed(execution.mounts)} hides {listed(execution.hidden)} of the "
        "image",
        remedy=("mount the volume elsewhere, and deploy again",),
    )


DIAGNOSIS = Diagnosis(
    id="mount-hides-code",
    title="A volume hides the code",
    links=(Link.RAN,),
    recognise=recognise,
)
