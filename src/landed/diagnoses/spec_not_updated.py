"""The job or service still names the image from before."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Build,
    Deployment,
    Observations,
)
from landed.core.words import clock, filled, repository, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """Its spec pins another digest than the one that was built."""
    deployment, build = seen.deployment, seen.forward.build
    if not isinstance(deployment, Deployment) or not isinstance(build, Build) or not build.pushed:
        return None
    digest = build.pushed[0]
    if deployment.digest == digest:
        return Excluded(because=f"{deployment.name} is on {short(digest)}")
    name = repository(build.names[0] if build.names else deployment.image)
    is_on = short(deployment.digest) if deployment.digest else "an image nobody could find"
    return Fits(
        because=f"{deployment.kind} {deployment.name} is on {is_on} "
        f"since {clock(deployment.since)}; the build made {short(digest)}",
        remedy=(filled(seen.commands.deploy, image=f"{name}@{digest}"),),
    )


DIAGNOSIS = Diagnosis(
    id="spec-not-updated",
    title="The job or service was not updated",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
