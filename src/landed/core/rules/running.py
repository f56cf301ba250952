"""Links 7 to 10: from the registry to the watch, judged on what runs."""

from __future__ import annotations

from typing import Any

from landed.core.model import (
    Absent,
    Status,
    Unseen,
)
from landed.core.rules.build import built_digest
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Deployment,
    Execution,
    ExecutionState,
    Logs,
    Observations,
    Registry,
    Running,
    SeenError,
    Serving,
)
from landed.core.statistics.compare import Call
from landed.core.statistics.decide import ALARMS, beside, decide, whole
from landed.core.words import clock, count, listed, short


def deployed(seen: Observations) -> Judged:
    """The job or service that takes the work is pinned to the digest that was published.

    Of a service that is what takes its traffic: all of it has to be on that digest, or to have the
    change in another one. What its newest revision is on decides where nothing serves yet.
    """
    deployment = seen.deployment
    if isinstance(deployment, Absent):
        return not_yet(deployment)
    if isinstance(deployment, Unseen):
        return not_seen(deployment)
    digest, named = built_digest(seen), _named_digest(seen)
    subject: dict[str, Any] = {
        "deployment": deployment.name,
        "image": deployment.image,
        "digest": deployment.digest,
        "built": digest,
    }
    if deployment.serving:
        subject["serving"] = [[s.revision, s.digest, s.percent] for s in deployment.serving]

    def judged(status: Status, because: str, *notes: str) -> Judged:
        return Judged(
            status=status,
            because=because,
            subject=subject,
            notes=notes,
            evidence=deployment.evidence,
        )

    whom = f"{deployment.kind} {deployment.name}"
    if deployment.serving:
        return judged(*_by_what_serves(seen, deployment, whom))
    if deployment.kind == SERVICE and not deployment.deploying:
        why = f": {deployment.not_ready}" if deployment.not_ready else ""
        return judged(Status.BROKEN, f"no revision of {whom} takes any traffic{why}")
    if deployment.digest is None:
        return judged(
            Status.UNSEEN, f"{whom} names {deployment.image}, and nobody could tell what that is"
        )
    here = short(deployment.digest)
    if (right := as_it_should(seen, deployment)) is not None:
        by_tag = () if deployment.pinned else ("by a tag, which is resolved at each execution",)
        if deployment.kind == SERVICE:
            return judged(Status.PENDING, f"{whom} is still being deployed, on {here}")
        return judged(Status.HOLDS, f"{whom} is on {here}{right}", *by_tag)
    if digest is None and named is None:
        return judged(Status.UNSEEN, f"{whom} is on {here}; nobody could tell what it should be on")
    return judged(Status.BROKEN, f"{whom} is on {here}, not on {short(digest or named or '')}")


SERVICE = "service"


def _named_digest(seen: Observations) -> str | None:
    return seen.registry.digest if isinstance(seen.registry, Registry) else None


def as_it_should(seen: Observations, there: Deployment | Serving) -> str | None:
    """How it is right that this is deployed, as the end of a sentence; None where it is not."""
    digest, named = built_digest(seen), _named_digest(seen)
    if there.digest is None:
        return None
    if there.digest == digest:
        return ""
    if there.same_files:
        return f", whose files all equal those of {short(digest or '')}"
    if there.digest == named:
        return ", as the registry's name says"
    return None


def misplaced(seen: Observations) -> list[Serving]:
    """The revisions that take traffic, are on another digest than they should, and are not proved
    to have the change all the same; most traffic first.
    """
    if not isinstance(seen.deployment, Deployment):
        return []
    having = {
        look.execution.id
        for look in seen.each()
        if isinstance(look.execution, Execution)
        and isinstance(look.running, Running)
        and look.running.digest == look.execution.digest
        and look.running.presence.arrived
    }
    wrong = [
        one
        for one in seen.deployment.serving
        if one.revision not in having and as_it_should(seen, one) is None
    ]
    return sorted(wrong, key=lambda one: one.percent, reverse=True)


