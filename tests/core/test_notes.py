"""What is said beside a status, and of a change that is none of a deployable's business."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from landed.cli.trace import _nothing_to_prove
from landed.core.judge import judge
from landed.core.model import Effect, Finding, Link, Outcome, Status, Verdict
from landed.core.seen import Build, Deployment, Observations, Serving
from landed.diagnoses import DIAGNOSES
from landed.render.text import headline
from soundness.truth_table import HEALTHY
from soundness.world import observe

SEEN = observe(HEALTHY)
BECAUSE = "it touches what other deployables are built from, and nothing of api"


def published(seen: Observations) -> Finding:
    return next(f for f in judge(seen, DIAGNOSES).links if f.link is Link.PUBLISHED)


def built() -> Build:
    build = SEEN.forward.build
    assert isinstance(build, Build)
    return build


def deployed(*, pinned: bool) -> Observations:
    deployment = SEEN.deployment
    assert isinstance(deployment, Deployment)
    digest = built().pushed[0]
    changed = replace(
        deployment,
        image="shop/front:latest",
        digest=digest,
        pinned=pinned,
        serving=(Serving(revision="front-1", digest=digest, percent=100),),
    )
    return replace(SEEN, deployment=changed)


def test_a_service_that_was_deployed_by_a_tag_does_not_name_a_digest() -> None:
    said = published(deployed(pinned=False))
    assert said.status is Status.HOLDS
    assert "names" not in said.because
    assert "whatever shop/front:latest is now" in said.because
    assert "itself" in published(deployed(pinned=True)).because


def test_a_later_build_of_the_same_commit_is_mentioned() -> None:
    later = replace(
        built(),
        id="b9",
        names=("shop/other:1",),
        started_at=built().started_at + timedelta(minutes=5),
    )
    assert published(SEEN).notes == ()
    for seen in (SEEN, deployed(pinned=True)):
        [note] = published(replace(seen, newer=(later,))).notes
        assert note == "build b9 built the same commit later, and pushed it as shop/other:1"


def beside(outcome: Outcome) -> Verdict:
    verdict = judge(SEEN, DIAGNOSES)
    change = replace(verdict.change, effect=Effect.NONE, effect_because=BECAUSE, beside=True)
    link = Link.RAN if outcome is Outcome.UNPROVED else None
    broken = Link.RAN if outcome is Outcome.BROKEN else None
    return replace(verdict, change=change, verdict=outcome, first_unseen=link, first_break=broken)


def test_a_change_beside_a_deployable_has_nothing_to_prove_there() -> None:
    seen = beside(Outcome.UNPROVED)
    first = headline(seen, width=200, paint=lambda text, _: text)
    assert first == f"– nothing to prove here: {BECAUSE}"
    assert _nothing_to_prove(seen)


def test_what_is_broken_there_counts_all_the_same() -> None:
    seen = beside(Outcome.BROKEN)
    assert headline(seen, width=200, paint=lambda text, _: text).startswith("✗ broken at ran")
    assert not _nothing_to_prove(seen)
    assert not _nothing_to_prove(judge(SEEN, DIAGNOSES))
