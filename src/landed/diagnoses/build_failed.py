"""The build failed."""

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
    """The provider's own record says so."""
    build = seen.forward.build
    if not isinstance(build, Build):
        return None
    if build.state is not BuildState.FAILED:
        return Excluded(because=f"build {build.id} did not fail")
    return Fits(
        because=f"build {build.id} failed: {build.failure or 'no reason recorded'}",
        remedy=("mend that, and build again",),
    )


DIAGNOSIS = Diagnosis(
    id="build-failed", title="The build failed", links=(Link.BUILT,), recognise=recognise
)
