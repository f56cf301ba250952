"""The next bug stood behind the first."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import named_errors, new_errors, older_than_deployment
from landed.core.seen import (
    Logs,
    Observations,
    Running,
)


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The named error is gone; another identity of the same family stands in its place."""
    logs, running = seen.logs, seen.running
    if not isinstance(logs, Logs) or older_than_deployment(seen):
        return None
    still, fresh = named_errors(logs), new_errors(logs)
    if still:
        return Excluded(because=f"the named error itself is still there: {still[0].title}")
    if isinstance(running, Running) and running.presence.arrived is False:
        return Excluded(because="what ran does not have the change")
    families = {e.family: e for e in logs.earlier if e.named}
    behind = next((e for e in fresh if e.family in families), None)
    if behind is None:
        return Excluded(because="no error of the named one's family is there")
    first = families[behind.family]
    return Fits(
        because=f"`{first.named}` is gone; behind it stood: {behind.title}",
        remedy=(
            "the fix did arrive: mend this one next, and do not deploy the first again",
            f"name it in the next commit: `Landed-Fixes: {behind.identity}`",
        ),
    )


DIAGNOSIS = Diagnosis(
    id="next-bug",
    title="The next bug behind the first",
    links=(Link.HEALED,),
    recognise=recognise,
)
