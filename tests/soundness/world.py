"""A simulated pipeline whose truth is known, and honest probes that look at it.

Written from the design, beside the judge and without its help. A `World` says what really
happened; `observe` says what the probes would see of it; `truth` says what is really so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from landed.core.model import (
    Absent,
    Change,
    Effect,
    NamedError,
    Presence,
    Unseen,
)
from landed.core.seen import (
    Build,
    BuildState,
    Claim,
    Deployment,
    Difference,
    DifferenceKind,
    Dirt,
    DirtKind,
    Execution,
    ExecutionState,
    Image,
    Logs,
    Made,
    Observations,
    Registry,
    Remote,
    Running,
    SeenError,
    Served,
    Serving,
    Source,
    SourceKind,
    WorkTree,
)

BEGIN = datetime(2025, 11, 4, tzinfo=UTC)
COMMIT = "c" * 40
OTHER = "0" * 40
STATIONS = ("work tree", "remote", "builds", "source", "image", "registry", "deployment",
            "execution", "running", "logs")  # fmt: skip


@dataclass(frozen=True)
class Built:
    """One build: what its source has, what came out, and what a label on it claims."""

    has_change: bool = True
    upload: bool = False
    dirty: bool = False
    on_ref: bool = True
    state: BuildState = BuildState.SUCCEEDED
    pushes: bool = True
    equal: bool = True
    lie: bool = False
    folder: str = "."


@dataclass(frozen=True)
class Ran:
    """One execution: of which build, and what it logged. It began after the deployment or not."""

    build: int = -1
    after: bool = True
    state: ExecutionState = ExecutionState.SUCCEEDED
    named: bool = False
    kin: bool = False
    fresh: bool = False
    noise: bool = False
    work: int | None = 1
    lost: bool = False


@dataclass(frozen=True)
class World:
    """What really happened. The defaults are a change that arrived and helped.

    Of a service `ran` and those `beside` it are the revisions that take traffic, and `deployed` is
    the build of the newest revision, whether it takes any or not. `lost` is a revision of which
    nobody has a record.
    """

    dirty: bool = False
    pushed: bool = True
    reverted: bool = False
    builds: tuple[Built, ...] = (Built(has_change=False), Built())
    tag: int | None = -1
    deployed: int | None = -1
    pinned: bool = True
    ran: Ran | None = field(default_factory=Ran)
    seen_before: bool = True
    looked_back: int = 1
    names_error: bool = True
    effect: Effect = Effect.SOME
    silent: frozenset[str] = frozenset()
    service: bool = False
    beside: tuple[Ran, ...] = ()
    newest_state: str = "ready"

    @property
    def running(self) -> tuple[Ran, ...]:
        """All that runs now."""
        if self.ran is None:
            return ()
        return (self.ran, *self.beside) if self.service else (self.ran,)

    def but(self, **changes: object) -> World:
        """This world with some things otherwise."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Truth:
    """What is really so, whatever anybody saw."""

    runs_change: bool
    rebuildable: bool
    error_shown: bool
    error_gone: bool


def index(world: World, number: int) -> int:
    return number % len(world.builds)


def really_has(world: World, built: Built) -> bool:
    """What an image holds: the source's change, unless the packing lost it, it was taken back, or
    another folder was built.
    """
    taken = built.has_change and not world.reverted and not built.dirty
    return taken and built.equal and built.folder == "."


def truth(world: World) -> Truth:
    """The truth of a world."""
    if not world.running or not world.builds:
        return Truth(runs_change=False, rebuildable=False, error_shown=False, error_gone=False)
    built = [world.builds[index(world, ran.build)] for ran in world.running]
    shown = any(ran.named for ran in world.running)
    return Truth(
        runs_change=all(really_has(world, one) for one in built),
        rebuildable=all(one.on_ref and not one.dirty and one.equal for one in built),
        error_shown=shown,
        error_gone=world.names_error and world.seen_before and not shown,
    )


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def _unseen(station: str) -> Unseen:
    return Unseen(reason=f"the {station} did not answer", hint="try again")


def _presence(world: World, built: Built) -> Presence:
    if built.dirty or not built.has_change:
        return Presence.ABSENT
    return Presence.REVERTED if world.reverted else Presence.PRESENT


