"""Link 7: from the registry to what takes the work. Of a service that is its traffic."""

from __future__ import annotations

from typing import Any

from landed.core.model import (
    Absent,
    Status,
    Unseen,
)
from landed.core.rules.image import built_digest
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Deployment,
    Execution,
    Observations,
    Registry,
    Running,
    Serving,
)
from landed.core.words import listed, short

SERVICE = "service"


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
        (look.execution.id, look.execution.digest)
        for look in seen.each()
        if isinstance(look.execution, Execution)
        and isinstance(look.running, Running)
        and look.running.digest == look.execution.digest
        and look.running.presence.arrived
    }
    wrong = [
        one
        for one in seen.deployment.serving
        if (one.revision, one.digest) not in having and as_it_should(seen, one) is None
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
