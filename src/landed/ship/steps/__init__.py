"""The steps of a shipment, each from what it finds to what became of it.

A step may be killed at any moment and is then taken once more. So each is either a look, which may
be repeated, or one action with a key, which is looked for before it is done (see `core.action`).
What cannot be seen stops a shipment as a break does, and is never called one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from landed.core.clock import now
from landed.core.errors import LandedError
from landed.core.model import Status
from landed.core.redact import redact
from landed.core.words import command, short
from landed.ship import records
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import ROLL_BACK, Done, Order, Step
from landed.ship.steps import bring, look, prepare
from landed.ship.steps.found import Found

_STEPS: Mapping[Step, Callable[[Order, Sequence[Done], Bench, Hands], Found]] = {
    Step.CHECK: prepare.check,
    Step.BUILD: prepare.build,
    Step.PROVE: prepare.prove,
    Step.SMOKE: prepare.smoke,
    Step.DEPLOY: bring.deploy,
    Step.EXECUTE: look.execute,
    Step.LOGS: look.logs,
    Step.WATCH: look.watch,
    Step.ROLL_BACK: bring.roll_back,
}
_IMAGE = (Step.CHECK, Step.BUILD, Step.PROVE, Step.SMOKE)
"""The steps that make an image. All others are about what is deployed."""


def take(step: Step, order: Order, done: Sequence[Done], hands: Hands) -> Done:
    """Takes one step. Failures of a provider or the disk stop the shipment; a bug is raised."""
    began = now()
    try:
        with hands.bench(order.environment, order.deployable) as bench:
            found = _overtaken(step, order, hands) or _STEPS[step](order, done, bench, hands)
    except LandedError as error:
        hint = (error.hint,) if error.hint else ()
        found = Found(status=Status.UNSEEN, because=error.message, remedy=hint)
    except OSError as error:
        found = Found(status=Status.UNSEEN, because=f"{error.strerror or error}")
    return Done(
        step=step,
        status=found.status,
        because=redact(found.because),
        began_at=began,
        ended_at=now(),
        facts=found.facts,
        diagnosis=found.diagnosis,
        remedy=found.remedy,
    )


def _overtaken(step: Step, order: Order, hands: Hands) -> Found | None:
    """What stops a shipment that was killed, and is gone on with after a newer one: a worker that
    starts days later takes it over, and nobody asked for that.
    """
    other = records.overtaken(hands.ledger, order) if step not in _IMAGE else None
    if other is None:
        return None
    words = ["--rollback"] if order.steps == ROLL_BACK else [short(order.commit)]
    target = ["--env", order.environment, "--deployable", order.deployable]
    return Found(
        status=Status.UNSEEN,
        because=f"{other} has changed what is deployed since this one was ordered: that stays",
        remedy=(command("landed", "ship", *words, *target),),
    )
