"""A service has no execution that ends. What is waited for is that the new revision takes the
traffic, or that it is decided that it does not.
"""

from __future__ import annotations

import time

from landed.core.model import Absent, Frozen, Status, Unseen
from landed.core.probe import LogLine
from landed.core.redact import redact
from landed.core.seen import Deployment, Execution, ExecutionState
from landed.core.words import filled, short
from landed.ship.hands import Bench
from landed.ship.steps.found import workload_of
from landed.trace.members import Members
from landed.trace.rollout import Rollout

SETTLE_SECONDS = 10.0
"""How long a revision that is ready may go without traffic until that is no passing moment."""
_LAST = 20


class Stand(Frozen):
    """What came of the wait. `said` are the last lines of the log of one that does not serve."""

    status: Status
    because: str
    revision: str = ""
    said: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()


def settled(bench: Bench, digest: str, seconds: float) -> Stand:
    """Waits, for `seconds` at most, until the newest revision on `digest` takes all the traffic,
    failed, or is ready and gets none.
    """
    workload = workload_of(bench)
    records = bench.cloud.builds()
    members = Members(bench.cloud, [] if isinstance(records, Unseen) else records)
    commands = bench.cloud.commands(workload)
    begun, ready_since, wait = time.monotonic(), 0.0, 0.05
    while True:
        # Before the look: one that takes long shows what was when it began.
        at = time.monotonic()
        bench = bench.again()
        deployment = bench.cloud.deployment(workload)
        rollout = Rollout(bench.cloud, bench.target, commands, deployment, members)
        deployed, revisions = rollout.deployment, rollout.executions
        if isinstance(deployed, Unseen):
            return _unseen(deployed)
        if isinstance(revisions, Unseen):
            return _unseen(revisions)
        if isinstance(deployed, Absent):
            return Stand(
                status=Status.UNSEEN, because=deployed.reason, remedy=_some(deployed.remedy)
            )
        mine = next((one for one in revisions if one.digest == digest), None)
        if mine and _serves(deployed, mine):
            return Stand(
                status=Status.HOLDS,
                because=f"revision {mine.id} is ready, and takes all the traffic",
                revision=mine.id,
            )
        if mine and mine.state in (ExecutionState.FAILED, ExecutionState.LOST):
            return _failed(bench, deployed, mine)
        # A revision is ready a moment before it gets its traffic.
        ready = mine is not None and mine.state is not ExecutionState.RUNNING
        since = ready_since or time.monotonic()
        ready_since = since if ready and not deployed.deploying else 0.0
        if mine and ready_since and at - ready_since >= SETTLE_SECONDS:
            return Stand(
                status=Status.BROKEN,
                because=f"revision {mine.id} is ready, and {_elsewhere(deployed, digest)}",
                revision=mine.id,
                remedy=(commands.route,),
            )
        if at - begun >= seconds:
            who = f"revision {mine.id}" if mine else f"a revision on {short(digest)}"
            return Stand(
                status=Status.UNSEEN,
                because=f"{who} is still not ready after {seconds:g} s",
                revision=mine.id if mine else "",
                remedy=("or raise execution_seconds under [ship]",),
            )
        time.sleep(wait)
        wait = min(wait * 1.5, 5.0)


def _serves(deployed: Deployment, mine: Execution) -> bool:
    """Whether a revision is ready, and nothing takes traffic that is on another digest."""
    on = [one.digest for one in deployed.serving]
    listed = mine.id in {one.revision for one in deployed.serving}
    return listed and set(on) == {mine.digest} and mine.state is ExecutionState.SERVING


def _failed(bench: Bench, deployed: Deployment, mine: Execution) -> Stand:
    """A revision that does not serve, with the end of its own log."""
    why = f": {deployed.not_ready}" if deployed.not_ready and deployed.latest == mine.id else ""
    said = _said(bench, mine.id)
    last = f"; its log ends: {said[-1]}" if said else ""
    commands = bench.cloud.commands(workload_of(bench))
    return Stand(
        status=Status.BROKEN,
        because=f"revision {mine.id} does not serve{why}{last}",
        revision=mine.id,
        said=said,
        remedy=(filled(commands.logs, execution=mine.id),),
    )


def _said(bench: Bench, revision: str) -> tuple[str, ...]:
    """The last lines of a revision's own log, without secrets; none where it cannot be read."""
    found = bench.cloud.entries(workload_of(bench), revision)
    own: list[LogLine] = [] if isinstance(found, Unseen) else [e for e in found if not e.asked]
    lines = [line for entry in own[-_LAST:] for line in redact(entry.text).splitlines()]
    return tuple(line for line in lines if line.strip())[-_LAST:]


def _elsewhere(deployed: Deployment, digest: str) -> str:
    """Where the traffic goes instead."""
    others = [one for one in deployed.serving if one.digest != digest]
    shares = ", ".join(f"{one.percent} % of the traffic goes to {one.revision}" for one in others)
    return shares or "nobody gives it any traffic"


def _unseen(why: Unseen) -> Stand:
    return Stand(status=Status.UNSEEN, because=why.reason, remedy=_some(why.hint))


def _some(words: str) -> tuple[str, ...]:
    return (words,) if words else ()
