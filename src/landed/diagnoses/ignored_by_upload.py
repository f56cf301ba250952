"""An ignore file keeps a committed file out of the upload."""

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
from landed.core.words import command, listed
from landed.diagnoses.files import differences, dirt


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The commit has the file, the upload has not, and a rule of an ignore file drops it."""
    if link is Link.COMMITTED:
        dropped = [(d.path, d.rule) for d in dirt(seen, DirtKind.UPLOAD_DROPS)]
    else:
        missing = differences(
            seen, link, lambda d: d.kind is DifferenceKind.MISSING and bool(d.rule)
        )
        dropped = [(d.path, d.rule) for d in missing]
    if not dropped:
        return Excluded(because="no ignore rule drops a committed file from the upload")
    verb = "would leave out" if link is Link.COMMITTED else "left out"
    return Fits(
        because=f"the upload {verb} {listed([path for path, _ in dropped])}, by {dropped[0][1]}",
        remedy=(
            f"add `!{dropped[0][0]}` to .gcloudignore, behind the rule {dropped[0][1]}",
            command("gcloud", "meta", "list-files-for-upload"),
        ),
    )


DIAGNOSIS = Diagnosis(
    id="ignored-by-upload",
    title="An ignore file keeps it out of the upload",
    links=(Link.COMMITTED, Link.SOURCED),
    recognise=recognise,
)
