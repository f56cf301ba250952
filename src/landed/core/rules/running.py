"""Links 8 to 10: from the deployment to the watch, judged on what ran."""

from __future__ import annotations

from collections.abc import Sequence

from landed.core.model import (
    Absent,
    Evidence,
    Status,
    Unseen,
)
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Copy,
    Deployment,
    Execution,
    ExecutionState,
    Logs,
    Observations,
    Running,
    SeenError,
)
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import ALARMS, beside, decide, whole
from landed.core.words import (
    clock,
    command,
    count,
    filled,
    listed,
    printable,
    repository,
    short,
)


def ran(seen: Observations) -> Judged:
    """An execution started after the deployment, on its digest, and finished."""
    deployment, execution = seen.deployment, seen.execution
    if isinstance(execution, Absent):
        return not_yet(execution)
    if isinstance(execution, Unseen):
        return not_seen(execution)
    subject = {"execution": execution.id, "digest": execution.digest}

    def judged(status: Status, because: str, *, remedy: str = "") -> Judged:
        return Judged(
            status=status,
            because=f"{execution.called} {because}",
            subject=subject,
            notes=execution.remarks,
            remedy=(remedy,) if remedy else (),
            evidence=(*execution.evidence, *_of_copies(seen)),
        )

    if isinstance(deployment, Absent):
        return judged(Status.UNSEEN, "has no deployment to be compared with")
    if isinstance(deployment, Unseen):
        return not_seen(deployment, subject)
    if deployment.digest is None:
        return judged(Status.UNSEEN, "cannot be compared: the deployment's digest is not known")
    if execution.digest is None:
        by_digest = f"{repository(deployment.image)}@{deployment.digest}"
        return judged(
            Status.UNSEEN,
            "did not record the digest that it ran; deploy by digest and run it again",
            remedy=filled(seen.commands.deploy, image=by_digest),
        )
    if execution.serves:
        if execution.id not in {one.revision for one in deployment.serving}:
            return judged(Status.UNSEEN, "serves, and the service does not say so")
    elif execution.started_at < deployment.since:
        return judged(
            Status.PENDING,
            f"began before the deployment of {clock(deployment.since)}; none has begun since",
            remedy=seen.commands.execute,
        )
    elif execution.digest != deployment.digest:
        return judged(
            Status.BROKEN,
            f"ran {short(execution.digest)}, the deployment says {short(deployment.digest)}",
        )
    if other := _other_code(seen, execution):
        return judged(Status.BROKEN, other)
    status, because = _ended(execution, short(execution.digest))
    if status is Status.HOLDS and execution.overridden:
        return judged(
            Status.UNSEEN,
            f"has its own {listed(execution.overridden)}: whether the image's code ran, nobody "
            "could tell",
        )
    if status is Status.HOLDS and (copy := _doubtful_copy(seen)):
        did = "loaded" if copy.ran else "may have loaded"
        return judged(
            Status.UNSEEN,
            f"{did} {copy.called}, not {printable(copy.place)}: whether the change was in what "
            "ran, nobody could tell",
        )
    return judged(status, because)


def _other_code(seen: Observations, execution: Execution) -> str:
    """What it ran in place of the image's own code, empty where nothing is known of that."""
    if execution.foreign_modules:
        return f"loaded code that is not in its image: {listed(execution.foreign_modules)}"
    if execution.hidden:
        return (
            f"has a volume over {listed(execution.mounts)}: what lies there ran, not the image's "
            f"own {listed(execution.hidden)}"
        )
    if copy := another_copy(seen):
        return (
            f"loaded a copy without the change: {copy.called}; the build put that at "
            f"{printable(copy.place)}"
        )
    return ""


def another_copy(seen: Observations) -> Copy | None:
    """A copy without the change that was loaded, and that no installer put there."""
    return next((copy for copy in _chosen(seen) if copy.ran and copy.lacks), None)


def _doubtful_copy(seen: Observations) -> Copy | None:
    """One that may have been loaded, or that was, and nobody could compare it with the change."""
    return next((copy for copy in _chosen(seen) if not (copy.ran and copy.lacks)), None)


def _of_copies(seen: Observations) -> tuple[Evidence, ...]:
    """What shows which copy ran, where that is a question."""
    return seen.running.evidence if _chosen(seen) else ()


def _chosen(seen: Observations) -> list[Copy]:
    """The copies that how it was started may have chosen. What was installed is a fault of the
    image, and so it is of `packed`.
    """
    copies = seen.running.copies if isinstance(seen.running, Running) else ()
    return [copy for copy in copies if copy.ran is not False and not copy.installed]


def _ended(execution: Execution, digest: str) -> tuple[Status, str]:
    """What an execution on the right digest came to."""
    code = "" if execution.exit_code is None else f" with exit code {execution.exit_code}"
    return {
        ExecutionState.RUNNING: (Status.PENDING, "is still running"),
        ExecutionState.LOST: (Status.UNSEEN, "never recorded an end"),
        ExecutionState.FAILED: (Status.BROKEN, f"failed{code}"),
        ExecutionState.SERVING: (Status.HOLDS, f"serves on {digest}"),
        ExecutionState.SUCCEEDED: (Status.HOLDS, f"ran {digest} and finished"),
    }[execution.state]


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
