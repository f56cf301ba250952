"""What an execution logged, beside what was logged before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from landed.core.clock import now
from landed.core.model import Absent, Evidence, NamedError, Station, Strength, Unseen
from landed.core.probe import Cloud, LogLine, Workload
from landed.core.seen import Execution, Logs
from landed.core.words import filled
from landed.logs.scan import scan
from landed.trace.project import Project

LOOK_BACK = 20
"""How many earlier executions are read to know what was there before."""


def look(
    project: Project,
    cloud: Cloud,
    workload: Workload,
    execution: Execution,
    executions: Sequence[Execution],
    has_change: Callable[[Execution], bool | None],
    named: tuple[NamedError, ...],
) -> Logs | Absent | Unseen:
    """An execution's entries, beside those of earlier ones: without the change, with it, and where
    nobody can tell.
    """
    entries = cloud.entries(workload, execution.id)
    if isinstance(entries, Unseen):
        return entries
    if not entries:
        return Absent(reason=f"execution {execution.id} logged nothing")
    earlier: dict[str, Sequence[LogLine]] = {}
    alike: dict[str, Sequence[LogLine]] = {}
    unknown: dict[str, Sequence[LogLine]] = {}
    # Twice as many: those with the change stand among them.
    for other in executions[: LOOK_BACK * 2]:
        if len(earlier) >= LOOK_BACK or other.started_at >= execution.started_at:
            continue
        has = has_change(other)
        kept = unknown if has is None else alike if has else earlier
        lines = cloud.entries(workload, other.id)
        if not isinstance(lines, Unseen):
            kept[other.id] = lines
    found = scan(
        execution.id,
        entries,
        earlier,
        expect=project.settings.expect,
        named=named,
        alike=alike,
        asked_only=project.works_when_asked(workload),
        unknown=unknown,
    )
    see = filled(cloud.commands(workload).logs, execution=execution.id)
    return replace(found, evidence=(_evidence(execution, entries, found, see),))


def _evidence(execution: Execution, entries: Sequence[LogLine], found: Logs, see: str) -> Evidence:
    facts = {
        "execution": execution.id,
        "digest": execution.digest,
        "entries": len(entries),
        "first": entries[0].timestamp,
        "last": entries[-1].timestamp,
        "errors": [[e.identity, e.title, e.count, e.before] for e in found.errors],
        "gone": [[e.identity, e.title] for e in found.earlier],
        "compared_with": found.looked_back,
    }
    return Evidence(
        station=Station.LOGS,
        strength=Strength.RECORDED,
        facts=facts,
        see=see,
        observed_at=now(),
    )