def _by_what_serves(
    seen: Observations, deployment: Deployment, whom: str
) -> tuple[Status, str, *tuple[str, ...]]:
    """A service's status, the sentence for it, and notes."""
    wrong = misplaced(seen)
    digest = built_digest(seen) or _named_digest(seen)
    unknown = next((one for one in wrong if one.digest is None), None)
    if unknown is not None:
        share = f"revision {unknown.revision}, with {unknown.percent} % of the traffic,"
        return Status.UNSEEN, f"{share} does not say what it is on"
    if wrong and digest is None:
        return Status.UNSEEN, f"nobody could tell what {whom} should be on"
    if wrong:
        first = wrong[0]
        status = Status.PENDING if deployment.deploying else Status.BROKEN
        still = ", until the new one is ready" if deployment.deploying else ""
        return (
            status,
            (
                f"{first.percent} % of the traffic of {whom} goes to {first.revision}, on "
                f"{short(first.digest or '')}, not on {short(digest or '')}{still}"
            ),
        )
    on = listed(list(dict.fromkeys(short(one.digest or "") for one in deployment.serving)))
    notes = []
    if deployment.latest not in {one.revision for one in deployment.serving}:
        notes.append(f"its newest revision {deployment.latest} takes no traffic")
    return Status.HOLDS, f"all that serves of {whom} is on {on}", *notes


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
            remedy=(remedy,) if remedy else (),
            evidence=execution.evidence,
        )

    if isinstance(deployment, Absent):
        return judged(Status.UNSEEN, "has no deployment to be compared with")
    if isinstance(deployment, Unseen):
        return not_seen(deployment, subject)
    if execution.digest is None:
        return judged(Status.UNSEEN, "did not record the digest that it ran")
    if deployment.digest is None:
        return judged(Status.UNSEEN, "cannot be compared: the deployment's digest is not known")
    if execution.serves:
        if execution.id not in {one.revision for one in deployment.serving}:
            return judged(Status.UNSEEN, "serves, and the service does not say so")
    elif execution.started_at < deployment.since:
        return judged(
            Status.PENDING,
            f"began before the deployment of {clock(deployment.since)}; none has begun since",
        )
    elif execution.digest != deployment.digest:
        return judged(
            Status.BROKEN,
            f"ran {short(execution.digest)}, the deployment says {short(deployment.digest)}",
        )
    if execution.foreign_modules:
        return judged(
            Status.BROKEN,
            f"loaded code that is not in its image: {listed(execution.foreign_modules)}",
        )
    if execution.hidden:
        return judged(
            Status.BROKEN,
            f"has a volume over {listed(execution.mounts)}: what lies there ran, not the image's "
            f"own {listed(execution.hidden)}",
        )
    return judged(*_ended(execution, short(execution.digest)))


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
    """The newest execution belongs to what was deployed before: it says nothing of the present."""
    deployment, execution = seen.deployment, seen.execution
    return (
        isinstance(deployment, Deployment)
        and isinstance(execution, Execution)
        and not execution.serves
        and execution.digest != deployment.digest
        and execution.started_at < deployment.since
    )


def named_errors(logs: Logs) -> list[SeenError]:
    """The errors of this execution that the change was meant to stop."""
    return [e for e in logs.errors if e.named]


def new_errors(logs: Logs) -> list[SeenError]:
    """The errors of this execution that no execution without the change has shown."""
    return [e for e in logs.errors if not e.named and not e.before]


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
    if isinstance(logs, Unseen):
        return not_seen(logs, {"execution": execution.id})
    if isinstance(logs, Absent):
        return Judged(
            status=Status.UNSEEN,
            because=f"{execution.called} logged nothing, and silence is not success",
            subject={"execution": execution.id},
            evidence=logs.evidence,
        )

    def judged(status: Status, because: str, *notes: str, remedy: str = "") -> Judged:
        return Judged(
            status=status,
            because=because,
            subject={"execution": execution.id, "entries": logs.entries},
            notes=notes,
            remedy=(remedy,) if remedy else (),
            evidence=logs.evidence,
        )

    still, fresh = named_errors(logs), new_errors(logs)
    if still:
        return judged(Status.BROKEN, f"{execution.called} still shows: {still[0].title}")
    if fresh and not logs.looked_back:
        return judged(
            Status.UNSEEN,
            f"{execution.called} shows: {fresh[0].title}; no execution without the change "
            "tells whether that is new",
        )
    if fresh:
        return judged(Status.BROKEN, f"{execution.called} shows: {fresh[0].title}")
    if execution.state is ExecutionState.RUNNING:
        return judged(Status.PENDING, f"execution {execution.id} is still running")
    if execution.state is ExecutionState.LOST:
        return judged(Status.UNSEEN, f"execution {execution.id} never recorded an end")
    if logs.work is None:
        return judged(
            Status.UNSEEN,
            "no error in its entries; what normal work looks like is not configured",
            remedy='in landed.toml: expect = ["words of a normal entry"]',
        )
    if logs.work == 0:
        return judged(
            Status.UNSEEN,
            f"no error in {count(logs.entries, 'entry', 'entries')}, and no sign of the expected "
            "work either",
        )
    known = [f"known before, and still there: {e.title}" for e in logs.errors]
    return judged(
        Status.HOLDS,
        f"the expected work is seen ({count(logs.work, 'entry', 'entries')}), and no error of "
        "the change's",
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

    def judged(status: Status, because: str) -> Judged:
        return Judged(
            status=status,
            because=because,
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
    return judged(Status.HOLDS, decision.because)
