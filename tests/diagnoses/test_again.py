"""The command that builds again: the trigger's own, where a trigger built it."""

from __future__ import annotations

from msgspec.structs import replace

from landed.core.seen import Build, Commands, Observations
from landed.diagnoses.again import build_again
from soundness.truth_table import HEALTHY
from soundness.world import observe

COMMANDS = Commands(again="run {trigger} at {ref}", again_commit="run {trigger} at {commit}")


def built_by(trigger: str, commands: Commands = COMMANDS) -> Observations:
    seen = observe(HEALTHY)
    build = seen.forward.build
    assert isinstance(build, Build)
    forward = replace(seen.forward, build=replace(build, trigger=trigger))
    return replace(seen, forward=forward, commands=commands)


def test_a_trigger_builds_what_it_built() -> None:
    seen = built_by("triggers/abc")
    assert build_again(seen) == "run triggers/abc at main"
    assert build_again(seen, commit="a" * 40) == f"run triggers/abc at {'a' * 40}"


def test_where_there_is_none_a_person_builds() -> None:
    assert build_again(built_by("")).startswith("build ")
    assert build_again(built_by("triggers/abc", Commands())).startswith("build ")
