"""The code is there, and the database's schema is not."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.rules.logs import named_errors, new_errors, older_than_deployment
from landed.core.seen import (
    Bridge,
    GapKind,
    Logs,
    Migration,
    Observations,
    Running,
    Schema,
)
from landed.core.words import listed, printable, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """An error that has to be gone says that the database lacks what the commits bring."""
    logs, running = seen.logs, seen.running
    if not isinstance(logs, Logs) or not isinstance(running, Running):
        return None
    if older_than_deployment(seen):
        return None
    schema = logs.schema
    asked = [e.gap for e in (*named_errors(logs), *new_errors(logs)) if e.gap]
    if not asked or schema is None:
        return Excluded(because="no error says that the database lacks anything")
    bridges = [one for one in schema.bridges if one.gap in asked]
    ahead = next((one.gap for one in bridges if one.gap.kind is GapKind.AHEAD), None)
    if ahead:
        return Excluded(
            because=f"the database had {ahead.called}, which the code does not know: the code is "
            "the older one"
        )
    if schema.went_back:
        return Excluded(
            because=f"{short(schema.until)} ran, which is older than {short(schema.since or '')} "
            "before it: the database may be the newer one"
        )
    if running.presence.arrived is not True:
        return Excluded(because=f"not proved to be in what ran: {running.because}")
    return _of_commits(seen, schema, bridges)


def _of_commits(seen: Observations, schema: Schema, bridges: list[Bridge]) -> Fits | Excluded:
    """What the commits say, the surest first."""
    for one in bridges:
        if one.closed_by:
            return Fits(
                because=f"the code is there, and the database lacks {one.gap.called}: "
                f"{listed([step.path for step in one.closed_by])} brings it, and was not run there",
                remedy=(*_run(one.closed_by, seen.environment), *_again(seen)),
                evidence=schema.evidence,
            )
    opened = next((one for one in bridges if one.opened_by), None)
    if opened:
        return Excluded(
            because=f"{listed(opened.opened_by)} took {opened.gap.called} away, or is gone itself: "
            "the database is not the older one"
        )
    behind = next((one for one in bridges if one.gap.kind is GapKind.BEHIND), None)
    if behind:
        return Fits(
            because="the code is there, and the migration tool itself says that the database is "
            "behind it; no commit that is new there has a migration",
            remedy=(f"run all migrations on the database of {seen.environment}", *_again(seen)),
            evidence=schema.evidence,
        )
    declared = next((one for one in bridges if one.declared_in), None)
    if declared:
        return Fits(
            because=f"the database lacks {declared.gap.called}: {listed(declared.declared_in)} "
            "declares it, and no migration of these commits brings it",
            remedy=("write the migration, commit it, and run it before the code", *_again(seen)),
            evidence=schema.evidence,
        )
    reach = f"from {short(schema.since)} on " if schema.since else ""
    return Fits(
        because=f"the database lacks {bridges[0].gap.called}, and no commit {reach}names it: an "
        "older migration, another database or a slip in a query, nobody can tell",
        cause=False,
        evidence=schema.evidence,
    )


def _run(steps: tuple[Migration, ...], environment: str) -> tuple[str, ...]:
    """The usual commands of the tools, each with the files that it runs."""
    found = dict.fromkeys((step.run, step.tool) for step in steps)
    lines = []
    for run, tool in found:
        paths = listed([printable(step.path) for step in steps if step.tool == tool])
        sentence = f"run {paths} on the database of {environment}"
        lines.append(f"{run}  # on the database of {environment}: {paths}" if run else sentence)
    return tuple(lines)


def _again(seen: Observations) -> tuple[str, ...]:
    return (seen.commands.execute,) if seen.commands.execute else ()


DIAGNOSIS = Diagnosis(
    id="migration-missing",
    title="The migration was not run",
    links=(Link.HEALED,),
    recognise=recognise,
)
