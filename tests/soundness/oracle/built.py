"""Honest probes of builds: what went in, what came out, and what is only said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from landed.core.model import (
    Absent,
    Evidence,
    Presence,
    Station,
    Strength,
    Unseen,
)
from landed.core.seen import (
    Build,
    BuildState,
    Claim,
    Difference,
    DifferenceKind,
    Image,
    Made,
    OtherCopy,
    Source,
    SourceKind,
)
from soundness.oracle import world as w
from soundness.oracle.world import World

REF = "refs/heads/main"
NAME = "registry.example/worker:live"


def at(minute: int) -> datetime:
    return datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)


def seen_at(station: Station, strength: Strength = Strength.RECORDED) -> tuple[Evidence, ...]:
    see = f"look at the {station}"
    return (Evidence(station=station, strength=strength, facts={}, see=see, observed_at=at(0)),)


def dark(station: str) -> Unseen:
    return Unseen(reason=f"the {station} did not answer", hint="try again")


def none(what: str) -> Absent:
    return Absent(reason=f"there is no {what}")


def closest(world: World, tree: w.Tree) -> str:
    """The commit that a tree equals or is nearest to; one that the ref has, where several tie."""
    main, remote = world.ancestors(world.main), world.on_remote()

    def rank(name: str) -> tuple[int, bool, bool, int]:
        commit = world.commits[name]
        return len(differing(tree, commit.tree)), name not in main, name not in remote, -commit.at

    return min(world.commits, key=rank)


def differing(tree: w.Tree, expected: w.Tree) -> list[str]:
    return sorted(p for p in {*tree, *expected} if tree.get(p) != expected.get(p))


def differences(world: World, tree: w.Tree, expected: w.Tree) -> tuple[Difference, ...]:
    found = []
    for path in differing(tree, expected):
        known = [c.id for c in world.commits.values() if c.tree.get(path) == tree.get(path)]
        kind = DifferenceKind.CHANGED if path in expected else DifferenceKind.NEVER_COMMITTED
        if path not in tree:
            found.append(Difference(path=path, kind=DifferenceKind.MISSING))
        else:
            found.append(Difference(path=path, kind=kind, has_it=known[0] if known else None))
    return tuple(found)


def presence(world: World, tree: w.Tree, near: str | None) -> Presence:
    if world.carries(tree):
        return Presence.PRESENT if tree[w.FIX] == "new" else Presence.SUPERSEDED
    taken = any(world.carries(world.commits[name].tree) for name in world.ancestors(near))
    return Presence.REVERTED if taken else Presence.ABSENT


def source(world: World, made: w.Made) -> Source | Unseen:
    if "commit" in world.lying and not {"source", "build"} & (world.silent | world.lying):
        return Source(kind=SourceKind.UPLOAD, commit=None, on_ref=None, presence=Presence.UNKNOWN)
    if {"source", "build"} & (world.silent | world.lying):
        return dark("source")
    near = made.clone_of or closest(world, made.source)
    blind = "remote" in world.silent or {"shallow", "no-remote"} & world.lying
    return Source(
        kind=SourceKind.CLONE if made.clone_of else SourceKind.UPLOAD,
        commit=near,
        on_ref=None if blind else near in world.ancestors(world.main),
        on_remote=None if blind else near in world.on_remote(),
        presence=presence(world, made.source, near),
        url="https://git.example/worker" if made.clone_of else "",
        ref=REF if made.clone_of else "",
        requested=made.asked_for,
        tip_then=made.tip_then,
        differences=differences(world, made.source, world.commits[near].tree),
        evidence=seen_at(Station.SOURCE, Strength.CONTENT),
    )


def claims(world: World, made: w.Made, where: str) -> tuple[Claim, ...]:
    lies = {"source", "image"} & world.lying
    said = world.change if lies else made.claim
    if said is None:
        return ()
    blind = "image" in world.silent | world.lying
    true = None if blind else made.image == world.commits[said].tree
    return (Claim(where=where, commit=said, true=true),)


def build(world: World, made: w.Made) -> Build | Unseen:
    if "build" in world.silent:
        return dark("builder")
    return Build(
        id=made.id, state=BuildState(made.state), started_at=at(made.at - 1),
        finished_at=None if made.state in {"running", "lost"} else at(made.at),
        pushed=(made.digest,) if made.digest else (), names=(NAME,),
        claims=claims(world, made, "substitution COMMIT_SHA"),
        evidence=seen_at(Station.BUILD),
    )  # fmt: skip


def expected(world: World, made: w.Made) -> tuple[str, w.Tree]:
    """What an image is held against: its source, or the ref's tip where that is not known."""
    if isinstance(source(world, made), Unseen):
        blind = "remote" in world.silent or "no-remote" in world.lying
        tip = world.change if blind else world.main or world.change
        return tip, world.commits[tip].tree
    return made.clone_of or "", made.source


