"""Diagnoses that need more than the local cloud can show, from recorded observations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from landed.core.judge import judge
from landed.core.model import (
    Absent,
    Finding,
    Link,
    Unseen,
)
from landed.core.seen import (
    Build,
    Deployment,
    Earlier,
    Execution,
    Made,
    Observations,
    Registry,
    TriggerSeen,
)
from landed.diagnoses import DIAGNOSES
from landed.diagnoses.again import build_again
from soundness.truth_table import HEALTHY, OLD, SERVES
from soundness.world import Built, Ran, World, at, digest, observe

NOT_BUILT = HEALTHY.but(builds=(OLD,), ran=Ran(build=0), deployed=0, tag=0)
NEVER_BUILT = HEALTHY.but(builds=(), ran=None, deployed=None, tag=None)


def found(seen: Observations, link: Link) -> Finding:
    return next(f for f in judge(seen, DIAGNOSES).links if f.link is link)


def named(seen: Observations, link: Link) -> str | None:
    return found(seen, link).diagnosis


def ruled_out(seen: Observations, link: Link) -> set[str]:
    return {out.diagnosis for out in found(seen, link).ruled_out}


def with_triggers(world: World, *triggers: TriggerSeen) -> Observations:
    return replace(observe(world), triggers=triggers)


def trigger(**changes: Any) -> TriggerSeen:
    return TriggerSeen(**{"name": "on-push", "watches": True, "passes": True, **changes})


def test_a_trigger_that_never_fired() -> None:
    seen = with_triggers(NOT_BUILT, trigger())
    said = found(seen, Link.SOURCED)
    assert (said.status, said.diagnosis) == ("broken", "trigger-silent")
    assert "trigger on-push watches main" in said.because
    assert {"trigger-disabled", "path-filter-skipped"} <= ruled_out(seen, Link.SOURCED)


def test_a_trigger_that_never_fired_and_nothing_was_ever_built() -> None:
    seen = with_triggers(NEVER_BUILT, trigger())
    assert (found(seen, Link.BUILT).status, named(seen, Link.BUILT)) == (
        "pending",
        "trigger-silent",
    )


@pytest.mark.parametrize("tag", ["", "commit-"], ids=["by hand", "shipped"])
def test_a_tag_that_is_a_commits_id_is_not_given_to_another_commit(tag: str) -> None:
    seen = observe(NOT_BUILT)
    build, deployment = seen.forward.build, seen.deployment
    assert isinstance(build, Build)
    assert isinstance(deployment, Deployment)
    build = replace(build, names=(f"worker:{tag}a1b2c3d4e5f6",))
    seen = replace(
        seen,
        forward=replace(seen.forward, build=build),
        deployment=replace(deployment, pinned=True),
    )
    assert f"worker:{tag}{seen.change.commit}" in build_again(seen).split()


def test_a_filter_that_nobody_could_read_is_no_excuse() -> None:
    assert named(with_triggers(NOT_BUILT, trigger(passes=None)), Link.SOURCED) == "trigger-silent"


def test_a_path_filter_left_the_change_out() -> None:
    out = trigger(passes=False, filters="what is in services/**")
    seen = with_triggers(NOT_BUILT, out)
    assert named(seen, Link.SOURCED) == "path-filter-skipped"
    assert "services/**" in found(seen, Link.SOURCED).because
    seen = with_triggers(NOT_BUILT, out, trigger(name="other"))
    assert named(seen, Link.SOURCED) == "trigger-silent"
    assert "path-filter-skipped" in ruled_out(seen, Link.SOURCED)


def test_a_trigger_that_is_turned_off() -> None:
    seen = with_triggers(NOT_BUILT, trigger(disabled=True, enable="gcloud …"))
    said = found(seen, Link.SOURCED)
    assert said.diagnosis == "trigger-disabled"
    assert said.remedy[0] == "gcloud …"


@pytest.mark.parametrize(
    "seen",
    [
        with_triggers(NOT_BUILT, trigger(watches=False)),
        with_triggers(NOT_BUILT, trigger(watches=None)),
        with_triggers(NOT_BUILT),
        replace(observe(NOT_BUILT), triggers=Unseen(reason="no permission")),
        with_triggers(HEALTHY.but(builds=(OLD, Built(upload=True, dirty=True))), trigger()),
        with_triggers(NOT_BUILT.but(pushed=False), trigger()),
        with_triggers(NOT_BUILT.but(silent=frozenset({"source"})), trigger()),
    ],
    ids=["other ref", "unknown ref", "none", "unseen", "dirt", "not pushed", "source unseen"],
)
def test_no_trigger_is_blamed_for_what_it_did_not_do(seen: Observations) -> None:
    blamed = {named(seen, link) for link in (Link.SOURCED, Link.BUILT)}
    assert not blamed & {"trigger-silent", "trigger-disabled", "path-filter-skipped"}


def deployment(world: World, **changes: Any) -> Observations:
    seen = observe(world)
    assert isinstance(seen.deployment, Deployment)
    return replace(seen, deployment=replace(seen.deployment, **changes))


def test_another_actor_put_an_old_image_back() -> None:
    was = Earlier(digest=digest(1), since=at(150), updated_by="ship@example.org")
    seen = deployment(HEALTHY.but(deployed=0, ran=Ran(build=0)), earlier=(was,), updated_by="tf")
    said = found(seen, Link.DEPLOYED)
    assert said.diagnosis == "spec-overwritten"
    assert "ship@example.org" in said.because
    assert "spec-not-updated" in said.also


@pytest.mark.parametrize("who", ["ship@example.org", ""])
def test_the_same_actor_or_an_unknown_one_overwrote_nothing(who: str) -> None:
    was = Earlier(digest=digest(1), since=at(150), updated_by="ship@example.org")
    seen = deployment(HEALTHY.but(deployed=0, ran=Ran(build=0)), earlier=(was,), updated_by=who)
    assert named(seen, Link.DEPLOYED) == "spec-not-updated"
    assert "spec-overwritten" in ruled_out(seen, Link.DEPLOYED)


def test_the_image_of_another_environment() -> None:
    world = HEALTHY.but(deployed=0, ran=Ran(build=0))
    seen = deployment(world, image="registry.example/live/worker@sha256:00")
    said = found(seen, Link.DEPLOYED)
    assert said.diagnosis == "wrong-environment"
    assert "registry.example/live/worker" in said.because
    assert "wrong-environment" in ruled_out(deployment(world), Link.DEPLOYED)


def test_a_tag_that_moved_under_a_service() -> None:
    world = SERVES.but(deployed=0, ran=Ran(build=0), pinned=False)
    seen = observe(world)
    assert isinstance(seen.registry, Registry)
    moved = replace(seen, registry=replace(seen.registry, moved_at=at(250)))
    said = found(moved, Link.DEPLOYED)
    assert said.diagnosis == "not-restarted"
    assert said.remedy == ("deploy worker:latest",)
    assert "not-restarted" in ruled_out(observe(world.but(pinned=True)), Link.DEPLOYED)


def test_a_volume_over_the_code() -> None:
    seen = observe(HEALTHY)
    assert isinstance(seen.execution, Execution)
    covered = replace(seen.execution, mounts=("/app",), hidden=("app/job.py",))
    seen = replace(seen, execution=covered)
    said = found(seen, Link.RAN)
    assert (said.status, said.diagnosis) == ("broken", "mount-hides-code")
    beside = replace(covered, hidden=(), digest=digest(0), started_at=at(300) + timedelta(hours=1))
    assert "mount-hides-code" in ruled_out(replace(seen, execution=beside), Link.RAN)


def test_success_and_nothing_pushed_unless_a_step_pushes_itself() -> None:
    world = HEALTHY.but(builds=(OLD, Built(pushes=False)), tag=0, deployed=0, ran=Ran(build=0))
    seen = observe(world)
    assert named(seen, Link.BUILT) == "nothing-pushed"
    assert isinstance(seen.forward.build, Build)
    itself = replace(seen.forward.build, pushes_itself=True)
    itself_seen = replace(seen, forward=replace(seen.forward, build=itself))
    assert (found(itself_seen, Link.BUILT).status, named(itself_seen, Link.BUILT)) == (
        "unseen",
        None,
    )


def test_traffic_and_rollback_are_told_apart() -> None:
    pinned = observe(SERVES.but(ran=Ran(build=0)))
    rolled = observe(SERVES.but(ran=Ran(build=0), newest_state="failed"))
    assert named(pinned, Link.DEPLOYED) == "traffic-pinned"
    assert named(rolled, Link.DEPLOYED) == "auto-rollback"
    assert "auto-rollback" in ruled_out(pinned, Link.DEPLOYED)
    assert "traffic-pinned" in ruled_out(rolled, Link.DEPLOYED)
    # Where the newest revision is not of this build, neither explains it.
    old = observe(SERVES.but(ran=Ran(build=0), deployed=0))
    assert named(old, Link.DEPLOYED) == "spec-not-updated"
    assert {"auto-rollback", "never-ready"} <= ruled_out(old, Link.DEPLOYED)


def test_nothing_serves() -> None:
    seen = observe(SERVES.but(ran=None, newest_state="failed"))
    assert named(seen, Link.DEPLOYED) == "never-ready"
    nothing = Absent(reason="nothing was built")
    bare = replace(seen, forward=Made(build=nothing, source=nothing, image=nothing))
    assert named(bare, Link.DEPLOYED) == "never-ready"