def _made(world: World, number: int | None) -> Made:
    if "builds" in world.silent:
        nobody = _unseen("builder")
        return Made(build=nobody, source=nobody, image=nobody)
    if number is None:
        none = Absent(reason="nothing was built")
        return Made(build=none, source=none, image=none)
    built = world.builds[number]
    succeeded = built.state is BuildState.SUCCEEDED and built.pushes
    build = Build(
        id=f"b{number}",
        state=built.state,
        started_at=at(10 * number + 1),
        finished_at=None if built.state is BuildState.RUNNING else at(10 * number + 3),
        pushed=(digest(number),) if succeeded else (),
        names=("worker:latest",),
    )
    odd = (Difference(path="models.py", kind=DifferenceKind.NEVER_COMMITTED),)
    source = Source(
        kind=SourceKind.UPLOAD if built.upload else SourceKind.CLONE,
        commit=COMMIT if built.has_change else OTHER,
        on_ref=None if "remote" in world.silent else built.on_ref,
        presence=_presence(world, built),
        ref="refs/heads/main",
        differences=odd if built.dirty else (),
    )
    image = Image(
        digest=digest(number),
        compared=5,
        differences=() if built.equal else odd,
        folder=".",
        matches_folder=built.folder,
        claims=(Claim(where="label revision", commit=OTHER, true=False),) if built.lie else (),
    )
    return Made(
        build=build,
        source=_unseen("source") if "source" in world.silent else source,
        image=_image(world, image, succeeded=succeeded),
    )


def _image(world: World, image: Image, *, succeeded: bool) -> Image | Absent | Unseen:
    if not succeeded:
        return Absent(reason="no image came out")
    return _unseen("image") if "image" in world.silent else image


def forward(world: World) -> int | None:
    """Which build is judged: see the design, and the lead's clarification of it."""
    if not world.builds:
        return None
    good = [n for n, b in enumerate(world.builds) if b.state is BuildState.SUCCEEDED]

    def effect(number: int) -> bool:
        built = world.builds[number]
        return _presence(world, built) is Presence.PRESENT

    if world.ran is not None and world.deployed is not None:
        running = index(world, world.ran.build)
        in_place = world.service or running == index(world, world.deployed)
        if in_place and running in good and effect(running):
            return running
    for number in reversed(good):
        if effect(number) or world.builds[number].has_change:
            return number
    return len(world.builds) - 1


def observe(world: World) -> Observations:
    """What honest probes see."""
    first, *others = world.running or (None,)
    main = _served(world, first, 0)
    blind = "execution" in world.silent
    return Observations(
        change=Change(
            asked="HEAD",
            commit=COMMIT,
            subject="the fix",
            committed_at=at(0),
            effect=world.effect,
            named_errors=(NamedError(name="School", contains="School"),)
            if world.names_error
            else (),
        ),
        deployable="worker",
        environment="dev",
        work_tree=_work_tree(world),
        remote=_remote(world),
        forward=_made(world, forward(world)),
        registry=_registry(world),
        deployment=_deployment(world),
        execution=main.execution,
        backward=main.backward,
        running=main.running,
        logs=main.logs,
        watch=Absent(reason="no watch"),
        observed_at=at(500),
        beside=tuple(_served(world, one, n) for n, one in enumerate(others, 1) if not blind),
    )


def _served(world: World, ran: Ran | None, number: int) -> Served:
    """What is seen of one execution, or of one revision that takes traffic."""
    build = index(world, ran.build) if ran and world.builds else None
    if ran and ran.lost and world.service:
        gone = _unseen("revision")
        nothing = Made(build=gone, source=gone, image=gone)
        return Served(execution=gone, backward=nothing, running=gone, logs=gone)
    return Served(
        execution=_execution(world, ran, number),
        backward=_made(world, build),
        running=_running(world, build),
        logs=_logs(world, ran),
    )


def _work_tree(world: World) -> WorkTree | Unseen:
    if "work tree" in world.silent:
        return _unseen("work tree")
    dirt = (Dirt(path="models.py", kind=DirtKind.UNTRACKED, read_by_build=True),)
    return WorkTree(head=COMMIT, branch="main", dirt=dirt if world.dirty else (), evidence=())


