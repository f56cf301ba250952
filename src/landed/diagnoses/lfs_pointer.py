"""The work tree holds an LFS pointer instead of the file."""

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
from landed.diagnoses.files import differences, dirt


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """A file that git LFS manages begins with LFS's version line on disk."""
    if link is Link.COMMITTED:
        names = [d.path for d in dirt(seen, DirtKind.LFS_POINTER)]
    else:
        pointers = differences(seen, link, lambda d: d.kind is DifferenceKind.LFS_POINTER)
        names = [d.path for d in pointers]
    if not names:
        return None
    if link is Link.PACKED:
        return Fits(
            because=f"the image holds the LFS pointer of {listed(names)}, not the file",
            remedy=("let the builder run `git lfs pull` after it clones",),
        )
    return Fits(
        because=f"{listed(names)}: the build would take the LFS pointer, not the file",
        remedy=("git lfs pull",),
    )


DIAGNOSIS = Diagnosis(
    id="lfs-pointer",
    title="An LFS pointer instead of the file",
    links=(Link.COMMITTED, Link.PACKED),
    recognise=recognise,
)
