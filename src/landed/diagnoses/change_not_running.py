"""The error is still there because what ran does not have the change."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import older_than_deployment
from landed.core.seen import (
    Execution,
    Logs,
    Observations,
    Running,
)
from landed.core.words import short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The execution's image, by content, lacks the change: its errors say nothing against it."""
    running, execution, logs = seen.running, seen.execution, seen.logs
    if not (
        isinstance(running, Running)
        and isinstance(execution, Execution)
        and isinstance(logs, Logs)
        and logs.errors
    ):
        return None
    if running.presence.arrived is True:
        return Excluded(because=f"what ran has the change: {running.because}")
    if running.presence.arrived is None or older_than_deployment(seen):
        return None
    return Fits(
        because=f"{execution.called} ran {short(running.digest)}, which does not have the "
        "change; its errors say nothing about it",
        remedy=("mend the first broken link above; then execute again",),
    )


DIAGNOSIS = Diagnosis(
    id="change-not-running",
    title="What ran does not have the change",
    links=(Link.HEALED,),
    recognise=recognise,
)
