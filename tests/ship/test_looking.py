"""What a look of a watch over a job takes, and when; and what a watch compares with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from landed.config import DeployableSettings, ShipSettings
from landed.core.model import NamedError
from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.core.seen import Commands, Deployment, Execution, ExecutionState
from landed.core.watch import Watched
from landed.ledger.store import Ledger
from landed.ship import looking, records
from landed.ship.ahead import Ahead
from landed.ship.looking import SILENT, look
from landed.ship.watch import Kept, Look, Opened
from landed.ship.watching import open_watch
from landed.trace.project import Project
from landed.trace.target import Target

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEPT = Kept(
    opened=Opened(
        id="watch",
        deployable="worker",
        environment="dev",
        commit="c",
        subject="s",
        digest="sha256:one",
        fixes=(),
        named=(),
        opened_at=OPENED,
        every=HOUR,
        checkpoints=2,
    )
)


WORKER = Workload(kind=WorkloadKind.JOB, name="worker")


def bench(execution: Execution, deployed: str) -> Any:
    """A job whose `deployed` digest is there, with one execution that did its work."""
    assert execution.finished_at
    line = LogLine(
        timestamp=execution.finished_at, severity="DEFAULT", text="work done", execution="e"
    )
    deployment = Deployment(
        kind="job", name="worker", image="worker", digest=deployed, pinned=True, since=OPENED
    )
    return SimpleNamespace(
        project=Project(cast("Any", None), "worker", DeployableSettings(expect=("work done",))),
        target=Target(environment="dev", workload=WORKER),
        workload=WORKER,
        cloud=SimpleNamespace(
            deployment=lambda _: deployment,
            executions=lambda _: [execution],
            entries=lambda *_: [line],
            keeps=lambda _: None,
        ),
        ahead=Ahead(),
    )


def ran(ended: datetime) -> Execution:
    return Execution(
        id="e",
        digest=KEPT.opened.digest,
        started_at=ended - timedelta(minutes=1),
        finished_at=ended,
        state=ExecutionState.SUCCEEDED,
    )


@pytest.mark.parametrize(("number", "ago", "seen"), [(1, 4, 0), (1, 6, 1), (2, 4, 1)])
def test_an_execution_counts_once_and_not_before_its_entries_are_there(
    number: int, ago: int, seen: int
) -> None:
    moment = OPENED + number * HOUR
    execution = ran(moment - timedelta(minutes=ago))
    found = look(KEPT, number, bench(execution, KEPT.opened.digest), moment)
    assert (len(found.executions), found.unseen) == (seen, "")


def test_what_a_look_leaves_over_is_said_and_read_by_the_next(monkeypatch: Any) -> None:
    monkeypatch.setattr(looking, "MOST", 2)
    rans = [replace(ran(OPENED + n * HOUR / 10), id=f"e{n}") for n in (3, 2, 1)]
    here = bench(rans[0], KEPT.opened.digest)
    here.cloud.executions = lambda _: rans
    first = look(KEPT, 1, here, OPENED + HOUR)
    assert [one.execution for one in first.executions] == ["e1", "e2"]
    assert "1 execution more than the 2 that a look reads" in first.unseen
    second = look(replace(KEPT, looks=(first,)), 2, here, OPENED + 2 * HOUR)
    assert ([one.execution for one in second.executions], second.unseen) == (["e3"], "")


def busy(seconds: float, hours: float) -> list[Execution]:
    """The executions of a job that is run every so many seconds, the newest first."""
    began = [OPENED + timedelta(seconds=n * seconds) for n in range(int(hours * 3600 / seconds))]
    return [replace(ran(at + timedelta(minutes=1)), id=f"e{n}") for n, at in enumerate(began)][::-1]


def test_a_busy_job_has_clean_looks_and_all_its_executions_are_counted() -> None:
    kept = replace(KEPT, opened=replace(KEPT.opened, every=4 * HOUR))
    rans = busy(3, 4.0)
    here = bench(rans[0], KEPT.opened.digest)
    here.cloud.executions = lambda _: rans
    first = look(kept, 1, here, OPENED + 4 * HOUR)
    assert first.unseen == ""
    # Those of the last minutes are counted by the next look.
    assert 4_600 < len(first.executions) < len(rans) == 4_800
    second = look(replace(kept, looks=(first,)), 2, here, OPENED + 8 * HOUR)
    assert len(first.executions) + len(second.executions) == len(rans)


@pytest.mark.parametrize(
    ("seconds", "clean"),
    [
        # All since the opening are there, though it has been run more often than is kept before.
        (30, True),
        # They reach back to the look before, with room for the one that took longest.
        (12, True),
        (5, False),
    ],
)
def test_what_a_place_deleted_before_anybody_looked_makes_a_look_unclean(
    seconds: float, *, clean: bool
) -> None:
    looked = replace(KEPT, opened=replace(KEPT.opened, every=4 * HOUR))
    before = Look(watch=KEPT.opened.id, number=1, due_at=OPENED + HOUR, looked_at=OPENED + HOUR)
    moment = OPENED + 4 * HOUR
    rans = busy(seconds, 4.0)[:1000]
    here = bench(rans[0], KEPT.opened.digest)
    here.cloud.executions = lambda _: rans
    here.cloud.keeps = lambda _: 1000
    found = look(replace(looked, looks=(before,)), 2, here, moment)
    assert (found.unseen == "") == clean, found.unseen
    assert clean or "keeps 1,000 executions" in found.unseen


@pytest.mark.parametrize("expect", ["work done", "other words"])
def test_an_execution_that_failed_and_logged_no_error_is_no_clean_one(expect: str) -> None:
    execution = replace(ran(OPENED + HOUR / 2), state=ExecutionState.FAILED)
    here = bench(execution, KEPT.opened.digest)
    here.project = Project(cast("Any", None), "worker", DeployableSettings(expect=(expect,)))
    found = look(KEPT, 1, here, OPENED + HOUR)
    assert [one.errors for one in found.executions] == [(SILENT,)]
    assert dict(found.titles) == {SILENT: "it failed, and logged no error"}


@pytest.mark.parametrize(("minutes", "unseen"), [(30, False), (-30, True)])
def test_where_something_else_is_deployed_silence_is_no_look(minutes: int, *, unseen: bool) -> None:
    execution = ran(OPENED + timedelta(minutes=minutes))
    found = look(KEPT, 1, bench(execution, "sha256:other"), OPENED + HOUR)
    assert found.elsewhere == "sha256:other"
    assert ("not deployed any more" in found.unseen) is unseen


def test_what_is_watched_is_not_compared_with_itself(tmp_path: Path) -> None:
    # Somebody went back to what ran before the watch that goes on.
    past = Watched(execution="old", digest="sha256:old", started_at=OPENED - HOUR)
    other = Watched(execution="older", digest="sha256:older", started_at=OPENED - 2 * HOUR)
    about = SimpleNamespace(subject="s", trailers={})
    here = SimpleNamespace(
        project=Project(cast("Any", None), "worker", DeployableSettings()),
        target=Target(environment="dev", workload=WORKER),
        workload=WORKER,
        cloud=SimpleNamespace(commands=lambda _: Commands(), executions=lambda _: []),
        repository=SimpleNamespace(is_ancestor=lambda *_: False),
        ahead=SimpleNamespace(commit=lambda *_: about),
    )
    with Ledger(tmp_path / "ledger.db") as ledger:
        hands = cast(
            "Any", SimpleNamespace(ledger=ledger, now=lambda: OPENED, settings=ShipSettings())
        )
        records.open_watch(ledger, replace(KEPT.opened, baseline=(other, past)))
        again = open_watch("again", "c", "sha256:old", cast("Any", here), hands)
    assert again.baseline == (other,)


@pytest.mark.parametrize(
    ("state", "number", "counts"),
    [
        (ExecutionState.RUNNING, 1, False),
        (ExecutionState.RUNNING, 2, True),
        (ExecutionState.LOST, 1, True),
    ],
)
def test_what_has_not_ended_counts_once_it_shows_an_error(
    state: ExecutionState, number: int, *, counts: bool
) -> None:
    """One that hangs, or works for days, never is one that has ended."""
    there = bench(ran(OPENED + HOUR / 2), KEPT.opened.digest)
    running = replace(ran(OPENED + HOUR / 2), state=state, finished_at=None)
    there.cloud.executions = lambda _: [running]
    moment = OPENED + number * HOUR
    assert look(KEPT, number, there, moment).executions == ()
    (line,) = there.cloud.entries()
    shut = replace(line, text="the bank is shut", severity="ERROR")
    there.cloud.entries = lambda *_: [line, shut]
    found = look(KEPT, number, there, moment).executions
    assert [len(one.errors) for one in found] == [1] * counts
    # The error that should be gone counts at once.
    named = (NamedError(name="shut", contains="is shut"),)
    fixed = replace(KEPT, opened=replace(KEPT.opened, named=named))
    assert [one.named for one in look(fixed, number, there, moment).executions] == [("shut",)]
