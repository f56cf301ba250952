"""What takes the work: the deployment, its executions, and those of them that count."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from landed.core.errors import UsageError
from landed.core.model import (
    Absent,
    Unseen,
)
from landed.core.probe import Cloud, WorkloadKind
from landed.core.seen import (
    Commands,
    Deployment,
    Execution,
)
from landed.trace import select
from landed.trace.members import Members
from landed.trace.target import Target


class Rollout:
    """A deployment and its executions, with the digests that builds pushed: see `Members`."""

    def __init__(
        self,
        cloud: Cloud,
        target: Target,
        commands: Commands,
        deployment: Deployment | Absent | Unseen,
        members: Members,
    ) -> None:
        self._workload, self._commands, self._members = target.workload, commands, members
        self.deployment = self._as_pushed(deployment)
        self.executions = self._ask(cloud)

    def _ask(self, cloud: Cloud) -> Sequence[Execution] | Unseen:
        if self._workload is None:
            return []
        found = cloud.executions(self._workload)
        if isinstance(found, Unseen):
            return found
        return [self._of_index(one) for one in found]

    def _of_index(self, execution: Execution) -> Execution:
        pushed = self._members.as_pushed(execution.digest)
        more = self._members.evidence(execution.digest, pushed)
        return structs.replace(execution, digest=pushed, evidence=(*execution.evidence, *more))

    def _as_pushed(self, deployment: Deployment | Absent | Unseen) -> Deployment | Absent | Unseen:
        if not isinstance(deployment, Deployment):
            return deployment
        as_pushed = self._members.as_pushed
        pushed = as_pushed(deployment.digest)
        return structs.replace(
            deployment,
            digest=pushed,
            serving=tuple(
                structs.replace(one, digest=as_pushed(one.digest)) for one in deployment.serving
            ),
            evidence=(*deployment.evidence, *self._members.evidence(deployment.digest, pushed)),
        )

    def counting(self, wanted: str | None) -> tuple[Execution | Absent | Unseen, ...]:
        """The executions that count: the `wanted` one, all that take a service's traffic, or the
        newest of a job. Raises UsageError where there is no such execution.
        """
        if isinstance(self.executions, Unseen):
            return (self.executions,)
        workload = self._workload
        if wanted:
            chosen = [one for one in self.executions if one.id == wanted]
            if not chosen:
                known = ", ".join(e.id for e in self.executions[:3]) or "none"
                raise UsageError(f"there is no execution `{wanted}`", f"the newest are: {known}")
            return (chosen[0],)
        if workload is not None and workload.kind is WorkloadKind.SERVICE:
            counting: tuple[Execution | Unseen, ...] = select.serving(
                self.executions, self.deployment
            )
            none = Absent(reason=f"no revision of {workload.name} takes any traffic")
        else:
            counting = tuple(self.executions[:1])
            remedy = self._commands.execute if workload else ""
            none = Absent(reason="nothing has been executed yet", remedy=remedy)
        return counting or (none,)
