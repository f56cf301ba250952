"""A look of a watch: what ran since the look before it, and whether it still is what is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from landed.core.model import NamedError, Unseen
from landed.core.probe import LogLine, WorkloadKind
from landed.core.seen import Deployment, Execution, ExecutionState, SeenError
from landed.core.statistics.units import HOUR, hour_of
from landed.core.watch import Watched
from landed.core.words import clock, count
from landed.logs.entries import since_asked
from landed.logs.scan import scan
from landed.logs.whole import whole
from landed.ship.hands import Bench
from landed.ship.watch import Kept, Look

MOST = 10_000
"""How many executions a look reads at most: it is bounded, whatever ran. So many, with ten lines
each, take a second and 1.2 MB in the ledger.
"""
_MOST_HOURS = 1_000
BEFORE = 50
"""How many executions or revisions without the change a baseline reads at most."""
LATE = timedelta(minutes=5)
"""How long entries may be on their way. What is counted once is not counted before they are there;
the last look takes what there is.
"""
_ENDED = (ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.SERVING)
SILENT = "failed-silently"
"""What an execution is known by that failed and logged no error."""
EVER = datetime.min.replace(tzinfo=UTC)
Ran = tuple[Watched, Sequence[SeenError]]
How = Callable[[Execution, Sequence[LogLine], Bench, Sequence[NamedError], datetime], list[Ran]]


def look(kept: Kept, number: int, bench: Bench, moment: datetime) -> Look:
    """What a checkpoint sees. What could not be read is said, and is no clean look."""
    opened = kept.opened
    looked = Look(watch=opened.id, number=number, due_at=opened.due_at(number), looked_at=moment)
    deployment = bench.cloud.deployment(bench.workload)
    if isinstance(deployment, Unseen):
        return structs.replace(looked, unseen=deployment.reason)
    there = deployment if isinstance(deployment, Deployment) else None
    on = _on(there)
    others = [digest for digest in on if digest != opened.digest]
    elsewhere = (others[0] or "nothing") if others else ""
    executions = bench.cloud.executions(bench.workload)
    if isinstance(executions, Unseen):
        return structs.replace(looked, unseen=executions.reason, elsewhere=elsewhere)
    mine = [one for one in executions if one.digest == opened.digest]
    new = _new_hours if opened.hourly else _new_executions
    found, unseen = new(kept, mine, bench, moment, last=number == opened.checkpoints)
    if not opened.hourly:
        unseen = unseen or _gone(kept, executions, bench.cloud.keeps(bench.workload))
    if not found and opened.digest not in on:
        # Its silence says nothing of what runs there now.
        unseen = unseen or "what is watched is not deployed any more"
    return structs.replace(
        looked,
        executions=tuple(ran for ran, _ in found),
        titles=tuple({error.identity: error.title for _, es in found for error in es}.items()),
        unseen=unseen,
        elsewhere=elsewhere,
    )


def _new_hours(
    kept: Kept, revisions: Sequence[Execution], bench: Bench, moment: datetime, *, last: bool
) -> tuple[list[Ran], str]:
    opened, known = kept.opened, _known(kept)
    every, unseen = _read(revisions[:BEFORE], _hours, bench, opened.named, opened.opened_at)
    # An hour is read once, so not before it is over.
    begun = moment if last else moment - HOUR - LATE
    found = [one for one in every if key(one[0]) not in known and one[0].started_at <= begun]
    return found[:_MOST_HOURS], unseen


def _new_executions(
    kept: Kept, executions: Sequence[Execution], bench: Bench, moment: datetime, *, last: bool
) -> tuple[list[Ran], str]:
    opened, known = kept.opened, _known(kept)
    since = [
        one
        for one in executions
        if one.started_at >= opened.opened_at
        and (one.id, one.started_at) not in known
        and (last or one.finished_at is None or one.finished_at <= moment - LATE)
    ]
    # The oldest first: what is left over, the next look reads.
    every, unseen = _read(since[-MOST:], _whole, bench, opened.named, opened.opened_at)
    # One that goes on is counted once as well: by then it may show what matters more.
    running = {one.id for one in since if one.state is ExecutionState.RUNNING}
    found = [(ran, es) for ran, es in every if last or ran.named or ran.execution not in running]
    left = len(since) - MOST
    if left > 0 and not unseen:
        unseen = (
            f"{count(left, 'execution')} more than the {MOST:,} that a look reads: "
            "look more often, by checkpoint_hours"
        )
    return found, unseen


def _gone(kept: Kept, executions: Sequence[Execution], keeps: int | None) -> str:
    """What a place has deleted before anybody looked; empty where nothing can be missing. It keeps
    the newest: so all that began after the oldest one are there. One that was not over at the look
    before may have begun earlier, by as long as one of them takes.
    """
    if keeps is None or len(executions) < keeps:
        return ""
    before = max([kept.opened.opened_at, *(look.looked_at for look in kept.looks)])
    took = (one.finished_at - one.started_at for one in executions if one.finished_at)
    oldest = min(one.started_at for one in executions)
    if oldest <= before - LATE - max(took, default=timedelta()):
        return ""
    return (
        f"the place keeps {keeps:,} executions, and the oldest began at {clock(oldest)}: what ran "
        "between the look before and that is gone; look more often, by checkpoint_hours"
    )


def _known(kept: Kept) -> set[tuple[str, datetime]]:
    """What the looks before this one counted."""
    return {key(ran) for look in kept.looks for ran in look.executions}


def _on(deployment: Deployment | None) -> list[str | None]:
    """The digests that take the work: of a service those of all that serves."""
    if deployment is None:
        return [None]
    if deployment.kind == WorkloadKind.SERVICE:
        return [one.digest for one in deployment.serving] or [None]
    return [deployment.digest]


def baseline(digest: str, bench: Bench, named: Sequence[NamedError]) -> tuple[Watched, ...]:
    """The newest executions of anything else than this digest: what is compared with. Of a service
    their hours.
    """
    executions = bench.cloud.executions(bench.workload)
    if isinstance(executions, Unseen):
        return ()
    others = [one for one in executions if one.digest != digest and one.state in _ENDED]
    how = _hours if is_service(bench) else _whole
    found, _ = _read(others[:BEFORE], how, bench, named, EVER)
    return tuple(ran for ran, _ in found[-_MOST_HOURS:])


def is_service(bench: Bench) -> bool:
    """Whether what takes the work is a service: then hours are counted."""
    return bench.workload.kind is WorkloadKind.SERVICE


def key(ran: Watched) -> tuple[str, datetime]:
    """What one is known by: a revision has many hours."""
    return ran.execution, ran.started_at


def _read(
    executions: Sequence[Execution],
    how: How,
    bench: Bench,
    named: Sequence[NamedError],
    since: datetime,
) -> tuple[list[Ran], str]:
    """What these executions showed, oldest first, and why one could not be read."""
    found: list[Ran] = []
    work = bench.project.settings.expect
    about = (bench.target.environment, bench.project.name, tuple(named), work)
    for one in reversed(executions):
        ran: list[Ran] | None = bench.ahead.ran(one, about)
        if ran is None:
            lines = bench.cloud.entries(bench.workload, one.id)
            if isinstance(lines, Unseen):
                return found, f"{one.id}: {lines.reason}"
            ran = how(one, lines, bench, named, since)
            bench.ahead.keep(one, about, ran)
        found += ran
    return found, ""


def _whole(
    one: Execution,
    lines: Sequence[LogLine],
    bench: Bench,
    named: Sequence[NamedError],
    _since: datetime,
) -> list[Ran]:
    """An execution. Silence is not a clean run, and no broken one either: it does not count, unless
    the place says that it failed. One that has not ended, or whose end nobody recorded, is no clean
    one yet, and what it shows by now it will not take back.
    """
    shown = scan(one.id, lines, {}, expect=bench.project.settings.expect, named=named)
    errors = shown.errors
    if one.state is ExecutionState.FAILED and not errors:
        errors = (_failed(one),)
    if not errors and (not shown.work or one.state not in _ENDED):
        return []
    return [(_ran(one, one.started_at, errors, 1), errors)]


def _failed(one: Execution) -> SeenError:
    """What stands in no log: it was killed, or had no more memory."""
    at = one.finished_at or one.started_at
    return SeenError(
        family=SILENT,
        identity=SILENT,
        title="it failed, and logged no error",
        count=1,
        first_at=at,
        last_at=at,
        executions=(one.id,),
    )


def _hours(
    one: Execution,
    lines: Sequence[LogLine],
    bench: Bench,
    named: Sequence[NamedError],
    since: datetime,
) -> list[Ran]:
    """The hours of a revision, by the clock, in which it showed work or an error."""
    expect = bench.project.settings.expect
    asked = bench.project.works_when_asked(bench.workload)
    working = _by_hour(since_asked(lines) if asked else lines, since)
    found: list[Ran] = []
    for hour, inside in _by_hour(whole(lines), since).items():
        errors = scan(one.id, inside, {}, expect=expect, named=named).errors
        work = scan(one.id, working.get(hour, ()), {}, expect=expect, named=named).work or 0
        if work or errors:
            times = work + sum(error.count for error in errors)
            found.append((_ran(one, hour, errors, times), errors))
    return found


def _by_hour(lines: Iterable[LogLine], since: datetime) -> dict[datetime, list[LogLine]]:
    found: dict[datetime, list[LogLine]] = {}
    for line in lines:
        if line.timestamp >= since:
            found.setdefault(hour_of(line.timestamp), []).append(line)
    return found


def _ran(
    execution: Execution, started_at: datetime, errors: Sequence[SeenError], times: int
) -> Watched:
    return Watched(
        execution=execution.id,
        digest=execution.digest or "",
        started_at=started_at,
        named=tuple(dict.fromkeys(error.named for error in errors if error.named)),
        errors=tuple(error.identity for error in errors if not error.named),
        times=times,
    )
