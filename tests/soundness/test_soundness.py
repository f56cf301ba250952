from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.core.model import (
    Outcome,
)
from landed.core.seen import (
    BuildState,
    ExecutionState,
)
from soundness.checks import (
    against_table,
    at_points,
    judged,
    random_service,
    random_world,
    unsound,
)
from soundness.points import by_the_book, hidden_by_a_volume, without_effect
from soundness.truth_table import HEALTHY, OLD, TABLE, History
from soundness.world import Built, Ran, World

CHUNKS, CASES = 8, 2_600


def test_the_table_has_thirty_histories_of_which_ten_raise_no_alarm() -> None:
    assert len(TABLE) >= 30
    assert sum(history.verdict != "broken" for history in TABLE) >= 10


@pytest.mark.parametrize("history", TABLE, ids=lambda history: history.name)
def test_the_judge_says_what_the_table_says(history: History) -> None:
    assert against_table(history) == [], history.because


def test_the_rules_say_at_single_points_what_they_should() -> None:
    assert at_points() + without_effect() + by_the_book() + hidden_by_a_volume() == []


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_world_is_judged_against_its_truth(chunk: int) -> None:
    """8 times 2,600 worlds: more than 20,000 in all, the same ones every time."""
    chance = random.Random(chunk)
    for _ in range(CASES):
        world = random_world(chance)
        assert unsound(world, judged(world)) == [], world


def test_no_service_is_judged_against_its_truth_and_many_are_proved() -> None:
    chance = random.Random(4)
    proved = broken = 0
    for _ in range(2_500):
        world = random_service(chance)
        verdict = judged(world)
        assert unsound(world, verdict) == [], world
        proved += verdict.verdict is Outcome.PROVED
        broken += verdict.verdict is Outcome.BROKEN
    assert proved > 250
    assert broken > 250


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.integers(min_value=0))
def test_a_small_counterexample_would_be_found(seed: int) -> None:
    world = random_world(random.Random(seed))
    assert unsound(world, judged(world)) == []


SINGLE_FAULTS: dict[str, World] = {
    "pushed": HEALTHY.but(pushed=False, builds=(OLD,)),
    "sourced": HEALTHY.but(builds=(OLD,)),
    "built": HEALTHY.but(builds=(OLD, Built(pushes=False)), tag=0, deployed=0, ran=Ran(build=0)),
    "packed": HEALTHY.but(builds=(OLD, Built(equal=False))),
    "published": HEALTHY.but(tag=0, deployed=0, pinned=False, ran=Ran(build=0)),
    "deployed": HEALTHY.but(deployed=0, ran=Ran(build=0)),
    "ran": HEALTHY.but(ran=Ran(state=ExecutionState.FAILED)),
    "healed": HEALTHY.but(ran=Ran(named=True)),
}


@pytest.mark.parametrize("link", SINGLE_FAULTS)
def test_a_visible_break_is_placed_at_its_link_and_breaks_no_other(link: str) -> None:
    verdict = judged(SINGLE_FAULTS[link])
    assert verdict.first_break == link
    broken = [f.link for f in verdict.links if f.status == "broken"]
    assert broken == [link]


@pytest.mark.parametrize("station", ["work tree", "remote", "builds", "source", "image", "registry",
                                     "deployment", "execution", "running", "logs"])  # fmt: skip
def test_one_silent_station_is_enough_to_prove_nothing(station: str) -> None:
    verdict = judged(HEALTHY.but(silent=frozenset({station})))
    assert verdict.verdict is Outcome.UNPROVED
    assert verdict.first_unseen is not None


def test_builds_that_never_ended_prove_nothing() -> None:
    for state in (BuildState.LOST, BuildState.FAILED, BuildState.RUNNING):
        world = HEALTHY.but(builds=(Built(state=state),))
        assert judged(world).verdict is not Outcome.PROVED