def _remote(world: World) -> Remote | Unseen:
    if "remote" in world.silent:
        return _unseen("remote")
    presence = Presence.PRESENT if world.pushed else Presence.ABSENT
    if world.pushed and world.reverted:
        presence = Presence.REVERTED
    return Remote(
        remote="origin",
        url="file:///remote",
        ref="refs/heads/main",
        tip=COMMIT if world.pushed else OTHER,
        presence=presence,
        in_history=world.pushed,
    )


def _registry(world: World) -> Registry | Unseen:
    if "registry" in world.silent:
        return _unseen("registry")
    found = None if world.tag is None or not world.builds else digest(index(world, world.tag))
    return Registry(name="worker:latest", digest=found)


def _deployment(world: World) -> Deployment | Absent | Unseen:
    if "deployment" in world.silent:
        return _unseen("deployment")
    if world.deployed is None or not world.builds:
        return Absent(reason="there is no job")
    if world.service:
        return _service(world, world.deployed)
    return Deployment(
        kind="job",
        name="worker",
        image="worker@sha256:…" if world.pinned else "worker:latest",
        digest=digest(index(world, world.deployed)),
        pinned=world.pinned,
        since=at(200),
    )


def _service(world: World, deployed: int) -> Deployment:
    newest = index(world, deployed)
    serving = tuple(
        Serving(
            revision=f"e{number}",
            digest=digest(index(world, ran.build)),
            percent=_percent(world, number),
        )
        for number, ran in enumerate(world.running, 1)
    )
    ready = world.newest_state == "ready"
    served = [one.revision for one in serving if ready and one.digest == digest(newest)]
    return Deployment(
        kind="service",
        name="worker",
        image="worker@sha256:…" if world.pinned else "worker:latest",
        digest=digest(newest),
        pinned=world.pinned,
        since=at(200),
        serving=serving,
        latest=served[0] if served else "e-new",
        not_ready="it never listened" if world.newest_state == "failed" else "",
        deploying=world.newest_state == "deploying",
    )


def _percent(world: World, number: int) -> int:
    others = len(world.running) - 1
    return 100 - 10 * others if number == 1 else 10


def _execution(world: World, ran: Ran | None, number: int) -> Execution | Absent | Unseen:
    if "execution" in world.silent:
        return _unseen("execution")
    if ran is None or not world.builds:
        return Absent(reason="nothing was executed")
    state = ran.state
    if world.service and state in (ExecutionState.SUCCEEDED, ExecutionState.RUNNING):
        state = ExecutionState.SERVING
    return Execution(
        id=f"e{number + 1}",
        digest=digest(index(world, ran.build)),
        started_at=at(300 if ran.after else 100),
        finished_at=None if state is ExecutionState.RUNNING else at(310),
        state=state,
        percent=_percent(world, number + 1) if world.service else None,
    )


def _running(world: World, running: int | None) -> Running | Absent | Unseen:
    if "execution" in world.silent or "running" in world.silent:
        return _unseen("running image")
    if running is None:
        return Absent(reason="nothing runs")
    has = really_has(world, world.builds[running])
    found = Presence.PRESENT if has else Presence.ABSENT
    return Running(digest=digest(running), presence=found, because="by content")


def _error(name: str, *, family: str, named: bool, before: int) -> SeenError:
    return SeenError(
        family=family,
        identity=name,
        title=name,
        count=1,
        first_at=at(301),
        last_at=at(302),
        executions=("e1",),
        named="School" if named else None,
        before=before,
    )


def _logs(world: World, ran: Ran | None) -> Logs | Absent | Unseen:
    if "logs" in world.silent:
        return _unseen("log")
    if ran is None:
        return Absent(reason="nothing has run")
    errors = []
    if ran.named:
        named = world.names_error
        errors.append(_error("School", family="f", named=named, before=world.looked_back))
    if ran.kin:
        errors.append(_error("FeatureFlag", family="f", named=False, before=0))
    if ran.fresh:
        errors.append(_error("bank", family="g", named=False, before=0))
    if ran.noise:
        errors.append(_error("noise", family="h", named=False, before=1))
    earlier = [_error("School", family="f", named=world.names_error, before=0)]
    return Logs(
        execution="e1",
        entries=3,
        work=ran.work,
        errors=tuple(errors),
        earlier=tuple(earlier) if world.seen_before and world.looked_back else (),
        looked_back=world.looked_back,
    )