def loads(world: World, made: w.Made) -> bool:
    """Whether an execution of an image that counts says what it loaded."""
    if {"execution", "digest"} & (world.silent | world.lying):
        return False
    return any(run.digest == made.digest for run, _ in world.counting)


def copies(world: World, tree: w.Tree, *, told: bool = True) -> tuple[OtherCopy, ...]:
    """The second copy of the code, where the first has the change."""
    second = world.second
    if second is None or not world.carries(tree):
        return ()
    return (
        OtherCopy(
            path=f"old/{w.FIX}",
            place=w.FIX,
            package="old/app",
            own="app",
            lacks=second.known,
            installed=second.installed,
            ran=second.runs if told and second.told else None,
        ),
    )


def image(world: World, made: w.Made) -> Image | Absent | Unseen:
    if made.digest is None:
        return dark("builder") if "build" in world.silent else none("image")
    if "image" in world.silent:
        return dark("image")
    against, tree = expected(world, made)
    lies = "image" in world.lying
    return Image(
        digest=made.digest,
        compared=0 if lies else len({*tree, *made.image}),
        differences=() if lies else differences(world, made.image, tree),
        folder="app",
        matches_folder="legacy" if made.image.get(w.CODE) == "legacy" else "app",
        dockerfile="Dockerfile",
        built_with="Dockerfile.old" if made.image.get(w.CODE) == "recipe" else "Dockerfile",
        against=against,
        claims=claims(world, made, "label revision"),
        copies=() if lies else copies(world, made.image, told=loads(world, made)),
        evidence=seen_at(Station.IMAGE, Strength.CLAIMED if lies else Strength.CONTENT),
    )


def whole(world: World, made: w.Made) -> Made:
    return Made(build=build(world, made), source=source(world, made), image=image(world, made))


def backward(world: World, made: w.Made | None) -> Made:
    if {"execution", "digest"} & (world.silent | world.lying):
        return Made(build=dark("execution"), source=dark("execution"), image=dark("execution"))
    if made is None:
        return Made(build=none("build"), source=none("source"), image=none("image"))
    return whole(world, made)


def chosen(world: World) -> w.Made | None:
    """The running build if its source has the change; else the newest good one whose source has;
    else the newest.
    """

    def has(made: w.Made) -> bool:
        found = source(world, made)
        return isinstance(found, Source) and bool(found.presence.arrived)

    running = None if {"execution", "digest"} & (world.silent | world.lying) else world.running()
    if running and has(running):
        return running
    good = [made for made in world.builds if made.state == "succeeded" and has(made)]
    found = good or world.builds
    return found[-1] if found else None


def forward(world: World) -> Made:
    if "build" in world.silent:
        running = (
            None if {"execution", "digest"} & (world.silent | world.lying) else world.running()
        )
        found = image(world, running) if running else dark("builder")
        return Made(build=dark("builder"), source=dark("builder"), image=found)
    made = chosen(world)
    if made is None:
        return Made(build=none("build"), source=none("source"), image=none("image"))
    return whole(world, made)
