"""What changes what serves: deploy, and roll back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from landed.content.image.reference import split
from landed.core.errors import LandedError
from landed.core.model import Status
from landed.core.probe import WorkloadKind
from landed.core.seen import Deployment
from landed.core.words import clock, command, filled, resume, short
from landed.ship import records
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import Done, Order, Step, fact
from landed.ship.steps import serving
from landed.ship.steps.found import Found
from landed.ship.watching import open_watch, told


def deploy(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> Found:
    """Pins the workload to the digest. A tag that people deploy moves first, as it is proved."""
    image, workload = str(fact(done, "image")), bench.workload
    # Before anything moves: a job may be deployed by the very tag that does.
    digest, before = str(fact(done, "digest")), bench.cloud.deployment(workload)
    _publish(image, bench)
    bench.actions.deploy(order.key(Step.DEPLOY), workload, image)
    was = before.digest if isinstance(before, Deployment) else None
    # Where this was killed after its deed, what was there before is not known any more.
    instead = f", in place of {short(was)}" if was and was != digest else ""
    return Found(
        status=Status.HOLDS,
        because=f"{workload.kind} {workload.name} is pinned to {short(digest)}{instead}",
    )


def roll_back(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """Pins the workload to the last digest that was proved here, other than the one that broke. A
    service is back when that takes its traffic again. The tag that people deploy follows: what
    serves is put right even where a registry refuses that. Then what serves is watched, in place of
    what was gone away from.
    """
    workload = bench.workload
    proved = last_proved(order, done, bench, hands)
    if proved is None:
        by_hand = filled(bench.cloud.commands(workload).deploy, image="NAME@DIGEST")
        return Found(
            status=Status.UNSEEN,
            because="no other digest was proved here by a shipment: nothing to roll back to",
            remedy=(f"deploy one that you trust: {by_hand}",),
        )
    image, digest = str(proved["image"]), str(proved["digest"])
    commit = str(proved["change"]["commit"])
    bench.actions.deploy(order.key(Step.ROLL_BACK), workload, image)
    left = _not_published(image, bench)
    because = (
        f"{workload.kind} {workload.name} is pinned to {short(digest)} again, which was proved for "
        f"{short(commit)}"
    )
    facts: dict[str, Any] = {"back": digest}
    if workload.kind is WorkloadKind.SERVICE:
        stand = serving.settled(bench, digest, hands.settings.execution_seconds)
        if stand.status is not Status.HOLDS:
            return Found(
                status=stand.status,
                because=f"{because}, and {stand.because}; it is not watched before it serves",
                facts=facts,
                remedy=stand.remedy,
            )
        because = f"{because}: {stand.because}"
    watched, opened = _watched(order, commit, digest, bench, hands)
    because, facts = f"{because}; {watched}", {**facts, **opened}
    if left is not None:
        return Found(
            status=Status.UNSEEN,
            because=f"{because}; but {bench.project.settings.image} was not moved to it: "
            f"{left.message}",
            facts=facts,
            remedy=(left.hint, f"then {resume(order.id)}") if left.hint else (resume(order.id),),
        )
    return Found(status=Status.HOLDS, because=because, facts=facts)


def _watched(
    order: Order, commit: str, digest: str, bench: Bench, hands: Hands
) -> tuple[str, dict[str, Any]]:
    """Opens the watch over what is back. What serves is right all the same where that fails; then
    the watch over what was gone away from ends at least.
    """
    because = f"{order.id} rolled back to {short(digest)}"
    try:
        opened = open_watch(order.watch, commit, digest, bench, hands, because)
    except (LandedError, OSError) as error:
        with suppress(LandedError, OSError):
            before = records.current(hands.ledger, order.environment, order.deployable)
            if before and before.closed_at is None:
                records.close(hands.ledger, before.opened, hands.now(), because)
        where, at = order.environment, short(commit)
        by_hand = command("landed", "watch", where, "--start", "--commit", at)
        return f"no watch was opened over it: {error}; `{by_hand}` does it", {}
    return f"it is watched until {clock(opened.ends_at)}", told(opened)


def _not_published(image: str, bench: Bench) -> LandedError | None:
    """Moves the tag; what kept it from that."""
    try:
        _publish(image, bench)
    except LandedError as error:
        return error
    return None


def _publish(image: str, bench: Bench) -> None:
    """Moves the tag that people deploy, if there is one."""
    named = bench.project.settings.image
    if named and split(named)[1]:
        bench.actions.publish(image, named)


def last_proved(
    order: Order, done: Sequence[Done], bench: Bench, hands: Hands
) -> dict[str, Any] | None:
    """The shipment that a roll-back goes back to; None where there is none."""
    mine = fact(done, "digest") or order.leaves or None
    deployment = bench.cloud.deployment(bench.workload)
    if mine is None and isinstance(deployment, Deployment):
        mine = deployment.digest
    where, what = bench.target.environment, bench.project.name
    return records.proved(hands.ledger, where, what, other_than=str(mine))
