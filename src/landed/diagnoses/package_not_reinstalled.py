"""The package that is installed in the image is an older one than the code beside it."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.image import installed_and_ran
from landed.core.seen import (
    Image,
    Observations,
)
from landed.core.words import printable
from landed.diagnoses.again import build_again


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """What ran was loaded from an installed copy of the package, and that lacks the change."""
    image = seen.forward.image
    if not isinstance(image, Image):
        return None
    copy = installed_and_ran(image)
    if copy is None:
        return Excluded(because=_without(image))
    return Fits(
        because=f"the package was not installed again: {printable(copy.place)} has the change, and "
        f"what ran is {copy.called}",
        remedy=(
            "install it again, behind the last COPY: RUN pip install --force-reinstall --no-deps .",
            "or raise the package's version: an installer skips the version that it has",
            "or let it run from its folder: RUN pip install --no-deps -e .",
            build_again(seen),
        ),
    )


def _without(image: Image) -> str:
    """Why it is not this."""
    installed = [copy for copy in image.copies if copy.installed]
    if not installed:
        return "no installed copy of the changed files lies in the image without the change"
    copy = installed[0]
    known = "was not what ran" if copy.ran is False else "is not known to be what ran"
    return f"{copy.called} {known}"


DIAGNOSIS = Diagnosis(
    id="package-not-reinstalled",
    title="The installed package is an older one",
    links=(Link.PACKED,),
    recognise=recognise,
)
