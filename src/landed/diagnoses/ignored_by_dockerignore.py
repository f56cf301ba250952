"""`.dockerignore` keeps a file of the change out of the image."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    DifferenceKind,
    Observations,
)
from landed.core.words import listed
from landed.diagnoses.files import differences


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The source has the file, the image has not, and a rule of `.dockerignore` drops it."""
    dropped = differences(
        seen, link, lambda d: d.kind is DifferenceKind.MISSING and "dockerignore" in d.rule
    )
    if not dropped:
        return Excluded(because="no rule of .dockerignore drops a file of the change")
    return Fits(
        because=f"the source has {listed([d.path for d in dropped])}, the image has not: "
        f"{dropped[0].rule} drops it",
        remedy=(f"add `!{dropped[0].path}` to .dockerignore, behind the rule {dropped[0].rule}",),
    )


DIAGNOSIS = Diagnosis(
    id="ignored-by-dockerignore",
    title=".dockerignore keeps it out of the image",
    links=(Link.PACKED,),
    recognise=recognise,
)
