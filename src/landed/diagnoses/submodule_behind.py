"""A submodule is not at the commit that the repository names."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    DifferenceKind,
    DirtKind,
    Observations,
)
from landed.core.words import listed
from landed.diagnoses.again import build_again
from landed.diagnoses.files import container, differences, dirt

_UPDATE = "git submodule update --init --recursive"


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The gitlink differs from what lies on disk, or the submodule has changes of its own."""
    if link is not Link.COMMITTED:
        behind = differences(seen, link, lambda d: d.kind is DifferenceKind.SUBMODULE)
        if not behind:
            return None
        because = f"{container(link)} has no file of submodule {listed([d.path for d in behind])}"
        if link is Link.SOURCED:
            return Fits(because=because, remedy=(_UPDATE, build_again(seen)))
        return Fits(because=because, remedy=("let the builder clone with --recurse-submodules",))
    found = dirt(seen, DirtKind.SUBMODULE)
    if not found:
        return None
    return Fits(
        because=f"submodule {listed([d.path for d in found])} is not what HEAD says",
        remedy=(_UPDATE, "git submodule status --recursive"),
    )


DIAGNOSIS = Diagnosis(
    id="submodule-behind",
    title="A submodule is not at the commit that HEAD names",
    links=(Link.COMMITTED, Link.SOURCED, Link.PACKED),
    recognise=recognise,
)
