"""The execution failed, and nobody waited for its end."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Deployment,
    Execution,
    ExecutionState,
    Observations,
)
from landed.core.words import filled


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The execution's own record says that it failed."""
    execution = seen.execution
    if not isinstance(execution, Execution):
        return None
    deployment = seen.deployment
    if isinstance(deployment, Deployment) and execution.started_at < deployment.since:
        return Excluded(because=f"{execution.called} is from before the deployment")
    if execution.state is not ExecutionState.FAILED:
        return Excluded(because=f"{execution.called} did not fail")
    code = "" if execution.exit_code is None else f" with exit code {execution.exit_code}"
    return Fits(
        because=f"{execution.called} failed{code}",
        remedy=(
            filled(seen.commands.logs, execution=execution.id),
            seen.commands.execute,
        ),
    )


DIAGNOSIS = Diagnosis(
    id="execution-failed",
    title="Executed, and the end not awaited",
    links=(Link.RAN,),
    recognise=recognise,
)
