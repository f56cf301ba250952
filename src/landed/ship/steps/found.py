"""What a step finds, and the words that all steps share."""

from __future__ import annotations

from typing import Any

from landed.content.image.reference import split
from landed.core.judge import judge
from landed.core.model import Frozen, Link, Outcome, Status, Verdict
from landed.core.seen import Deployment
from landed.diagnoses import DIAGNOSES
from landed.ship.hands import Bench
from landed.ship.shipment import Order
from landed.trace.gather import gather
from landed.trace.target import Choice

_STATUS = {
    Outcome.PROVED: Status.HOLDS,
    Outcome.BROKEN: Status.BROKEN,
    Outcome.UNPROVED: Status.UNSEEN,
}


class Found(Frozen):
    """What a step found, before it is dated."""

    status: Status
    because: str
    facts: dict[str, Any] = {}
    diagnosis: str | None = None
    remedy: tuple[str, ...] = ()


def judged(order: Order, bench: Bench, through: Link, choice: Choice) -> Verdict:
    """All that can be said of the change now, as a trace says it."""
    probes = bench.probes(order.commit)
    seen, _ = gather(bench.project, bench.cloud, bench.target, probes, order.commit, choice)
    return judge(seen, DIAGNOSES, through)


def stopped(verdict: Verdict, facts: dict[str, Any] | None = None, *, follows: str = "") -> Found:
    """The link that stopped it, with its own remedy, and what `follows` where it is broken."""
    where = verdict.first_break or verdict.first_unseen
    finding = next(one for one in verdict.links if one.link is where)
    because, broken = finding.because, verdict.verdict is Outcome.BROKEN
    if finding.status in (Status.HOLDS, Status.SKIPPED):
        because = verdict.answers.because.get("in_there", because)
    return Found(
        status=_STATUS[verdict.verdict],
        because=f"{finding.link}: {because}",
        diagnosis=finding.diagnosis,
        facts=facts or {},
        remedy=(*finding.remedy, follows) if follows and broken else finding.remedy,
    )


def people_deploy(bench: Bench) -> str:
    """The name that people deploy: the settings', else what is deployed, else the deployable's."""
    named = bench.project.settings.image
    if named:
        return named
    deployment = bench.cloud.deployment(bench.workload)
    if isinstance(deployment, Deployment):
        repository, *_ = split(deployment.image)
        return repository
    return bench.project.name.lower()
