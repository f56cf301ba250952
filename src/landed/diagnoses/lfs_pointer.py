"""The work tree holds an LFS pointer instead of the file."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import DirtKind, Link, Observations
from landed.core.words import listed
from landed.diagnoses.files import dirt


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """A file that git LFS manages begins with LFS's version line on disk."""
    found = dirt(seen, DirtKind.LFS_POINTER)
    if not found:
        return None
    return Fits(
        because=f"{listed([d.path for d in found])}: the build would take the LFS pointer, not the "
        "file",
        remedy=("git lfs pull",),
    )


DIAGNOSIS = Diagnosis(
    id="lfs-pointer",
    title="An LFS pointer instead of the file",
    links=(Link.COMMITTED,),
    recognise=recognise,
)
