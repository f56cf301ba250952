"""The new revision never became ready, and the old one went on serving."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.rollout import as_it_should, misplaced
from landed.core.seen import (
    Deployment,
    Observations,
)
from landed.core.words import filled


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The newest revision is on the right digest and can never serve; an older one does."""
    deployment = seen.deployment
    if not isinstance(deployment, Deployment) or not deployment.serving:
        return None
    if not deployment.not_ready:
        return Excluded(because=f"nothing says that {deployment.latest} cannot serve")
    if as_it_should(seen, deployment) is None:
        return Excluded(because=f"{deployment.latest} is not on this build")
    first = (misplaced(seen) or deployment.serving)[0]
    return Fits(
        because=f"{deployment.latest} never became ready ({deployment.not_ready}); "
        f"{first.revision} still serves",
        remedy=(filled(seen.commands.logs, execution=deployment.latest),),
        cause=bool(misplaced(seen)),
    )


DIAGNOSIS = Diagnosis(
    id="auto-rollback",
    title="Deployed, and rolled back by itself",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
