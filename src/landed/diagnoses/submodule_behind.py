"""A submodule is not at the commit that the repository names."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import DifferenceKind, DirtKind, Link, Observations
from landed.core.words import listed
from landed.diagnoses.files import differences, dirt


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The gitlink differs from what lies on disk, or the submodule has changes of its own."""
    if link is Link.PACKED:
        behind = differences(seen, link, lambda d: d.kind is DifferenceKind.SUBMODULE)
        if not behind:
            return None
        return Fits(
            because=f"the image has no file of submodule {listed([d.path for d in behind])}",
            remedy=("let the builder clone with --recurse-submodules",),
        )
    found = dirt(seen, DirtKind.SUBMODULE)
    if not found:
        return None
    return Fits(
        because=f"submodule {listed([d.path for d in found])} is not what HEAD says",
        remedy=("git submodule update --init --recursive", "git submodule status --recursive"),
    )


DIAGNOSIS = Diagnosis(
    id="submodule-behind",
    title="A submodule is not at the commit that HEAD names",
    links=(Link.COMMITTED, Link.PACKED),
    recognise=recognise,
)
