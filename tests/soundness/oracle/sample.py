"""A fixed sample and the whole table as one question: does this judge break anything?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from landed.core.judge import judge
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
)
from landed.diagnoses import DIAGNOSES
from soundness.oracle.checker import ORDER, against, inconsistent, unsound
from soundness.oracle.probes import observe
from soundness.oracle.scripts import play
from soundness.oracle.stories import FAULTS, healthy
from soundness.oracle.truth_table import TABLE, Row
from soundness.oracle.unplanned import unplanned
from soundness.oracle.world import World

STORIES, UNPLANNED = 8, 293
ODD = (
    "fresh fix push clone deploy run-fresh unnamed",
    "fix push build-recipe deploy run",
    "fix push clone deploy mounted run",
    *(
        f"fix push clone deploy {second} {run}"
        for second in (
            "second",
            "installed",
            "second-idle",
            "second-untold",
            "installed-untold",
            "second-strange",
            "installed-strange",
            "idle-untold",
        )
        for run in ("run", "run-named", "run-crash", "run later push clone deploy run")
    ),
)


@cache
def rows() -> tuple[tuple[Row, World, Observations], ...]:
    played = [(row, play(row.script)) for row in TABLE]
    return tuple((row, world, observe(world)) for row, world in played)


@cache
def worlds() -> tuple[tuple[str | None, Link, World, Observations], ...]:
    """400 worlds: stories with their first break (`none` is proved), and others without one."""
    found: list[tuple[str | None, Link, World]] = []
    for seed in range(STORIES):
        found.append(("none", Link.HEALED, healthy(Random(seed))))
        found += [(link, Link.HEALED, story(Random(seed))) for link, story in FAULTS]
    for seed in range(UNPLANNED):
        chance = Random(seed)
        world = unplanned(chance)
        found.append((None, chance.choice([*ORDER, *[Link.HEALED] * 10]), world))
    found += [(None, Link.HEALED, play(script)) for script in ODD]
    return tuple((link, through, world, observe(world)) for link, through, world in found)


def faults() -> Iterator[str]:
    for row, _, seen in rows():
        verdict = judge(seen, DIAGNOSES, row.through)
        yield from (f"{row.name}: {fault}" for fault in against(row, verdict))
        yield from inconsistent(verdict)
    for wanted, through, world, seen in worlds():
        verdict = judge(seen, DIAGNOSES, through)
        if wanted is not None and str(verdict.first_break or "none") != wanted:
            yield f"the first break is {verdict.first_break}, not {wanted}"
        yield from unsound(world, verdict)


def violations() -> list[str]:
    """All that is wrong over the table and the sample."""
    return list(faults())


def noticed() -> bool:
    """Whether anything is wrong at all; a crash is noticed as well."""
    try:
        return next(faults(), None) is not None
    except Exception:  # noqa: BLE001 - whatever a mutant raises, somebody would see it
        return True
