"""Healthy histories, and histories with exactly one fault."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from soundness.oracle.world import (
    CODE,
    DATA,
    FIX,
    FRESH,
    NAMED,
    NOISE,
    SIBLING,
    SWEPT,
    Vigil,
    World,
)


def before(chance: Random) -> World:
    """Life before the change: an old image runs into the named error, once or more often."""
    world = World()
    world.commit(code="a")
    for number in range(chance.randrange(3)):
        world.commit(code=f"a{number}")
    world.push()
    world.build()
    world.deploy()
    for _ in range(1 + chance.randrange(2)):
        world.run(NAMED, *[NOISE] * chance.randrange(2))
    world.run(NAMED, NOISE)
    return world


def fixed(chance: Random) -> World:
    """The change, with the commits that happen to follow it at once."""
    world = before(chance)
    world.fix()
    if chance.random() < 0.2:
        world.commit(fix="rewritten")
    if chance.random() < 0.2:
        world.commit(code="later")
    return world


def arrives(world: World, chance: Random) -> None:
    """The change reaches the remote's main, as itself or as a squash."""
    if chance.random() < 0.2:
        world.squash()
    else:
        world.push()


def runs_well(world: World, chance: Random) -> None:
    world.deploy()
    for _ in range(1 + chance.randrange(2)):
        world.run(*[NOISE] * chance.randrange(2))


def healthy(chance: Random) -> World:
    """Nothing is wrong, in one of many ways."""
    world = fixed(chance)
    late = chance.random() < 0.15
    if late:
        world.build("upload")
    arrives(world, chance)
    if not late:
        world.build(chance.choice(["clone", "clone", "upload"]))
    runs_well(world, chance)
    if chance.random() < 0.2:
        world.commit(code="unpushed")
    if chance.random() < 0.2:
        world.dirt = {CODE: "edited after the build"}
    if chance.random() < 0.2:
        world.watch = Vigil()
    return world


# One fault each: the link that it breaks, and the history.


def dirty_before_any_build(chance: Random) -> World:
    world = World()
    world.commit(code="a")
    world.fix()
    world.push()
    world.dirt = chance.choice([{CODE: "edit"}, {SWEPT: "new"}, {DATA: None}])
    return world


def not_pushed(chance: Random) -> World:
    world = fixed(chance)
    if chance.random() < 0.4:
        world.push_side()
    if chance.random() < 0.5:
        world.build()
        world.deploy()
    world.run(NAMED, NOISE)
    return world


def reverted(chance: Random) -> World:
    world = fixed(chance)
    world.push()
    world.commit(fix="old")
    world.push()
    world.build()
    world.deploy()
    world.run(*[NOISE] * chance.randrange(2), NAMED)
    return world


def older_source(chance: Random) -> World:
    world = fixed(chance)
    if chance.random() < 0.5:
        world.build()  # of what main was before the push
        world.push()
    else:
        world.push()
        world.build(of=world.commits[world.change].parent)
    world.deploy()
    world.run(NAMED)
    return world


def dirty_upload(chance: Random) -> World:
    world = fixed(chance)
    world.push()
    world.dirt = chance.choice([{CODE: "edit"}, {SWEPT: "new"}, {DATA: None}])
    world.build("upload")
    runs_well(world, chance)
    return world


def built_nothing(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    if chance.random() < 0.5:
        world.build(state="failed", moves_tag=False)
    else:
        world.build(pushes=False)
    return world


def packed_other(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    packs: dict[str, str | None] = chance.choice(
        [
            {FIX: "old"},
            {DATA: None},
            {CODE: "cached"},
            {SWEPT: "new"},
            {CODE: "legacy"},
            {CODE: "recipe"},
        ]
    )
    world.build(packs=packs, claim=chance.choice([None, world.change]))
    world.deploy()
    world.run(*([NAMED] if packs.get(FIX) else []))
    return world


def tag_left(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    world.deploy_tag()
    world.build(moves_tag=False)
    world.deploy_tag()
    world.run(NAMED)
    return world


def spec_left(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    world.build()
    world.run(NAMED)
    return world


def ran_badly(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    old = world.builds[0].digest
    world.build()
    world.deploy()
    shape = chance.random()
    if shape < 0.3:
        world.mounted = True
        world.run(NAMED)
    elif shape < 0.6:
        world.run(state="failed")
    else:
        world.run(NAMED, digest=old)
    return world


def not_healed(chance: Random) -> World:
    world = fixed(chance)
    arrives(world, chance)
    world.build()
    world.deploy()
    world.run(chance.choice([NAMED, SIBLING, FRESH]), NOISE)
    return world


def came_back(chance: Random) -> World:
    world = healthy(chance)
    world.watch = Vigil(since=chance.choice(["N", "....N", "." * 16 + "N"]))
    return world


FAULTS: tuple[tuple[str, Callable[[Random], World]], ...] = (
    ("committed", dirty_before_any_build),
    ("pushed", not_pushed),
    ("pushed", reverted),
    ("sourced", older_source),
    ("sourced", dirty_upload),
    ("built", built_nothing),
    ("packed", packed_other),
    ("published", tag_left),
    ("deployed", spec_left),
    ("ran", ran_badly),
    ("healed", not_healed),
    ("held", came_back),
)
