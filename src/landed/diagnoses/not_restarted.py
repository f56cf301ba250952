"""The tag moved, and what serves was made before that."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.image import built_digest
from landed.core.seen import (
    Deployment,
    Observations,
    Registry,
)
from landed.core.words import clock, filled, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The tag is this build by now; the newest revision took it when it was another."""
    deployment, registry, digest = seen.deployment, seen.registry, built_digest(seen)
    if not isinstance(deployment, Deployment) or not isinstance(registry, Registry):
        return None
    if digest is None or deployment.digest is None:
        return None
    if deployment.pinned:
        return Excluded(because=f"{deployment.name} names a digest, not a tag")
    if deployment.digest == digest or registry.digest != digest:
        return Excluded(because=f"{deployment.name} is on what {registry.name} means")
    moved = f" since {clock(registry.moved_at)}" if registry.moved_at else ""
    return Fits(
        because=f"{registry.name} is {short(digest)}{moved}; {deployment.latest or deployment.name}"
        f" took it at {clock(deployment.since)}, when it was {short(deployment.digest)}",
        remedy=(filled(seen.commands.deploy, image=deployment.image),),
    )


DIAGNOSIS = Diagnosis(
    id="not-restarted",
    title="The tag moved, and nothing was restarted",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
