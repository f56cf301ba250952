"""A label or substitution names a commit, and the content is another's."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Image,
    Observations,
)
from landed.core.words import short
from landed.diagnoses.kept import kept_layers


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """What somebody typed is contradicted by the files."""
    image = seen.forward.image
    if not isinstance(image, Image):
        return None
    lies = [claim for claim in image.claims if claim.true is False]
    if not lies:
        return Excluded(because="nothing on the image claims a commit that its files contradict")
    named = all(image.against.startswith(claim.commit) for claim in lies)
    if kept_layers(seen) and image.against and named:
        return Excluded(because="the commit that is named is the one that was built")
    claim = lies[0]
    return Fits(
        because=f"{claim.where} says {short(claim.commit)}; the files are not that commit's",
        remedy=("take the id from the builder (`git rev-parse HEAD` in its clone), never by hand",),
    )


DIAGNOSIS = Diagnosis(
    id="claimed-commit",
    title="A commit id that was only claimed",
    links=(Link.PACKED,),
    recognise=recognise,
)
