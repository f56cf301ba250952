"""Histories without a plan, seen through random lenses."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from soundness.oracle.probes import STATIONS
from soundness.oracle.stories import FAULTS, before, healthy
from soundness.oracle.world import (
    CODE,
    DATA,
    FIX,
    FRESH,
    NAMED,
    NOISE,
    SIBLING,
    SWEPT,
    Second,
    Vigil,
    World,
)

WORDS_ONLY = (
    "source",
    "image",
    "bare",
    "no-remote",
    "shallow",
    "commit",
    "digest",
    "spec",
    "no-log",
)


BACK = "....N....N......."
WATCHES: tuple[Vigil | None, ...] = (
    *[None] * 12, Vigil(), Vigil(looked=2), Vigil(since=BACK), Vigil(over=False),
    Vigil(due=0, looked=0), Vigil(since="."), Vigil(since=""), Vigil(before=""),
    Vigil(before="." * 24), Vigil(since="O" * 17), Vigil(since="........F........"),
    Vigil(looked=2, over=False), Vigil(since="..O..............", before="O.NN" * 6),
    Vigil(before="." * 23 + "N"),
)  # fmt: skip


TRAFFIC = (((1, 100),), ((1, 100),), ((2, 100),), ((1, 90), (2, 10)), ((2, 60), (1, 40)),
           ((1, 50), (2, 30), (3, 20)), ())  # fmt: skip


def any_event(world: World, chance: Random) -> None:
    """One event of any kind."""
    digests = [made.digest for made in world.builds if made.digest]
    some = chance.choice(digests) if digests else None
    states = ["succeeded"] * 6 + ["failed", "running", "lost"]
    errors = chance.choice([(), (), (NAMED,), (NAMED,), (SIBLING,), (FRESH,), (NOISE,)])
    packs: dict[str, str | None] = chance.choice(
        [{}, {}, {}, {FIX: "old"}, {FIX: "new"}, {DATA: None}, {CODE: "cached"}, {SWEPT: "x"}]
    )
    dirt: dict[str, str | None] = chance.choice(
        [{}, {}, {CODE: "edit"}, {SWEPT: "x"}, {DATA: None}, {FIX: "new"}, {FIX: "old"}]
    )
    claim = chance.choice([None, None, world.change or None])
    events: list[Callable[[], object]] = [
        lambda: world.commit(code=str(world.now)),
        lambda: (
            world.commit(fix=chance.choice(["old", "rewritten", "new"])) if world.change else None
        ),
        lambda: setattr(world, "dirt", dirt),
        lambda: setattr(world, "dropped", chance.choice([(), (), (DATA,), (FIX,)])),
        *[world.push] * 3,
        world.push_side,
        world.squash,
        world.force_back,
        *[
            lambda: world.build(
                chance.choice(["clone", "clone", "upload"]),
                of=chance.choice([None, None, None, *world.commits]),
                state=chance.choice(states),
                pushes=chance.random() < 0.9,
                packs=packs,
                moves_tag=chance.random() < 0.8,
                claim=claim,
            )
        ]
        * 4,
        *[lambda: world.deploy(chance.choice([None, some]))] * 3,
        world.deploy_tag,
        *[
            lambda: world.run(
                *errors,
                digest=chance.choice([None, None, None, some]),
                state=chance.choice(states),
                work=chance.choice([3, 3, 3, 0]),
                silence=chance.random() < 0.1,
            )
        ]
        * 4,
    ]
    chance.choice(events)()


def unplanned(chance: Random) -> World:
    """A history without a plan, seen through random lenses."""
    shape = chance.random()
    if shape < 0.3:
        world = healthy(chance)
    elif shape < 0.55:
        world = chance.choice(FAULTS)[1](chance)
    else:
        world = before(chance) if chance.random() < 0.6 else World()
        if not world.head:
            world.commit(code="a")
    for _ in range(chance.randrange(1 if world.change else 3)):
        any_event(world, chance)
    if not world.change:
        world.fix()
    for _ in range(chance.choice([0, 1, 2, 4, 8]) if shape < 0.55 else chance.randrange(4, 14)):
        any_event(world, chance)
    world.names_error = chance.random() < 0.85
    world.expects_work = chance.random() < 0.9
    world.mounted = world.mounted or chance.random() < 0.03
    if chance.random() < 0.6:
        world.silent = frozenset(s for s in STATIONS if chance.random() < 0.15)
    if chance.random() < 0.3:
        world.lying = frozenset(s for s in WORDS_ONLY if chance.random() < 0.25)
    world.watch = chance.choice(WATCHES)
    world.covered = chance.random() < 0.03
    world.service = chance.random() < 0.3
    world.traffic = chance.choice(TRAFFIC)
    world.unready = chance.random() < 0.2
    world.forgotten = frozenset(run.id for run in world.runs[:-1] if chance.random() < 0.15)
    if chance.random() < 0.08:
        world.second = Second(*(chance.random() < share for share in (0.6, 0.7, 0.8, 0.5)))
    return world
