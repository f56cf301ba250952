"""What honest probes see of a world: each station through its lens.

A silent station is `Unseen`. A lying one offers words where content should be: a label on an
image that nobody could open, a substitution in place of a source that nobody kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from landed.core.model import (
    Absent,
    Change,
    Effect,
    NamedError,
    Presence,
    Station,
    Strength,
    Unseen,
)
from landed.core.seen import (
    Deployment,
    Dirt,
    DirtKind,
    Execution,
    ExecutionState,
    Logs,
    Observations,
    Registry,
    Remote,
    RemoteBranch,
    Running,
    SeenError,
    Served,
    Serving,
    WatchRecord,
    WorkTree,
)
from landed.core.watch import Baseline, Checkpoint, Fix, Watch, Watched
from soundness.oracle import world as w
from soundness.oracle.built import (
    NAME,
    REF,
    at,
    backward,
    chosen,
    closest,
    copies,
    dark,
    forward,
    none,
    presence,
    seen_at,
)
from soundness.oracle.world import World

STATIONS = (
    "work-tree", "remote", "build", "source", "image", "registry", "deployment", "execution",
    "logs",
)  # fmt: skip


def change(world: World) -> Change:
    named = (NamedError(name=w.NAMED, contains=w.NAMED),) if world.names_error else ()
    commit = world.commits[world.change]
    return Change(asked="HEAD", commit=commit.id, subject="the fix", committed_at=at(commit.at),
                  effect=Effect.SOME, named_errors=named)  # fmt: skip


def work_tree(world: World) -> WorkTree | Absent | Unseen:
    if "work-tree" in world.silent:
        return dark("work tree")
    if "bare" in world.lying:
        return none("work tree")
    tracked = world.commits[world.head].tree
    dirt = [
        Dirt(
            path=path,
            kind=DirtKind.DELETED if text is None else
            DirtKind.CHANGED if path in tracked else DirtKind.UNTRACKED,
            read_by_build=True,
        )
        for path, text in sorted(world.dirt.items())
        if tracked.get(path) != text
    ]  # fmt: skip
    dirt += [Dirt(path=path, kind=DirtKind.UPLOAD_DROPS, read_by_build=True, rule=".gcloudignore:1")
             for path in world.dropped]  # fmt: skip
    return WorkTree(head=world.head, branch="main", dirt=tuple(dirt),
                    evidence=seen_at(Station.WORK_TREE, Strength.CONTENT))  # fmt: skip


def remote(world: World) -> Remote | Absent | Unseen:
    if "remote" in world.silent:
        return dark("remote")
    if "no-remote" in world.lying:
        return none("remote")
    on_main = world.ancestors(world.main)
    found = Presence.ABSENT
    if world.main:
        found = presence(world, world.commits[world.main].tree, world.main)
    history = world.change in on_main
    carriers = [name for name in reversed(on_main) if world.carries(world.commits[name].tree)]
    undone = [name for name in on_main if not world.carries(world.commits[name].tree)]
    equal = carriers[0] if carriers and found.arrived and not history else None
    shallow = "shallow" in world.lying
    others: tuple[RemoteBranch, ...] = ()
    if not found.arrived and world.side and world.change in world.ancestors(world.side):
        others = (RemoteBranch(ref="refs/heads/side", tip=world.side),)
    return Remote(
        remote="origin", url="https://git.example/worker", ref=REF, tip=world.main,
        presence=Presence.UNKNOWN if shallow else found,
        in_history=None if shallow else history,
        equivalent=None if shallow else equal,
        equivalent_by="content" if equal else "",
        undone_by=undone[0] if found is Presence.REVERTED and undone else None,
        unpushed=tuple(n for n in world.ancestors(world.head) if n not in on_main),
        others=others, evidence=seen_at(Station.REMOTE),
    )  # fmt: skip


def registry(world: World) -> Registry | Unseen:
    if "registry" in world.silent:
        return dark("registry")
    return Registry(name=NAME, digest=world.tag, moved_at=at(world.tag_at) if world.tag else None,
                    evidence=seen_at(Station.REGISTRY))  # fmt: skip


def deployment(world: World) -> Deployment | Absent | Unseen:
    if "deployment" in world.silent:
        return dark("deployment")
    if world.deployed is None:
        return none("deployment")
    blind = {"build", "image"} & (world.silent | world.lying)
    made, ours = chosen(world), world.made(world.deployed)
    same = bool(
        not blind
        and made
        and ours
        and made.digest != ours.digest
        and made.image == ours.image
        and made.digest
    )
    vague = "spec" in world.lying
    by_name = world.by_tag or vague
    serving = () if not world.service else tuple(
        Serving(
            revision=run.id,
            digest=None if {"spec", "digest"} & world.lying else run.digest,
            percent=percent or 0,
            same_files=bool(
                not blind and made and (its := world.made(run.digest)) and made.digest
                and made.digest != run.digest and made.image == its.image
            ),
        )
        for run, percent in world.counting
    )  # fmt: skip
    newest = world.runs[-1].id if world.newest_is_ready else "newest"
    return Deployment(
        kind="service" if world.service else "job",
        serving=serving,
        latest=newest if world.service else "",
        not_ready="it never listened" if world.service and world.unready else "",
        deploying=world.deploying,
        name="worker",
        digest=None if vague else world.deployed,
        pinned=not by_name,
        image=NAME if by_name else f"registry.example/worker@{world.deployed}",
        since=at(world.in_force),
        evidence=seen_at(Station.DEPLOYMENT),
        same_files=same,
    )


def execution(world: World, run: w.Run | None, percent: int | None) -> Execution | Absent | Unseen:
    if "execution" in world.silent:
        return dark("execution")
    if run is None:
        return none("execution")
    state = ExecutionState(run.state)
    if world.service and state in {ExecutionState.SUCCEEDED, ExecutionState.RUNNING}:
        state = ExecutionState.SERVING
    shown = None if "digest" in world.lying else run.digest
    ended = run.state in {"succeeded", "failed"}
    return Execution(
        id=run.id, digest=shown, started_at=at(run.at), state=state, percent=percent,
        mounts=("/app",) if world.covered else (),
        hidden=("app/fix.py",) if world.covered else (),
        overridden=("command",) if world.otherwise else (),
        finished_at=at(run.at) + timedelta(seconds=30) if ended else None,
        foreign_modules=("app.fix (/data/app/fix.py)",) if world.mounted else (),
        exit_code={"succeeded": 0, "failed": 1}.get(run.state),
        evidence=seen_at(Station.EXECUTION),
    )  # fmt: skip


def running(world: World, run: w.Run | None) -> Running | Absent | Unseen:
    if "execution" in world.silent or (run and "digest" in world.lying):
        return dark("execution's digest")
    made = world.made(run.digest) if run else None
    if made is None or made.digest is None:
        return none("execution")
    if "image" in world.silent:
        return dark("running image")
    if "image" in world.lying:
        return Running(digest=made.digest, presence=Presence.UNKNOWN, because="only a label",
                       evidence=seen_at(Station.IMAGE, Strength.CLAIMED))  # fmt: skip
    found = presence(world, made.image, closest(world, made.image))
    others = copies(world, made.image)
    if others and others[0].ran is not False:
        found = Presence.ABSENT if others[0].ran and others[0].lacks else Presence.UNKNOWN
    return Running(copies=others, digest=made.digest, presence=found, because="by content",
                   evidence=seen_at(Station.IMAGE, Strength.CONTENT))  # fmt: skip


def errors_of(world: World, runs: list[w.Run], base: list[w.Run]) -> tuple[SeenError, ...]:
    names = sorted({name for run in runs for name in run.errors})
    found = []
    for name in names:
        having = [run for run in runs if name in run.errors]
        found.append(SeenError(
            family="validation" if name in {w.NAMED, w.SIBLING} else name, identity=name,
            title=f"{name} is not what was expected", count=len(having),
            first_at=at(having[0].at), last_at=at(having[-1].at),
            executions=tuple(run.id for run in having),
            named=w.NAMED if name == w.NAMED and world.names_error else None,
            before=sum(name in run.errors for run in base),
        ))  # fmt: skip
    return tuple(found)


def logs(world: World, run: w.Run | None) -> Logs | Absent | Unseen:
    if {"logs", "execution"} & world.silent:
        return dark("log")
    if run is None or "no-log" in world.lying:
        return none("log entry")
    past = world.runs[: world.runs.index(run)]
    blind = "digest" in world.lying or "image" in world.silent | world.lying
    second = world.second
    dim = second is not None and not (second.told and (second.known or not second.runs))
    unknown = [
        r
        for r in past
        if blind
        or r.id in world.forgotten
        or (dim and (its := world.made(r.digest)) and world.carries(its.image))
    ]
    having = [r for r in past if r not in unknown and world.had_change(r)]
    base = [r for r in past if r not in unknown and r not in having]
    return Logs(
        execution=run.id, entries=run.entries, work=run.work if world.expects_work else None,
        errors=errors_of(world, [run], base), earlier=errors_of(world, base, base),
        with_change=errors_of(world, having, base), looked_back=len(base),
        on_unknown=errors_of(world, unknown, base),
        evidence=seen_at(Station.LOGS),
    )  # fmt: skip


def watched(world: World, letters: str, begin: datetime, prefix: str) -> tuple[Watched, ...]:
    others = {"O": w.NOISE, "F": w.FRESH, **({} if world.names_error else {"N": w.NAMED})}
    return tuple(
        Watched(
            execution=f"{prefix}-{number}", digest=prefix,
            started_at=begin + timedelta(minutes=10 * number + 5),
            named=(w.NAMED,) if letter == "N" and world.names_error else (),
            errors=(others[letter],) if letter in others else (),
        )
        for number, letter in enumerate(letters)
    )  # fmt: skip


def watch(world: World) -> WatchRecord | Absent:
    if world.watch is None:
        return none("watch")
    kept, hour = world.watch, timedelta(hours=1)
    # Long enough ago that a look at the last hour would come too late by now.
    opened = at(world.now) - kept.due * hour - (hour if kept.over else timedelta(minutes=30))
    dues = [opened + hour * number for number in range(1, kept.due + (1 if kept.over else 2))]
    missed = kept.due - kept.looked
    checkpoints = tuple(
        Checkpoint(due_at=due, looked_at=due if missed <= number < kept.due else None)
        for number, due in enumerate(dues)
    )
    fixed = (w.NAMED,) if world.names_error else ()
    before = watched(world, kept.before, opened - timedelta(minutes=10 * len(kept.before)), "old")
    record = Watch(
        opened_at=opened, checkpoints=checkpoints,
        baseline=Baseline(executions=before, fixes=(
            Fix(commit=world.change, subject="the fix", errors=fixed),)),
        executions=watched(world, kept.since, opened, "new"),
    )  # fmt: skip
    return WatchRecord(watch=record, evidence=seen_at(Station.WATCH))


def served(world: World, run: w.Run | None, percent: int | None) -> Served:
    """What is seen of one execution, or of one revision that takes traffic."""
    made = world.made(run.digest) if run else None
    return Served(execution=execution(world, run, percent), backward=backward(world, made),
                  running=running(world, run), logs=logs(world, run))  # fmt: skip


def observe(world: World) -> Observations:
    counting: list[tuple[w.Run | None, int | None]] = [*world.counting] or [(None, None)]
    first, *others = counting
    main = served(world, *first)
    blind = "execution" in world.silent
    return Observations(
        change=change(world), deployable="worker", environment="live",
        work_tree=work_tree(world), remote=remote(world), forward=forward(world),
        registry=registry(world), deployment=deployment(world), execution=main.execution,
        backward=main.backward, running=main.running, logs=main.logs, watch=watch(world),
        observed_at=at(world.now + 1),
        beside=() if blind else tuple(served(world, *one) for one in others),
    )  # fmt: skip
