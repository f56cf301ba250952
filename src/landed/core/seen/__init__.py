"""What the probes saw of a change, station by station: the only input of the judge.

A probe answers with a station's observation, with `Absent` (it looked, and there is none) or with
`Unseen` (it could not look).
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from landed.core.model import Absent, Change, Frozen, Unseen
from landed.core.seen.made import Build, BuildState, Claim, Copy, Image, Made, Registry
from landed.core.seen.running import (
    Deployment,
    Earlier,
    Execution,
    ExecutionState,
    Logs,
    Running,
    SeenError,
    Served,
    Serving,
    TriggerSeen,
    WatchRecord,
)
from landed.core.seen.source import (
    BuildFile,
    Difference,
    DifferenceKind,
    Dirt,
    DirtKind,
    Lack,
    Remote,
    RemoteBranch,
    Source,
    SourceKind,
    WorkTree,
)

__all__ = [
    "Build",
    "BuildFile",
    "BuildState",
    "Claim",
    "Commands",
    "Copy",
    "Deployment",
    "Difference",
    "DifferenceKind",
    "Dirt",
    "DirtKind",
    "Earlier",
    "Execution",
    "ExecutionState",
    "Image",
    "Lack",
    "Logs",
    "Made",
    "Observations",
    "Registry",
    "Remote",
    "RemoteBranch",
    "Running",
    "SeenError",
    "Served",
    "Serving",
    "Source",
    "SourceKind",
    "TriggerSeen",
    "WatchRecord",
    "WorkTree",
]


class Commands(Frozen):
    """What a person types where the deployable is built and runs, to mend a link.

    `build` builds what a ref has and `build_commit` one commit; `again` and `again_commit` let a
    trigger do that, and are empty where there are none; `route` gives a service's traffic
    to its newest revision, and `enable` turns on a trigger. `{url}`, `{image}`, `{ref}`,
    `{commit}`, `{execution}` and `{trigger}` stand for what the evidence names. The defaults are
    for a place that nobody knows.
    """

    build: str = "build {image} from {ref}"
    build_commit: str = "build {image} from {commit}"
    again: str = ""
    again_commit: str = ""
    deploy: str = "deploy {image}"
    execute: str = "run it again"
    logs: str = "read the log of {execution}"
    route: str = "give all traffic to the newest revision"
    enable: str = "enable trigger {trigger}"


class Observations(Frozen):
    """All that the probes saw of one change in one target: the only input of the judge.

    `forward` is the newest successful build whose source has the change, else the newest build.
    `backward` is the build that made what the newest execution ran. Where a service serves by
    several revisions, `execution` is the one with most traffic, and the others are `beside` it.
    `triggers` is Absent where nobody had to ask for them. `newer` are later builds of the commit
    that `forward` was built from.
    """

    change: Change
    deployable: str
    environment: str
    work_tree: WorkTree | Absent | Unseen
    remote: Remote | Absent | Unseen
    forward: Made
    registry: Registry | Absent | Unseen
    deployment: Deployment | Absent | Unseen
    execution: Execution | Absent | Unseen
    backward: Made
    running: Running | Absent | Unseen
    logs: Logs | Absent | Unseen
    watch: WatchRecord | Absent | Unseen
    observed_at: datetime
    commands: Commands = Commands()
    beside: tuple[Served, ...] = ()
    triggers: tuple[TriggerSeen, ...] | Absent | Unseen = Absent(reason="not asked")
    newer: tuple[Build, ...] = ()

    def each(self) -> tuple[Observations, ...]:
        """One look for each execution that counts: one, or as many as revisions take traffic."""
        others = (
            replace(
                self,
                execution=one.execution,
                backward=one.backward,
                running=one.running,
                logs=one.logs,
            )
            for one in self.beside
        )
        return (self, *others)
