"""Links 9 and 10: what an execution's entries say, and what a watch says of those after it."""

from __future__ import annotations

from collections.abc import Sequence

from landed.core.model import (
    Absent,
    Status,
    Unseen,
)
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Deployment,
    Execution,
    ExecutionState,
    Logs,
    Observations,
    SeenError,
)
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import ALARMS, beside, decide, whole
from landed.core.words import (
    clock,
    command,
    count,
    short,
)


def older_than_deployment(seen: Observations) -> bool:
    """The newest execution belongs to what was deployed before: it says nothing of the present. A
    revision that takes traffic is the present, unless a newer one is on its way.
    """
    deployment, execution = seen.deployment, seen.execution
    if not isinstance(deployment, Deployment) or not isinstance(execution, Execution):
        return False
    before = deployment.deploying if execution.serves else execution.started_at < deployment.since
    return before and execution.digest != deployment.digest


def named_errors(logs: Logs) -> list[SeenError]:
    """The errors of this execution that the change was meant to stop."""
    return [e for e in logs.errors if e.named]


def _unheard(logs: Logs) -> list[SeenError]:
    """The errors of this execution that no execution without the change is known to have shown."""
    return [e for e in logs.errors if not e.named and not e.before and not e.mixed]


def doubtful_errors(logs: Logs) -> list[SeenError]:
    """Those that an earlier execution showed of which nobody can tell whether it had the change."""
    shown = {e.identity for e in logs.on_unknown if not e.mixed}
    return [e for e in _unheard(logs) if e.identity in shown]


def new_errors(logs: Logs) -> list[SeenError]:
    """The errors of this execution that no execution without the change has shown."""
    doubtful = doubtful_errors(logs)
    return [e for e in _unheard(logs) if e not in doubtful]


def _shown(logs: Logs) -> tuple[Status, str, str] | None:
    """What the gravest of its errors comes to, with a remedy; None where none speaks against it."""
    still, fresh, doubtful = named_errors(logs), new_errors(logs), doubtful_errors(logs)
    if still:
        return Status.BROKEN, f"still shows: {still[0].title}", ""
    if fresh and logs.looked_back:
        return Status.BROKEN, f"shows: {fresh[0].title}", ""
    if fresh:
        because = "no execution without the change tells whether that is new"
        return Status.UNSEEN, f"shows: {fresh[0].title}; {because}", ""
    if doubtful:
        because = "so did an earlier execution, and whether that had the change nobody can tell"
        remedy = "deploy by digest, and keep the images: then earlier executions can be compared"
        return Status.UNSEEN, f"shows: {doubtful[0].title}; {because}", remedy
    return None


def healed(seen: Observations) -> Judged:
    """In that execution's entries: no known error, nothing new broke, the expected work is seen."""
    execution, logs = seen.execution, seen.logs
    if isinstance(execution, Absent):
        return not_yet(execution)
    if isinstance(execution, Unseen):
        return not_seen(execution)
    if older_than_deployment(seen):
        return Judged(
            status=Status.PENDING,
            because="nothing has run since the deployment; older entries prove nothing",
            subject={"execution": execution.id},
            evidence=execution.evidence,
        )
    # Nobody has to run a service; somebody has to ask it. Of a job that had nothing to do, neither
    # the same execution nor another one shows more: it needs something to do.
    execute = seen.commands.execute
    how = execute if execution.serves else f"give it something to do, then: {execute}"
    again = (how,) if execute else ()
    expect = 'in landed.toml, under the deployable: expect = ["words of a normal entry"]'
    if isinstance(logs, Unseen):
        return not_seen(logs, {"execution": execution.id})
    if isinstance(logs, Absent):
        return Judged(
            status=Status.UNSEEN,
            because=f"{execution.called} logged nothing, and silence is not success",
            subject={"execution": execution.id},
            remedy=again,
            evidence=logs.evidence,
        )

    def judged(status: Status, because: str, *notes: str, remedy: Sequence[str] = ()) -> Judged:
        return Judged(
            status=status,
            because=because,
            subject={"execution": execution.id, "entries": logs.entries},
            notes=notes,
            remedy=tuple(one for one in remedy if one),
            evidence=logs.evidence,
        )

    shown = _shown(logs)
    if shown:
        status, error, remedy = shown
        return judged(status, f"{execution.called} {error}", remedy=(remedy,))
    if execution.state is ExecutionState.RUNNING:
        return judged(Status.PENDING, f"{execution.called} is still running")
    mixed = next((e for e in logs.errors if e.mixed and not e.named), None)
    if mixed:
        return judged(
            Status.UNSEEN,
            f"{execution.called} shows a stack whose lines are not surely its own: "
            f"{mixed.title}; nobody can tell which error that is",
            remedy=("log each error as one JSON entry, or each line with its thread",),
        )
    if execution.state is ExecutionState.LOST:
        return judged(Status.UNSEEN, f"{execution.called} never recorded an end")
    if logs.work is None:
        return judged(
            Status.UNSEEN,
            "no error in its entries; what normal work looks like is not configured",
            remedy=(expect,),
        )
    if logs.work == 0:
        none = f"no error in {count(logs.entries, 'entry', 'entries')}"
        why = "no sign of the expected work either" if logs.asked else "nobody has asked it yet"
        other = () if execution.serves else (f"or say what its work reads like, {expect}",)
        return judged(Status.UNSEEN, f"{none}, and {why}", remedy=(*again, *other))
    known = [f"known before, and still there: {e.title}" for e in logs.errors]
    return judged(
        Status.HOLDS,
        f"the expected work is seen ({count(logs.work, 'entry', 'entries')}), and no error it "
        "should stop",
        *known,
    )


def held(seen: Observations) -> Judged:
    """It stayed so through the watch, at every checkpoint."""
    record = seen.watch
    if isinstance(record, Unseen):
        return not_seen(record)
    if isinstance(record, Absent):
        return Judged(status=Status.UNSEEN, because=record.reason, evidence=record.evidence)
    watch = record.watch

    if not watch.checkpoints:
        return Judged(status=Status.UNSEEN, because="the watch has no checkpoint")
    moment = seen.observed_at
    decisions = decide(watch, moment)
    decision, over = whole(decisions), watch.over(moment)
    looked = sum(map(bool, map(watch.looked, range(len(watch.checkpoints)))))

    away = sum(checkpoint.away for checkpoint in watch.checkpoints)

    def judged(status: Status, because: str, *, remedy: str = "") -> Judged:
        return Judged(
            status=status,
            because=because,
            remedy=(remedy,) if remedy else (),
            subject={
                "opened": clock(watch.opened_at),
                "before": [short(digest) for digest in watch.baseline.digests],
                "fixes": [short(fix.commit) for fix in watch.baseline.fixes],
                "looked": f"{looked} of {count(len(watch.checkpoints), 'checkpoint')}",
            },
            notes=beside(decision, decisions[-1]),
            evidence=record.evidence,
        )

    if decision.call in ALARMS:
        return judged(Status.BROKEN, decision.because)
    if not over:
        until = clock(watch.checkpoints[-1].due_at)
        return judged(Status.PENDING, f"the watch goes on until {until}; {decision.because}")
    if decision.call is Call.INCONCLUSIVE:
        return judged(Status.UNSEEN, decision.because)
    if away:
        return judged(
            Status.UNSEEN,
            f"at {away} of {count(len(watch.checkpoints), 'checkpoint')} something else was "
            f"deployed, and how it would have been, nobody saw; else {decision.because}",
            remedy=command("landed", "watch", seen.environment, "--start"),
        )
    return judged(Status.HOLDS, decision.because)
