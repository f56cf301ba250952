"""What a look of a watch over a job takes, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landed.config import DeployableSettings
from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.core.seen import Deployment, Execution, ExecutionState
from landed.ship.ahead import Ahead
from landed.ship.looking import look
from landed.ship.watch import Kept, Opened
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
        target=Target(environment="dev", workload=Workload(kind=WorkloadKind.JOB, name="worker")),
        cloud=SimpleNamespace(
            deployment=lambda _: deployment,
            executions=lambda _: [execution],
            entries=lambda *_: [line],
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


@pytest.mark.parametrize(("minutes", "unseen"), [(30, False), (-30, True)])
def test_where_something_else_is_deployed_silence_is_no_look(minutes: int, *, unseen: bool) -> None:
    execution = ran(OPENED + timedelta(minutes=minutes))
    found = look(KEPT, 1, bench(execution, "sha256:other"), OPENED + HOUR)
    assert found.elsewhere == "sha256:other"
    assert ("not deployed any more" in found.unseen) is unseen
