"""A history written as a line of words, each an event of the world."""

from __future__ import annotations

from collections.abc import Callable

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


def parent_of_change(world: World) -> str | None:
    return world.commits[world.change].parent


def first_image(world: World) -> str | None:
    return world.builds[0].digest


WORDS: dict[str, Callable[[World], object]] = {
    "fix": World.fix,
    "rewrite": lambda w: w.commit(fix="rewritten"),
    "revert": lambda w: w.commit(fix="old"),
    "later": lambda w: w.commit(code="later"),
    "push": World.push,
    "side": World.push_side,
    "squash": World.squash,
    "force-back": World.force_back,
    "edit": lambda w: w.dirt.update({CODE: "edit"}),
    "sweep": lambda w: w.dirt.update({SWEPT: "never committed"}),
    "clone": World.build,
    "old-clone": lambda w: w.build(of=parent_of_change(w)),
    "upload": lambda w: w.build("upload"),
    "clone-side": lambda w: w.build(of=w.side),
    "build-legacy": lambda w: w.build(packs={FIX: "old", CODE: "legacy"}),
    "build-recipe": lambda w: w.build(packs={CODE: "recipe"}),
    "building": lambda w: w.build(state="running"),
    "build-fails": lambda w: w.build(state="failed"),
    "build-empty": lambda w: w.build(pushes=False),
    "build-cached": lambda w: w.build(packs={FIX: "old"}),
    "build-lied": lambda w: w.build(packs={FIX: "old"}, claim=w.change),
    "build-short": lambda w: w.build(packs={DATA: None}),
    "build-untagged": lambda w: w.build(moves_tag=False),
    "deploy": World.deploy,
    "deploy-tag": World.deploy_tag,
    "run": World.run,
    "run-named": lambda w: w.run(NAMED),
    "run-sibling": lambda w: w.run(SIBLING),
    "run-fresh": lambda w: w.run(FRESH),
    "run-noise": lambda w: w.run(NOISE),
    "forget": World.forget,
    "run-old": lambda w: w.run(NAMED, digest=first_image(w)),
    "run-idle": lambda w: w.run(work=0),
    "run-silent": lambda w: w.run(silence=True),
    "run-crash": lambda w: w.run(state="failed"),
    "running": lambda w: w.run(state="running", work=0),
    "service": lambda w: setattr(w, "service", True),
    "split": lambda w: setattr(w, "traffic", ((1, 90), (2, 10))),
    "pinned": lambda w: setattr(w, "traffic", ((2, 100),)),
    "no-traffic": lambda w: setattr(w, "traffic", ()),
    "dark-deployment": lambda w: setattr(w, "silent", frozenset({"deployment"})),
    "unready": lambda w: setattr(w, "unready", True),
    "covered": lambda w: setattr(w, "covered", True),
    "otherwise": lambda w: setattr(w, "otherwise", True),
    "second": lambda w: setattr(w, "second", Second()),
    "installed": lambda w: setattr(w, "second", Second(installed=True)),
    "second-idle": lambda w: setattr(w, "second", Second(runs=False)),
    "second-untold": lambda w: setattr(w, "second", Second(told=False)),
    "installed-untold": lambda w: setattr(w, "second", Second(told=False, installed=True)),
    "second-strange": lambda w: setattr(w, "second", Second(known=False)),
    "installed-strange": lambda w: setattr(w, "second", Second(known=False, installed=True)),
    "idle-untold": lambda w: setattr(w, "second", Second(runs=False, told=False)),
    "mounted": lambda w: setattr(w, "mounted", True),
    "unnamed": lambda w: setattr(w, "names_error", False),
    "unexpected": lambda w: setattr(w, "expects_work", False),
    "watched": lambda w: setattr(w, "watch", Vigil()),
    "came-back": lambda w: setattr(w, "watch", Vigil(since="....N....")),
    "worse": lambda w: setattr(w, "watch", Vigil(since="O" * 17)),
    "fewer": lambda w: setattr(w, "watch", Vigil(since="..")),
    "newer": lambda w: setattr(w, "watch", Vigil(since="." * 16 + "F")),
    "watching": lambda w: setattr(w, "watch", Vigil(over=False)),
    "asleep": lambda w: setattr(w, "watch", Vigil(looked=2)),
    "dark-remote": lambda w: setattr(w, "silent", frozenset({"remote"})),
    "dark-logs": lambda w: setattr(w, "silent", frozenset({"logs"})),
    "label-only": lambda w: setattr(w, "lying", frozenset({"image"})),
}


def play(script: str) -> World:
    """Plays a script; unless it begins with `fresh`, an image without the change has run before."""
    world = World()
    world.commit(code="a")
    words = script.split()
    if words[0] == "fresh":
        words = words[1:]
    else:
        world.push()
        world.build()
        world.deploy()
        world.run(NAMED, NOISE)
    for word in words:
        WORDS[word](world)
    return world
