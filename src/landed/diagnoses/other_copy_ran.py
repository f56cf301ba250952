"""The image has two copies of the code, and the older one was started."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.running import another_copy
from landed.core.seen import (
    Execution,
    Observations,
    Running,
)
from landed.core.words import printable


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An execution loaded a copy without the change, from a place that no installer fills."""
    execution, running = seen.execution, seen.running
    if not isinstance(execution, Execution) or not isinstance(running, Running):
        return None
    copy = another_copy(seen)
    if copy is None:
        return Excluded(
            because="no execution is known to have loaded a copy without the change"
            if running.copies
            else "the image has no other copy of the changed files without the change"
        )
    return Fits(
        because=f"{execution.called} loaded {copy.called}, not {printable(copy.place)}, where the "
        "build put the change",
        remedy=(
            f"let the start command, WORKDIR and PYTHONPATH lead to {printable(copy.own)}",
            "or take the other copy out of the image; then build and deploy again",
            seen.commands.execute,
        ),
    )


DIAGNOSIS = Diagnosis(
    id="other-copy-ran",
    title="Another copy of the code ran",
    links=(Link.RAN,),
    recognise=recognise,
)
