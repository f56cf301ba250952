"""The named error is another environment's."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Absent,
    Link,
)
from landed.core.rules.logs import named_errors, older_than_deployment
from landed.core.seen import (
    Deployment,
    Logs,
    Observations,
)
from landed.core.words import clock


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """Entries that are another's show the named error after the deployment here. They prove nothing
    for this execution and nothing against it: they only explain a link that waits for one.
    """
    deployment, logs = seen.deployment, seen.logs
    late = [
        one
        for one in seen.elsewhere
        if not isinstance(deployment, Deployment) or one.error.last_at > deployment.since
    ]
    if not late:
        return None
    older = older_than_deployment(seen)
    if isinstance(logs, Logs) and not older and named_errors(logs):
        return Excluded(because=f"{logs.execution} shows the error itself, whatever others do")
    other = late[0]
    waits = older or isinstance(seen.execution, Absent)
    first = "nothing has run here since the deployment; " if waits else ""
    return Fits(
        because=f"{first}`{other.error.title}` is still written, last at "
        f"{clock(other.error.last_at)}, by another: {other.owner}; its entries say nothing about "
        f"{seen.deployable} in {seen.environment}",
        remedy=(seen.commands.execute,) if seen.commands.execute else (),
        cause=waits,
        evidence=other.evidence,
    )


DIAGNOSIS = Diagnosis(
    id="other-environments-error",
    title="Another environment's error",
    links=(Link.HEALED,),
    recognise=recognise,
)
