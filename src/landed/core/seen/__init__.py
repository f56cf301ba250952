"""What the probes saw of a change, station by station: the only input of the judge.

A probe answers with a station's observation, with `Absent` (it looked, and there is none) or with
`Unseen` (it could not look).
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from landed.core.model import Absent, Change, Frozen, Unseen
from landed.core.seen.elsewhere import Elsewhere
from landed.core.seen.image import (
    Claim,
    Image,
    Misfit,
    MisfitKind,
    OldLayer,
    OtherCopy,
    OutputProof,
    StaleOutput,
)
from landed.core.seen.made import Build, BuildState, Made, Registry
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
    Share,
    TriggerSeen,
    WatchRecord,
)
from landed.core.seen.schema import Bridge, Gap, GapKind, Migration, Schema
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
from landed.core.seen.switches import Switch, Variable

__all__ = [
    "Bridge",
    "Build",
    "BuildFile",
    "BuildState",
    "Claim",
    "Commands",
    "Deployment",
    "Difference",
    "DifferenceKind",
    "Dirt",
    "DirtKind",
    "Earlier",
    "Elsewhere",
    "Execution",
    "ExecutionState",
    "Gap",
    "GapKind",
    "Image",
    "Lack",
    "Logs",
    "Made",
    "Migration",
    "Misfit",
    "MisfitKind",
    "Observations",
    "OldLayer",
    "OtherCopy",
    "OutputProof",
    "Registry",
    "Remote",
    "RemoteBranch",
    "Running",
    "Schema",
    "SeenError",
    "Served",
    "Serving",
    "Share",
    "Source",
    "SourceKind",
    "StaleOutput",
    "Switch",
    "TriggerSeen",
    "Variable",
    "WatchRecord",
    "WorkTree",
]


class Commands(Frozen):
    """What a person types where the deployable is built and runs, to mend a link.

    `build` builds what a ref has and `build_commit` one commit; `again` and `again_commit` let a
    trigger do that, and are empty where there are none; `route` gives a service's traffic
    to its newest revision, and `set` gives a variable to what runs. `anywhere` reads the log with
    whatever stands in it. `{url}`, `{image}`, `{ref}`, `{commit}`, `{execution}`, `{trigger}` and
    `{variable}` stand for what the evidence names. `name` is what a first image is called, where
    nobody has named one. The defaults are for a place that nobody knows.
    """

    build: str = "build {image} from {ref}"
    build_commit: str = "build {image} from {commit}"
    again: str = ""
    again_commit: str = ""
    deploy: str = "deploy {image}"
    execute: str = "run it again"
    logs: str = "read the log of {execution}"
    route: str = "give all traffic to the newest revision"
    anywhere: str = ""
    set: str = "deploy with {variable} beside its other variables"
    name: str = "NAME:TAG"


class Observations(Frozen):
    """All that the probes saw of one change in one target: the only input of the judge.

    `forward` is the newest successful build whose source has the change, else the newest build.
    `backward` is the build that made what the newest execution ran. Where a service serves by
    several revisions, `execution` is the one with most traffic, and the others are `beside` it.
    `triggers` is Absent where nobody had to ask for them. `newer` are later builds of the commit
    that `forward` was built from. `switches` were looked for where the named error is still there,
    and `elsewhere` is a named error in entries that are another's.
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
    switches: tuple[Switch, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

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
