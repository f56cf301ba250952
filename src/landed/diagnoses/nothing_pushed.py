"""The build succeeded, and pushed nothing."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Build,
    BuildState,
    Observations,
)


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """Success, and no image among the results."""
    build = seen.forward.build
    if not isinstance(build, Build) or build.state is not BuildState.SUCCEEDED:
        return None
    if build.pushed:
        return Excluded(because=f"build {build.id} pushed {build.pushed[0]}")
    return Fits(
        because=f"build {build.id} says SUCCESS, and there is no image in its results",
        remedy=(
            "name the image: `images:` in cloudbuild.yaml, `--tag NAME:TAG` for the local cloud",
        ),
    )


DIAGNOSIS = Diagnosis(
    id="nothing-pushed",
    title="Success, and nothing pushed",
    links=(Link.BUILT,),
    recognise=recognise,
)
