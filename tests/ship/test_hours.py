"""A watch over a service counts the hours of its revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from landed.config import DeployableSettings
from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.core.seen import Execution, ExecutionState
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide, whole
from landed.core.watch import Baseline, Checkpoint, Fix, Watch, Watched
from landed.ship.looking import EVER, _hours
from landed.trace.project import Project
from landed.trace.target import Target

BEGIN = datetime(2026, 1, 1, 10, tzinfo=UTC)
REVISION = Execution(
    id="revision",
    digest="sha256:one",
    started_at=BEGIN,
    finished_at=None,
    state=ExecutionState.SERVING,
)


def line(minute: float, text: str = "work done", **more: Any) -> LogLine:
    at = BEGIN + timedelta(minutes=minute)
    told = {"severity": "DEFAULT", **more}
    return LogLine(timestamp=at, text=text, execution="revision", **told)


def hours(*lines: LogLine, since: datetime = EVER, unasked: bool = False) -> list[Watched]:
    settings = DeployableSettings(expect=("work done",), unasked=unasked)
    workload = Workload(kind=WorkloadKind.SERVICE, name="front")
    bench = SimpleNamespace(
        project=Project(cast("Any", None), "front", settings),
        target=Target(environment="dev", workload=workload),
        workload=workload,
    )
    return [ran for ran, _ in _hours(REVISION, lines, cast("Any", bench), (), since)]


def shown(rans: Sequence[Watched]) -> list[tuple[int, int, int]]:
    return [(ran.started_at.hour, ran.times, len(ran.errors)) for ran in rans]


def test_an_hour_counts_once_with_how_much_was_done_in_it() -> None:
    asked = line(1, "", asked=True)
    error = line(130, "ValueError: no such lesson", severity="ERROR")
    found = hours(line(0), asked, line(2), line(3), line(59), line(61), error)
    assert shown(found) == [(10, 3, 0), (11, 1, 0), (12, 1, 1)]


def test_a_quiet_hour_and_a_start_are_no_hours_of_work() -> None:
    assert shown(hours(line(0), line(61), line(120, "idle"))) == []
    assert shown(hours(line(0), line(61), unasked=True)) == [(10, 1, 0), (11, 1, 0)]


def test_what_was_before_the_watch_is_left_out_but_who_asked_then_is_not() -> None:
    found = hours(line(1, "", asked=True), line(2), line(30), since=BEGIN + timedelta(minutes=10))
    assert shown(found) == [(10, 1, 0)]


def watch(before: Sequence[int], after: Sequence[int], *, hit: int = 0) -> Watch:
    """So many entries in each hour before and after; the first `hit` hours show the error."""
    opened = BEGIN + timedelta(hours=len(before))
    rans = [
        Watched(
            execution="old" if number < len(before) else "new",
            digest="sha256:one",
            started_at=BEGIN + timedelta(hours=number),
            named=("the error",) if number < hit else (),
            times=times,
        )
        for number, times in enumerate([*before, *after])
    ]
    due = opened + timedelta(hours=len(after))
    return Watch(
        opened_at=opened,
        baseline=Baseline(
            executions=tuple(rans[: len(before)]),
            fixes=(Fix(commit="c", subject="s", errors=("the error",)),),
        ),
        checkpoints=(Checkpoint(due_at=due, looked_at=due),),
        executions=tuple(rans[len(before) :]),
        hourly=True,
    )


def judged(of: Watch) -> tuple[Call, str]:
    decision = whole(decide(of, of.checkpoints[-1].due_at))
    return decision.call, decision.because


def test_an_error_that_every_hour_had_is_gone_after_enough_hours_alike() -> None:
    call, because = judged(watch([9] * 8, [10] * 8, hit=8))
    assert call is Call.HELD, because
    assert "in 0 of 8 hours since, in 8 of 8 before" in because


def test_a_new_error_is_new_in_a_revision_that_served_before_too() -> None:
    found = watch([9] * 40, [10] * 8)
    every = [replace(one, execution="back", errors=("new",)) for one in found.executions]
    past = [replace(one, execution="back") for one in found.baseline.executions]
    before = replace(found.baseline, executions=tuple(past), fixes=())
    call, because = judged(replace(found, executions=tuple(every), baseline=before))
    assert (call, "in 8 of 8 hours since" in because) == (Call.WORSE, True), because


def test_hours_with_another_load_are_not_compared() -> None:
    call, because = judged(watch([100] * 8, [10] * 8, hit=8))
    assert (call, "these hours are not alike" in because) == (Call.INCONCLUSIVE, True), because
