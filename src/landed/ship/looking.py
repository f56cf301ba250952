"""A look of a watch: what ran since the look before it, and whether it still is what is watched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from landed.core.model import NamedError, Unseen
from landed.core.seen import Deployment, Execution, ExecutionState, SeenError
from landed.core.watch import Watched
from landed.logs.scan import scan
from landed.ship.hands import Bench
from landed.ship.watch import Kept, Look

MOST = 500
"""How many executions a look reads at most: it is bounded, whatever ran."""
BEFORE = 50
"""How many executions without the change a baseline reads at most."""
_ENDED = (ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.SERVING)


def look(kept: Kept, number: int, bench: Bench, moment: datetime) -> Look:
    """What a checkpoint sees. What could not be read is said, and is no clean look."""
    opened = kept.opened
    known = {ran.execution for one in kept.looks for ran in one.executions}
    looked = Look(watch=opened.id, number=number, due_at=opened.due_at(number), looked_at=moment)
    workload = bench.target.workload
    if workload is None:
        return structs.replace(looked, unseen="the settings name nothing that runs there any more")
    deployment = bench.cloud.deployment(workload)
    if isinstance(deployment, Unseen):
        return structs.replace(looked, unseen=deployment.reason)
    elsewhere = ""
    if not isinstance(deployment, Deployment) or deployment.digest != opened.digest:
        found = deployment.digest if isinstance(deployment, Deployment) else None
        elsewhere = found or "nothing"
    executions = bench.cloud.executions(workload)
    if isinstance(executions, Unseen):
        return structs.replace(looked, unseen=executions.reason, elsewhere=elsewhere)
    since = [
        one
        for one in executions
        if one.digest == opened.digest
        and one.started_at >= opened.opened_at
        and one.id not in known
        and one.state in _ENDED
    ]
    rans, titles, unseen = _read(since[:MOST], bench, opened.named)
    pairs = tuple(titles.items())
    return structs.replace(
        looked, executions=rans, titles=pairs, unseen=unseen, elsewhere=elsewhere
    )


def baseline(digest: str, bench: Bench, named: Sequence[NamedError]) -> tuple[Watched, ...]:
    """The newest executions of anything else than this digest: what is compared with."""
    workload = bench.target.workload
    executions = bench.cloud.executions(workload) if workload else ()
    if isinstance(executions, Unseen):
        return ()
    others = [one for one in executions if one.digest != digest and one.state in _ENDED]
    rans, _, _ = _read(others[:BEFORE], bench, named)
    return rans


def _read(
    executions: Sequence[Execution], bench: Bench, named: Sequence[NamedError]
) -> tuple[tuple[Watched, ...], dict[str, str], str]:
    """What these executions showed, the words of their errors, and why one could not be read."""
    workload = bench.target.workload
    rans: list[Watched] = []
    titles: dict[str, str] = {}
    for one in reversed(executions):
        lines = bench.cloud.entries(workload, one.id) if workload else ()
        if isinstance(lines, Unseen):
            return tuple(rans), titles, f"{one.id}: {lines.reason}"
        expect = bench.project.settings.expect
        shown = scan(one.id, lines, {}, expect=expect, named=named)
        if not shown.work and not shown.errors:
            # Silence is not a clean run, and no broken one either: it does not count.
            continue
        titles.update({error.identity: error.title for error in shown.errors})
        rans.append(_ran(one, shown.errors))
    return tuple(rans), titles, ""


def _ran(execution: Execution, errors: Sequence[SeenError]) -> Watched:
    return Watched(
        execution=execution.id,
        digest=execution.digest or "",
        started_at=execution.started_at,
        named=tuple(dict.fromkeys(error.named for error in errors if error.named)),
        errors=tuple(error.identity for error in errors if not error.named),
    )
