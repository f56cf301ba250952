"""What a shipment that nobody goes on with had done: what is written of it, and what is there now,
where it was killed in the middle of a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landed.core.clock import now
from landed.core.errors import LandedError
from landed.core.model import Status, Unseen
from landed.core.redact import redact
from landed.core.seen import Deployment
from landed.core.words import command, listed, short
from landed.ship.hands import Hands
from landed.ship.shipment import ROLL_BACK, Done, Order, Step, fact

_SERVES = (Step.EXECUTE, Step.LOGS, Step.WATCH)
"""The steps before which something was deployed."""


def left(step: Step, order: Order, done: Sequence[Done], hands: Hands) -> tuple[Done, ...]:
    """All steps of a shipment that is given up before or in the middle of `step`: that one is the
    last, and says what was done. A deployment that was done and that nobody wrote down is one of
    them, as others must not go on over it.
    """
    digest, back = str(fact(done, "digest")), step is Step.ROLL_BACK
    deployed = _deployed(order, hands) if back or step is Step.DEPLOY else None
    if step is Step.DEPLOY and deployed == digest:
        because = f"{short(digest)} is deployed, as was seen when the shipment was given up"
        done, step = (*done, _done(Step.DEPLOY, Status.HOLDS, because)), Step.EXECUTE
    said: list[str] = []
    facts: dict[str, Any] = {}
    if order.steps != ROLL_BACK:
        said.append(_built(step, done))
    if isinstance(deployed, Unseen):
        said.append(f"nobody can tell what is deployed: {deployed.reason}")
    elif back:
        said.append(f"{short(deployed or 'nothing')} is deployed")
        facts = {"back": deployed} if deployed not in (None, order.leaves, digest) else {}
    elif step in _SERVES:
        said += [f"{short(digest)} was deployed", _executed(step, order, done, hands)]
    else:
        said.append("nothing was deployed")
    returns = back or step in _SERVES or isinstance(deployed, Unseen)
    words = ["ship", "--rollback"] if returns else ["ship", short(order.commit)]
    if facts:
        # It is back already: once more would go away from it.
        words = ["trace"]
    target = ["--env", order.environment, "--deployable", order.deployable]
    remedy = (command("landed", *words, *target),)
    because = redact(f"given up: {'; '.join(said)}")
    return (*done, _done(step, Status.UNSEEN, because, facts, remedy))


def _done(
    step: Step,
    status: Status,
    because: str,
    facts: dict[str, Any] | None = None,
    remedy: tuple[str, ...] = (),
) -> Done:
    moment = now()
    return Done(
        step=step,
        status=status,
        because=because,
        began_at=moment,
        ended_at=moment,
        facts=facts or {},
        remedy=remedy,
    )


def _built(step: Step, done: Sequence[Done]) -> str:
    if step is Step.CHECK:
        return "nothing was built"
    if step is Step.BUILD:
        return "a build may have been begun, which deploys nothing"
    return f"build {fact(done, 'build')} made {short(str(fact(done, 'digest')))}"


def _executed(step: Step, order: Order, done: Sequence[Done], hands: Hands) -> str:
    """What ran of it. Before the step was written down, what started on its digest since tells."""
    if step is not Step.EXECUTE:
        return f"{fact(done, 'execution')} was executed"
    found = _ran(order, str(fact(done, "digest")), hands)
    if isinstance(found, Unseen):
        return f"nobody can tell whether it was executed: {found.reason}"
    return f"{listed(found)} ran on it" if found else "it was not executed"


def _deployed(order: Order, hands: Hands) -> str | Unseen | None:
    """The digest that is deployed now; None where nothing is."""
    try:
        with hands.bench(order.environment, order.deployable) as bench:
            found = bench.cloud.deployment(bench.workload)
    except (LandedError, OSError) as error:
        return Unseen(reason=str(error))
    if isinstance(found, Deployment):
        return found.digest or Unseen(reason=f"{found.image} names no digest that is known")
    return found if isinstance(found, Unseen) else None


def _ran(order: Order, digest: str, hands: Hands) -> list[str] | Unseen:
    try:
        with hands.bench(order.environment, order.deployable) as bench:
            found = bench.cloud.executions(bench.workload)
    except (LandedError, OSError) as error:
        return Unseen(reason=str(error))
    if isinstance(found, Unseen):
        return found
    return [one.id for one in found if one.digest == digest and one.started_at >= order.ordered_at]
