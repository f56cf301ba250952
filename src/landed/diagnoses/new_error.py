"""Something new broke that is no kin of the named error."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import named_errors, new_errors, older_than_deployment
from landed.core.seen import (
    Logs,
    Observations,
)
from landed.core.words import count


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An error that no execution without the change has shown."""
    logs = seen.logs
    if not isinstance(logs, Logs) or older_than_deployment(seen) or named_errors(logs):
        return None
    fresh = new_errors(logs)
    if not fresh:
        return Excluded(because="nothing that was not there before")
    if not logs.looked_back:
        return None
    return Fits(
        because=f"this is new, in none of {count(logs.looked_back, 'execution')} before: "
        f"{fresh[0].title}",
        remedy=("read its traceback: it is not the error that the change names",),
    )


DIAGNOSIS = Diagnosis(
    id="new-error",
    title="Another error, not seen before",
    links=(Link.HEALED,),
    recognise=recognise,
)
