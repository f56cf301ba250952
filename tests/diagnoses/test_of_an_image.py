"""Diagnoses of what an image holds, from recorded observations."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from landed.core.judge import judge
from landed.core.model import Finding, Link
from landed.core.rules import RULES
from landed.core.seen import (
    Build,
    Claim,
    Difference,
    DifferenceKind,
    Image,
    Misfit,
    MisfitKind,
    Observations,
    OldLayer,
    OtherCopy,
    OutputProof,
    StaleOutput,
)
from landed.diagnoses import DIAGNOSES
from soundness.truth_table import HEALTHY
from soundness.world import COMMIT, OTHER, observe

OLD = OldLayer(copy="COPY app /app", commit=OTHER, files=4, differ=("app/job.py",))
CHANGED = Difference(path="app/job.py", kind=DifferenceKind.CHANGED, has_it=OTHER)


def packed(**changes: Any) -> Observations:
    """A healthy release, but for some facts of the image."""
    seen = observe(HEALTHY)
    assert isinstance(seen.forward.image, Image)
    return replace(
        seen, forward=replace(seen.forward, image=replace(seen.forward.image, **changes))
    )


def found(seen: Observations) -> Finding:
    return next(f for f in judge(seen, DIAGNOSES).links if f.link is Link.PACKED)


def ruled_out(seen: Observations) -> dict[str, str]:
    return {out.diagnosis: out.because for out in found(seen).ruled_out}


def began(seen: Observations) -> Any:
    assert isinstance(seen.forward.build, Build)
    return seen.forward.build.started_at


def test_a_kept_layer() -> None:
    seen = packed(differences=(CHANGED,), old_layers=(OLD,))
    said = found(seen)
    assert (said.status, said.diagnosis, said.also) == ("broken", "layer-cache", ())
    assert "`COPY app /app`" in said.because
    assert "uncommitted-change" in ruled_out(seen)
    before = replace(OLD, made_at=began(seen) - timedelta(days=1))
    said = found(packed(differences=(CHANGED,), old_layers=(before,)))
    assert (said.diagnosis, "(made 2025-11-03" in said.because) == ("layer-cache", True)


@pytest.mark.parametrize(
    ("other", "because"),
    [
        ({"also_in": "legacy"}, "`legacy`"),
        ({"apart": 1}, "another layer"),
        ({"files": 1, "made_by": "RUN sed -i s/a/b/ job.py", "by_run": True}, "RUN sed"),
        ({"made_at": began(observe(HEALTHY))}, "in this build"),
    ],
    ids=["other folder", "other layer", "a RUN", "made now"],
)
def test_what_explains_old_files_without_a_kept_layer(other: dict[str, Any], because: str) -> None:
    seen = packed(differences=(CHANGED,), old_layers=(replace(OLD, **other),))
    assert found(seen).diagnosis == "uncommitted-change"
    assert because in ruled_out(seen)["layer-cache"]


def test_a_single_file_that_a_copy_brought() -> None:
    seen = packed(differences=(CHANGED,), old_layers=(replace(OLD, files=1),))
    assert found(seen).diagnosis == "layer-cache"


def test_another_file_was_changed_beside_it() -> None:
    by_hand = Difference(path="lib/x.py", kind=DifferenceKind.NEVER_COMMITTED)
    changed = Difference(path="lib/y.py", kind=DifferenceKind.CHANGED)
    said = found(packed(differences=(CHANGED, by_hand, changed), old_layers=(OLD,)))
    assert said.diagnosis == "layer-cache"
    assert said.also == ("untracked-file", "uncommitted-change")


def test_a_claim_of_the_built_commit_is_true_and_another_is_not() -> None:
    for named, fits in ((COMMIT[:12], False), (OTHER, True)):
        claim = Claim(where="label revision", commit=named, true=False)
        seen = packed(differences=(CHANGED,), old_layers=(OLD,), claims=(claim,), against=COMMIT)
        assert found(seen).diagnosis == "layer-cache"
        assert ("claimed-commit" in found(seen).also) is fits


def test_without_an_old_layer_nothing_of_it_is_said() -> None:
    assert found(packed()).status == "holds"
    assert "layer-cache" in ruled_out(packed(differences=(CHANGED,)))


OTHER_INSTALLED = Misfit(
    name="schools",
    kind=MisfitKind.OTHER_INSTALLED,
    file="requirements.txt",
    wanted="==2.0.0",
    lock="requirements.txt",
    found="1.4.0",
    where="site/schools-1.4.0.dist-info/METADATA",
)
OTHER_LOCKED = replace(
    OTHER_INSTALLED, kind=MisfitKind.OTHER_LOCKED, file="web/pyproject.toml", lock="web/uv.lock"
)


def test_another_version_is_installed() -> None:
    seen = packed(misfits=(OTHER_INSTALLED, replace(OTHER_INSTALLED, name="books", found="1")))
    said = found(seen)
    assert (said.status, said.diagnosis) == ("broken", "lockfile-stale")
    assert "schools==2.0.0, and 1.4.0 is installed" in said.because
    assert "1 other package" in said.because
    assert "--no-cache" in said.remedy[0]


def test_a_lock_that_is_behind() -> None:
    for one in (OTHER_LOCKED, replace(OTHER_LOCKED, where="", changed=True)):
        said = found(packed(misfits=(one,)))
        assert (said.status, said.diagnosis) == ("broken", "lockfile-stale")
        assert said.remedy[0] == "uv lock --directory web"
        assert said.remedy[1] == "git add -- web/uv.lock"


def test_an_old_lock_where_nobody_sees_what_is_installed_breaks_nothing() -> None:
    said = found(packed(misfits=(replace(OTHER_LOCKED, where=""),)))
    assert (said.status, said.diagnosis, said.also) == ("holds", None, ("lockfile-stale",))


def test_a_kept_layer_goes_before_the_packages_in_it() -> None:
    said = found(packed(differences=(CHANGED,), old_layers=(OLD,), misfits=(OTHER_INSTALLED,)))
    assert (said.diagnosis, said.also) == ("layer-cache", ("lockfile-stale",))
    assert "lockfile-stale" in ruled_out(packed(differences=(CHANGED,)))


BY_MAP = StaleOutput(
    path="app/dist/app.js",
    output="app/dist/app.js",
    source="src/school.ts",
    proof=OutputProof.MAP,
    last=OTHER,
)


@pytest.mark.parametrize("proof", [OutputProof.MAP, OutputProof.TEXT])
def test_an_output_was_not_made_again(proof: OutputProof) -> None:
    said = found(packed(outputs=(replace(BY_MAP, proof=proof),)))
    assert (said.status, said.diagnosis) == ("broken", "stale-output")
    assert "src/school.ts" in said.because
    started = replace(BY_MAP, copied=True, started=True)
    assert found(packed(outputs=(started,))).diagnosis == "stale-output"


@pytest.mark.parametrize(
    "other",
    [{"proof": OutputProof.HISTORY, "together": 9}, {"made_here": True}, {"copied": True}],
    ids=["by history alone", "the image makes its own", "its source lies there too"],
)
def test_an_output_that_may_not_be_what_runs_breaks_nothing(other: dict[str, Any]) -> None:
    said = found(packed(outputs=(replace(BY_MAP, **other),)))
    assert (said.status, said.diagnosis, said.also) == ("holds", None, ("stale-output",))


def test_what_differs_from_the_source_goes_first() -> None:
    seen = packed(differences=(CHANGED,), outputs=(BY_MAP,), misfits=(OTHER_INSTALLED,))
    said = found(seen)
    assert said.diagnosis == "uncommitted-change"
    assert said.also == ("stale-output", "lockfile-stale")
    assert "stale-output" in ruled_out(packed(differences=(CHANGED,)))


INSTALLED = OtherCopy(
    path="site/app/job.py",
    place="app/job.py",
    package="site/app",
    own="app",
    lacks=True,
    installed=True,
    ran=True,
)
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("layer-cache", {"differences": (CHANGED,), "old_layers": (OLD,)}),
    ("package-not-reinstalled", {"copies": (INSTALLED,)}),
    ("claimed-commit", {"claims": (Claim(where="label revision", commit=OTHER, true=False),)}),
    ("stale-output", {"outputs": (BY_MAP,)}),
    ("lockfile-stale", {"misfits": (OTHER_INSTALLED,)}),
)


@pytest.mark.parametrize(("first", "second"), list(combinations(FAULTS, 2)))
def test_of_two_faults_the_one_is_named_that_the_rule_speaks_of(
    first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]
) -> None:
    rule, (name, one), (other, more) = RULES[Link.PACKED], first, second
    seen = packed(**one, **more)
    assert (found(seen).diagnosis, found(seen).also) == (name, (other,))
    assert rule(seen).because == rule(packed(**one)).because != rule(packed(**more)).because
