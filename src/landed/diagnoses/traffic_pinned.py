"""A service's traffic stays with an older revision."""

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
from landed.core.words import short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The newest revision is on the right digest and ready, and does not get all of the traffic."""
    deployment = seen.deployment
    if not isinstance(deployment, Deployment) or not deployment.serving:
        return None
    latest = deployment.latest
    older = [one for one in deployment.serving if one.revision != latest]
    if not older:
        return Excluded(because=f"all traffic goes to the newest revision, {latest}")
    if deployment.not_ready or deployment.deploying:
        return Excluded(because=f"its newest revision {latest} is not ready")
    if as_it_should(seen, deployment) is None:
        return Excluded(because=f"its newest revision {latest} is not on this build either")
    wrong = [one for one in misplaced(seen) if one.revision != latest]
    first = (wrong or older)[0]
    return Fits(
        because=f"{first.percent} % of the traffic goes to {first.revision}, on "
        f"{short(first.digest or 'an unknown image')}; {latest} is ready on "
        f"{short(deployment.digest or '')}",
        remedy=(seen.commands.route,),
        cause=bool(wrong),
    )


DIAGNOSIS = Diagnosis(
    id="traffic-pinned",
    title="The traffic is pinned to an older revision",
    links=(Link.DEPLOYED,),
    recognise=recognise,
)
