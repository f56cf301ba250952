"""The named errors in entries that are another's: a person sees them, and they prove nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from landed.core.clock import now
from landed.core.model import Evidence, NamedError, Station, Strength, Unseen
from landed.core.probe import Cloud, LogLine, Workload
from landed.core.seen import Elsewhere, SeenError
from landed.logs.expected import Expected
from landed.logs.scan import errors_in
from landed.trace.project import Project


def look(
    project: Project, cloud: Cloud, workload: Workload | None, named: Sequence[NamedError]
) -> tuple[Elsewhere, ...]:
    """Each named error of each owner, the newest first. Without a named error nobody is asked."""
    lines = cloud.elsewhere(workload) if workload and named else ()
    if isinstance(lines, Unseen):
        return ()
    by_owner: dict[str, list[LogLine]] = defaultdict(list)
    for line in lines:
        by_owner[line.owner].append(line)
    see = cloud.commands(workload).anywhere
    normal = Expected(project.settings.expect)
    found = [
        Elsewhere(owner=owner, error=error, evidence=(_evidence(owner, error, see),))
        for owner, theirs in by_owner.items()
        for error in errors_in({owner: theirs}, named, normal)
        if error.named
    ]
    return tuple(sorted(found, key=lambda one: one.error.last_at, reverse=True))


def _evidence(owner: str, error: SeenError, see: str) -> Evidence:
    facts = {
        "owner": owner,
        "error": [error.identity, error.title, error.count],
        "named": error.named,
        "first": error.first_at,
        "last": error.last_at,
    }
    return Evidence(
        station=Station.LOGS,
        strength=Strength.RECORDED,
        facts=facts,
        see=see,
        observed_at=now(),
    )
