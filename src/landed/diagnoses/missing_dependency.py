"""The code is new, and what it imports is not there."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import new_errors, older_than_deployment
from landed.core.seen import (
    Logs,
    Observations,
)

IMPORT_ERRORS = frozenset({"ModuleNotFoundError", "ImportError"})


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An import error that no execution without the change has shown."""
    logs = seen.logs
    if not isinstance(logs, Logs) or older_than_deployment(seen):
        return None
    missing = [e for e in new_errors(logs) if e.exception.rsplit(".", 1)[-1] in IMPORT_ERRORS]
    if not missing:
        return Excluded(because="no import failed in this execution")
    return Fits(
        because=f"the new code asks for what the image does not have: {missing[0].title}",
        remedy=("add it to the image's requirements, and build again",),
    )


DIAGNOSIS = Diagnosis(
    id="missing-dependency",
    title="What the new code imports is not there",
    links=(Link.HEALED,),
    recognise=recognise,
)
