"""What a look of a watch over a job takes, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landed.config import DeployableSettings
from landed.core.model import Absent
from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.core.seen import Execution, ExecutionState
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


@pytest.mark.parametrize(("number", "ago", "seen"), [(1, 4, 0), (1, 6, 1), (2, 4, 1)])
def test_an_execution_counts_once_and_not_before_its_entries_are_there(
    number: int, ago: int, seen: int
) -> None:
    moment = OPENED + number * HOUR
    ended = moment - timedelta(minutes=ago)
    execution = Execution(
        id="e",
        digest="sha256:one",
        started_at=ended - timedelta(minutes=1),
        finished_at=ended,
        state=ExecutionState.SUCCEEDED,
    )
    line = LogLine(timestamp=ended, severity="DEFAULT", text="work done", execution="e")
    cloud = SimpleNamespace(
        deployment=lambda _: Absent(reason="nobody asks"),
        executions=lambda _: [execution],
        entries=lambda *_: [line],
    )
    settings = DeployableSettings(expect=("work done",))
    workload = Workload(kind=WorkloadKind.JOB, name="worker")
    bench = SimpleNamespace(
        project=Project(cast("Any", None), "worker", settings),
        target=Target(environment="dev", workload=workload),
        cloud=cloud,
        ahead=Ahead(),
    )
    assert len(look(KEPT, number, cast("Any", bench), moment).executions) == seen
