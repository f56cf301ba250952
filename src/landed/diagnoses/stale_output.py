"""A committed output is what is shipped, and it was not made again."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.in_words import stale_in_words
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Image,
    Observations,
)
from landed.core.words import paths
from landed.diagnoses.again import build_again


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The source changed, and what was made of it is as it was."""
    image = seen.forward.image
    if not isinstance(image, Image):
        return None
    if not image.outputs:
        return Excluded(because="no committed output is seen to be older than the change")
    certain = [one for one in image.outputs if one.certain]
    first = (certain or list(image.outputs))[0]
    return Fits(
        because=stale_in_words(first),
        remedy=(
            f"make {first.output} again, of {first.source} (`npm run build`, `protoc`, `make`)",
            f"git add -- {paths([first.output])}",
            "git commit",
            "git push",
            build_again(seen),
        ),
        cause=bool(certain),
    )


DIAGNOSIS = Diagnosis(
    id="stale-output",
    title="A committed output was not made again",
    links=(Link.PACKED,),
    recognise=recognise,
)
