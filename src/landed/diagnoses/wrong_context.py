"""Another folder was built than the one that was meant."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Image,
    Observations,
)


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The image's files are those of another folder of the repository."""
    image = seen.forward.image
    if not isinstance(image, Image):
        return None
    if image.built_with != image.dockerfile:
        return Fits(
            because=f"the image was built with {image.built_with}; the settings say "
            f"{image.dockerfile}",
            remedy=(f"build with {image.dockerfile}, or set `dockerfile` in landed.toml",),
        )
    if image.matches_folder in (None, image.folder):
        return Excluded(
            because=f"the image's files are not those of another folder than `{image.folder}`"
        )
    return Fits(
        because=f"the image holds the files of `{image.matches_folder}`; the settings say "
        f"`{image.folder}`",
        remedy=(f"build the folder `{image.folder}`, or set `folder` in landed.toml",),
    )


DIAGNOSIS = Diagnosis(
    id="wrong-context",
    title="Another folder was built",
    links=(Link.PACKED,),
    recognise=recognise,
)
