"""Somebody else put another image in place after the deployment."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.image import built_digest
from landed.core.seen import (
    Deployment,
    Observations,
)
from landed.core.words import clock, filled, repository, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """It was on this build, and another actor than the one who put it there changed it."""
    deployment, digest = seen.deployment, built_digest(seen)
    if not isinstance(deployment, Deployment) or digest is None or deployment.digest == digest:
        return None
    was = next((one for one in deployment.earlier if one.digest == digest), None)
    if was is None:
        # Where nobody keeps what was there before, that says nothing.
        never = f"{deployment.name} was never on {short(digest)}"
        return Excluded(because=never) if deployment.earlier else None
    who = deployment.updated_by
    if not who or not was.updated_by or who == was.updated_by:
        return Excluded(because=f"nothing shows that {deployment.name} was changed by another")
    return Fits(
        because=f"{was.updated_by} put {short(digest)} there at {clock(was.since)}; {who} put "
        f"{short(deployment.digest or deployment.image)} there at {clock(deployment.since)}",
        remedy=(
            filled(seen.commands.deploy, image=f"{repository(deployment.image)}@{digest}"),
            f"and tell {who} about the new image, or it comes back",
        ),
    )


DIAGNOSIS = Diagnosis(
    id="spec-overwritten",
    title="The deployment was overwritten",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
