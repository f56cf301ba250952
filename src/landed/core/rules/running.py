"""Link 8: the execution, on what was deployed, by the code of its image."""

from __future__ import annotations

from landed.core.model import (
    Absent,
    Evidence,
    Status,
    Unseen,
)
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Execution,
    ExecutionState,
    Observations,
    OtherCopy,
    Running,
)
from landed.core.words import (
    clock,
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


def another_copy(seen: Observations) -> OtherCopy | None:
    """A copy without the change that was loaded, and that no installer put there."""
    return next((copy for copy in _chosen(seen) if copy.ran_without), None)


def _doubtful_copy(seen: Observations) -> OtherCopy | None:
    """One that may have been loaded, or that was, and nobody could compare it with the change."""
    return next((copy for copy in _chosen(seen) if copy.open), None)


def _of_copies(seen: Observations) -> tuple[Evidence, ...]:
    """What shows which copy ran, where that is a question."""
    return seen.running.evidence if _chosen(seen) else ()


def _chosen(seen: Observations) -> list[OtherCopy]:
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
