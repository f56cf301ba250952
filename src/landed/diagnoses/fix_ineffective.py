"""The fix is there, and it does not work."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import named_errors, older_than_deployment
from landed.core.seen import (
    Execution,
    Logs,
    Observations,
    Running,
)
from landed.core.words import short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """What ran has the change, by content, and shows the very error that it names."""
    logs, running = seen.logs, seen.running
    if not isinstance(logs, Logs) or not isinstance(running, Running):
        return None
    if older_than_deployment(seen):
        return None
    still = named_errors(logs)
    if not still:
        return Excluded(because="the named error is not in this execution's entries")
    if running.presence.arrived is not True:
        return Excluded(because=f"not proved to be in what ran: {running.because}")
    execution = seen.execution
    if isinstance(execution, Execution) and execution.foreign_modules:
        return Excluded(because="what ran also loaded code that is not in its image")
    if isinstance(execution, Execution) and execution.hidden:
        return Excluded(because="a volume hid files of the image that ran")
    return Fits(
        because=f"{short(seen.change.commit)} is in what ran, and `{still[0].named}` is still "
        f"there: {still[0].title}",
        remedy=("the change arrived and is wrong: look at the code, not at the deployment",),
    )


DIAGNOSIS = Diagnosis(
    id="fix-ineffective",
    title="The fix is in, and wrong",
    links=(Link.HEALED,),
    recognise=recognise,
)
