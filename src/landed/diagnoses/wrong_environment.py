"""What is deployed comes from another place than the build pushed to."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.image import built_digest
from landed.core.seen import (
    Build,
    Deployment,
    Observations,
)
from landed.core.words import filled, listed, repository


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The deployment names an image in another repository than the build pushed to."""
    deployment, build, digest = seen.deployment, seen.forward.build, built_digest(seen)
    if not isinstance(deployment, Deployment) or not isinstance(build, Build):
        return None
    if digest is None or not build.names:
        return None
    here = repository(deployment.image)
    pushed = sorted({repository(name) for name in build.names})
    if here in pushed:
        return Excluded(because=f"the build pushed to {here}, and that is what is deployed")
    return Fits(
        because=f"{deployment.kind} {deployment.name} takes its image from {here}; the build "
        f"pushed to {listed(pushed)}",
        remedy=(filled(seen.commands.deploy, image=f"{pushed[0]}@{digest}"),),
    )


DIAGNOSIS = Diagnosis(
    id="wrong-environment",
    title="Another project or environment",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
