from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.core.model import Link, Outcome, Status
from soundness.oracle.checker import (
    NEEDED,
    ORDER,
    judged,
    misnamed,
    reaches,
    shown,
    statuses,
    unsound,
)
from soundness.oracle.links import equality_seen
from soundness.oracle.probes import STATIONS
from soundness.oracle.stories import FAULTS, healthy
from soundness.oracle.unplanned import unplanned
from soundness.oracle.world import World

CHUNKS, WORLDS, STORIES = 10, 2_100, 150


def any_link(chance: Random) -> Link:
    return chance.choice([*ORDER, *[Link.HEALED] * 10])


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_said_that_is_not_so(chunk: int) -> None:
    for seed in range(chunk * WORLDS, (chunk + 1) * WORLDS):
        chance = Random(seed)
        world = unplanned(chance)
        wrong = unsound(world, judged(world, any_link(chance)))
        assert not wrong, f"seed {seed}: {wrong}\n{shown(world)}"


@settings(max_examples=1_000, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_nothing_is_said_that_is_not_so_and_shrunk(chance: Random) -> None:
    world = unplanned(chance)
    verdict = judged(world, any_link(chance))
    assert unsound(world, verdict) == []


def test_no_diagnosis_says_what_is_not_so() -> None:
    wrong: dict[str, tuple[int, str]] = {}
    for seed in range(4_000):
        world = unplanned(Random(seed))
        for fault in misnamed(world, judged(world)):
            wrong.setdefault(fault.partition(":")[0], (seed, fault))
    assert not wrong


def test_what_a_volume_brings_is_not_by_the_book() -> None:
    for seed in range(STORIES):
        world = healthy(Random(seed))
        world.mounted = True
        verdict = judged(world)
        assert verdict.first_break is Link.RAN
        assert verdict.answers.in_there != "yes"
        # The design: "could anyone rebuild what runs, *now*, from the remote?"
        assert verdict.answers.by_the_book != "yes"


def test_no_fault_is_proved() -> None:
    for seed in range(4 * STORIES):
        world = healthy(Random(seed))
        verdict = judged(world)
        assert verdict.verdict is Outcome.PROVED, f"seed {seed}: {verdict.links}"
        assert verdict.answers.did_it_help == "yes"
        assert verdict.answers.by_the_book == "yes"


@pytest.mark.parametrize(("link", "story"), FAULTS, ids=[s.__name__ for _, s in FAULTS])
def test_one_fault_is_the_first_break(link: str, story: Callable[[Random], World]) -> None:
    for seed in range(STORIES):
        verdict = judged(story(Random(seed)))
        assert verdict.first_break == link, f"seed {seed}: {verdict.links}"


@pytest.mark.parametrize("station", STATIONS)
def test_one_silent_station_is_never_green(station: str) -> None:
    for seed in range(STORIES):
        world = healthy(Random(seed))
        world.silent = frozenset({station})
        for through in ORDER:
            verdict = judged(world, through)
            needed = [link for link in NEEDED[station] if reaches(through, link)]
            stands_in = (
                station != "remote"
                and equality_seen(world)
                and not set(needed) - {Link.SOURCED, Link.BUILT}
            )
            if needed and not stands_in:
                assert verdict.verdict is Outcome.UNPROVED, f"seed {seed}, through {through}"
                assert verdict.first_unseen in needed or station in {"build", "image"}
            green = [link for link in needed if statuses(verdict)[link] is Status.HOLDS]
            assert not green or stands_in, f"seed {seed}: {green}"


def test_the_worlds_are_of_every_kind() -> None:
    verdicts = [judged(unplanned(Random(seed))) for seed in range(1_500)]
    said = {verdict.verdict for verdict in verdicts}
    assert said == set(Outcome)
    for link in ORDER:
        assert {f.status for v in verdicts for f in v.links if f.link is link} >= {
            Status.HOLDS,
            Status.BROKEN,
        }
    for name in ("in_there", "by_the_book", "did_it_help"):
        assert len({getattr(verdict.answers, name) for verdict in verdicts}) == 3
