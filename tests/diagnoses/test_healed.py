"""What stands behind an error at `healed`, from recorded observations."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from landed.core.judge import judge
from landed.core.model import (
    Absent,
    Finding,
    Link,
    Presence,
    Status,
)
from landed.core.seen import (
    Bridge,
    Elsewhere,
    Execution,
    Gap,
    GapKind,
    Logs,
    Migration,
    Observations,
    Running,
    Schema,
    SeenError,
    Switch,
    Variable,
)
from landed.diagnoses import DIAGNOSES
from soundness.truth_table import HEALTHY
from soundness.world import Ran, at, observe

STILL = HEALTHY.but(ran=Ran(named=True))
GAP = Gap(kind=GapKind.COLUMN, name="level", table="lessons")
STEP = Migration(path="db/2.sql", tool="SQL")
NEW = Switch(name="NEW", path="app/job.py", taken=("1",), unset=False, wants="1")


def found(seen: Observations) -> Finding:
    """The link, without the old entries that these worlds have in any case."""
    said = next(f for f in judge(seen, DIAGNOSES).links if f.link is Link.HEALED)
    return replace(
        said,
        also=tuple(name for name in said.also if name != "old-entries"),
        notes=tuple(note for note in said.notes if "from before the deployment" not in note),
    )


def excluded(seen: Observations) -> dict[str, str]:
    return {out.diagnosis: out.because for out in found(seen).ruled_out}


def lacking(bridge: Bridge, **schema: Any) -> Observations:
    """The named error says that the database lacks something."""
    seen = observe(STILL)
    assert isinstance(seen.logs, Logs)
    errors = tuple(replace(error, gap=bridge.gap) for error in seen.logs.errors)
    said = Schema(**{"until": "b" * 40, "since": "a" * 40, "bridges": (bridge,), **schema})
    return replace(seen, logs=replace(seen.logs, errors=errors, schema=said))


def test_a_migration_that_would_close_the_gap() -> None:
    said = found(lacking(Bridge(gap=GAP, closed_by=(STEP,), opened_by=("db/1.sql",))))
    assert (said.status, said.diagnosis) == (Status.BROKEN, "migration-missing")
    assert said.also == ("fix-ineffective",)
    assert "run db/2.sql on the database of dev" in said.remedy


BEHIND, AHEAD = Gap(kind=GapKind.BEHIND), Gap(kind=GapKind.AHEAD, name="b2")


def test_a_tool_that_says_itself_that_migrations_are_pending() -> None:
    assert found(lacking(Bridge(gap=BEHIND))).diagnosis == "migration-missing"
    assert found(lacking(Bridge(gap=BEHIND, closed_by=(STEP,)))).diagnosis == "migration-missing"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (lacking(Bridge(gap=AHEAD, closed_by=(STEP,))), "the code is the older one"),
        (lacking(Bridge(gap=GAP, closed_by=(STEP,)), went_back=True), "which is older than"),
        (lacking(Bridge(gap=GAP, opened_by=("db/3.sql",))), "is not the older one"),
        (observe(STILL), "no error says that the database lacks anything"),
    ],
    ids=["ahead", "rolled back", "taken away", "another error"],
)
def test_a_database_that_is_not_behind(seen: Observations, why: str) -> None:
    assert found(seen).diagnosis == "fix-ineffective"
    assert why in excluded(seen)["migration-missing"]


def test_what_nobody_can_tell_is_a_note_and_no_cause() -> None:
    said = found(lacking(Bridge(gap=GAP)))
    assert (said.diagnosis, said.also) == ("fix-ineffective", ("migration-missing",))
    assert "nobody can tell" in said.notes[-1]


def test_an_error_from_before_is_nobodys_migration() -> None:
    seen = observe(HEALTHY.but(ran=Ran(noise=True)))
    assert isinstance(seen.logs, Logs)
    errors = tuple(replace(error, gap=GAP) for error in seen.logs.errors)
    schema = Schema(until="b" * 40, bridges=(Bridge(gap=GAP, closed_by=(STEP,)),))
    said = found(replace(seen, logs=replace(seen.logs, errors=errors, schema=schema)))
    assert (said.status, said.diagnosis, said.also) == (Status.HOLDS, None, ())


def switched(
    sets: tuple[Variable, ...] | None = (),
    image: tuple[Variable, ...] | None = (),
    switch: Switch = NEW,
    presence: Presence = Presence.PRESENT,
) -> Observations:
    """The named error is still there, and the change asks a variable."""
    seen = observe(STILL)
    assert isinstance(seen.execution, Execution)
    assert isinstance(seen.running, Running)
    return replace(
        seen,
        execution=replace(seen.execution, variables=sets),
        running=replace(seen.running, variables=image, presence=presence),
        switches=(switch,),
    )


OFF, ON = Variable(name="NEW", word="0"), Variable(name="NEW", word="1")


@pytest.mark.parametrize(
    "seen",
    [
        switched(),
        switched((OFF,)),
        switched((OFF,), (ON,)),
        switched((), (OFF,)),
        switched((OFF,), None),
    ],
    ids=["unset", "set off", "off over the image's on", "by the image", "whatever a file says"],
)
def test_a_switch_that_is_seen_to_be_off(seen: Observations) -> None:
    said = found(seen)
    assert (said.status, said.diagnosis) == (Status.BROKEN, "switched-off")
    assert said.also == ("fix-ineffective",)
    assert "NEW=1" in said.remedy[0]


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (switched((ON,)), "NEW is on"),
        (switched((ON,), (OFF,)), "NEW is on"),
        (switched((Variable(name="NEW"),)), "what landed does not look at"),
        (switched(None), "does not show its variables"),
        (switched((), None), "a file .env of the image may set it"),
        (switched(switch=replace(NEW, unset=True)), "on where nothing sets it"),
        (switched(switch=replace(NEW, unset=None)), "cannot be told"),
        (switched(switch=replace(NEW, set_by=("run.sh",))), "run.sh may set it"),
        (switched(presence=Presence.SUPERSEDED), "not proved to be in what ran as it is"),
    ],
    ids=["on", "on over the image's off", "a secret", "not seen", "a file", "on by itself",
         "a default", "a script", "rewritten later"],
)  # fmt: skip
def test_a_switch_that_is_not_seen_to_be_off(seen: Observations, why: str) -> None:
    assert found(seen).diagnosis == "fix-ineffective"
    assert why in excluded(seen)["switched-off"]


def beside(seen: Observations, minute: int = 400) -> Observations:
    """Another environment shows the named error."""
    error = SeenError(
        family="f", identity="School", title="School", count=1, first_at=at(minute),
        last_at=at(minute), executions=("x",), named="School",
    )  # fmt: skip
    other = Elsewhere(owner="job worker of project shop-live", error=error)
    return replace(seen, elsewhere=(other,))


@pytest.mark.parametrize(
    "world",
    [
        HEALTHY,
        STILL,
        HEALTHY.but(ran=Ran(fresh=True)),
        HEALTHY.but(ran=Ran(work=0)),
        HEALTHY.but(ran=None),
        HEALTHY.but(ran=Ran(build=0, after=False)),
        HEALTHY.but(silent=frozenset({"logs"})),
        HEALTHY.but(silent=frozenset({"deployment"})),
    ],
    ids=["healthy", "ineffective", "new", "idle", "never ran", "old", "log", "deployment"],
)
def test_anothers_error_never_changes_a_verdict(world: Any) -> None:
    alone, both = judge(observe(world), DIAGNOSES), judge(beside(observe(world)), DIAGNOSES)
    assert [f.status for f in both.links] == [f.status for f in alone.links]
    assert (both.verdict, both.answers) == (alone.verdict, alone.answers)


def test_anothers_error_is_said_and_only_explains_a_link_that_waits() -> None:
    healthy = found(beside(observe(HEALTHY)))
    assert (healthy.status, healthy.diagnosis) == (Status.HOLDS, None)
    assert healthy.also == ("other-environments-error",)
    assert "job worker of project shop-live" in healthy.notes[-1]
    waits = found(beside(observe(HEALTHY.but(ran=None))))
    assert (waits.status, waits.diagnosis) == (Status.PENDING, "other-environments-error")
    ill = beside(observe(STILL))
    assert found(ill).diagnosis == "fix-ineffective"
    assert "e1 shows the error itself" in excluded(ill)["other-environments-error"]


def test_anothers_error_from_before_the_deployment_is_not_worth_a_word() -> None:
    said = found(beside(observe(HEALTHY), minute=100))
    assert (said.also, said.notes) == ((), ())
    assert isinstance(beside(observe(HEALTHY.but(ran=None)), 100).execution, Absent)
    assert found(beside(observe(HEALTHY.but(ran=None)), minute=100)).diagnosis is None
