"""A service's first revision never became ready: nothing serves."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Deployment,
    Observations,
)
from landed.core.words import filled


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """No revision takes traffic, and the newest one says why it cannot."""
    deployment = seen.deployment
    if not isinstance(deployment, Deployment) or not deployment.latest:
        return None
    if deployment.serving:
        return Excluded(because=f"{deployment.serving[0].revision} takes traffic")
    if not deployment.not_ready:
        return None
    return Fits(
        because=f"{deployment.latest} never became ready ({deployment.not_ready}), and nothing "
        "else serves",
        remedy=(filled(seen.commands.logs, execution=deployment.latest),),
    )


DIAGNOSIS = Diagnosis(
    id="never-ready",
    title="The revision never became ready",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
