"""Entries of an execution on an older image are taken for new ones."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.image import built_digest
from landed.core.rules.logs import older_than_deployment
from landed.core.seen import (
    Deployment,
    Execution,
    Logs,
    Observations,
)
from landed.core.words import filled, short


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The entries that show the error belong to an execution on another digest."""
    execution, logs, deployment = seen.execution, seen.logs, seen.deployment
    if not isinstance(execution, Execution) or not isinstance(logs, Logs):
        return None
    read = (filled(seen.commands.logs, execution=execution.id),)
    older = older_than_deployment(seen)
    new = built_digest(seen)
    if logs.errors and (older or (new and execution.digest != new)):
        return Fits(
            because=f"the entries with `{logs.errors[0].title}` are of {execution.called}, "
            f"on {short(execution.digest or 'an unknown image')}; they prove nothing about the "
            "new image",
            remedy=read,
            cause=older and link is Link.HEALED,
        )
    if link is not Link.HEALED:
        return None
    late = isinstance(deployment, Deployment) and [
        e for e in logs.earlier if e.last_at > deployment.since
    ]
    if late:
        return Fits(
            because=f"executions from before the deployment still write `{late[0].title}`",
            remedy=read,
            cause=False,
        )
    return Excluded(because=f"the entries are of {execution.called}, on the new image")


DIAGNOSIS = Diagnosis(
    id="old-entries",
    title="Old entries, taken for new",
    links=(Link.DEPLOYED, Link.HEALED),
    recognise=recognise,
)
