"""What a shipment is: an order, and what became of each of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from landed import __version__
from landed.core.model import Frozen, Outcome, Status, learned
from landed.core.words import short
from landed.render.document import plain


class Step(StrEnum):
    """The steps of a shipment, in their order; `roll-back` only after a break."""

    CHECK = "check"
    BUILD = "build"
    PROVE = "prove"
    SMOKE = "smoke"
    DEPLOY = "deploy"
    EXECUTE = "execute"
    LOGS = "logs"
    WATCH = "watch"
    ROLL_BACK = "roll-back"


STEPS = tuple(step for step in Step if step is not Step.ROLL_BACK)
"""What a shipment does."""
ROLL_BACK = (Step.ROLL_BACK,)
"""What a roll-back on request does."""
WAITS_ON = "waits_on"
"""A fact of the step `execute`: an execution that may still run. The next attempt starts no other.
"""

TRIED = "tried"
"""A fact of the step `logs`: an execution that ended, and did not pass by what it did."""


class Done(Frozen):
    """What became of a step. `facts` are what later steps and the report need of it."""

    step: Step
    status: Status
    because: str
    began_at: datetime
    ended_at: datetime
    facts: dict[str, Any] = {}
    diagnosis: str | None = None
    remedy: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the next step may begin."""
        return self.status in (Status.HOLDS, Status.SKIPPED)


class Order(Frozen):
    """One shipment of a commit into one target, or one more attempt at it.

    `steps` stand in the order itself, so that a shipment which was begun by another version of
    landed goes on with the steps that it began with. `done` are those of earlier attempts, which
    are not repeated; `waits_on` is an execution that one of them started, and whose end it did not
    see; `tried` is one that ended and did not pass: it is judged once more, and then another one is
    started. `leaves` is the digest that a roll-back goes away from: what was deployed when it was
    ordered, as its own deed changes that. `push` allows to push first, `back` to roll back after a
    break. `project` is whose it is, in a database that serves several; orders from before do not
    say it.
    """

    id: str
    attempt: int
    asked: str
    commit: str
    subject: str
    deployable: str
    environment: str
    steps: tuple[Step, ...]
    ordered_at: datetime
    push: bool = False
    back: bool = False
    done: tuple[Done, ...] = ()
    project: str = ""
    waits_on: str = ""
    tried: str = ""
    leaves: str = ""

    @property
    def workflow(self) -> str:
        """The id of this attempt."""
        return self.id if self.attempt == 1 else f"{self.id}.{self.attempt}"

    @property
    def target(self) -> str:
        """Where to, as one name: one shipment at a time goes there."""
        return f"{self.environment}\n{self.deployable}"

    @property
    def watch(self) -> str:
        """The id of the watch that it opens."""
        return f"watch-{self.id}"

    @property
    def about(self) -> str:
        """What it brings. A roll-back is of no commit: the one that was asked is only where it was
        called.
        """
        back = self.steps == ROLL_BACK
        return "back to what was proved" if back else f"{short(self.commit)} {self.subject}"

    def following(self, done: Sequence[Done]) -> Step | None:
        """The step that comes after these; None where all are over."""
        if all(one.goes_on for one in done):
            return next(iter(self.steps[len(done) :]), None)
        became = {one.step: one.status for one in done}
        broke = Status.BROKEN in became.values() and became.get(Step.DEPLOY) is Status.HOLDS
        return Step.ROLL_BACK if self.back and broke and Step.ROLL_BACK not in became else None

    def key(self, step: Step) -> str:
        """What a side effect of a step is known by. A step that was stopped by what it saw, and is
        tried once more, is another one; a step that was killed is the same.
        """
        return f"{self.workflow}/{step}"


learned(Done, Order)


class Shipment(Frozen):
    """An order with what became of it so far. `abandoned_at` says when somebody gave it up."""

    order: Order
    done: tuple[Done, ...]
    abandoned_at: datetime | None = None

    @property
    def verdict(self) -> Outcome:
        """Proved where every step went well, broken at a break, else unproved."""
        if any(done.status is Status.BROKEN for done in self.done):
            return Outcome.BROKEN
        over = {done.step for done in self.done if done.goes_on} >= set(self.order.steps)
        return Outcome.PROVED if over else Outcome.UNPROVED

    @property
    def stopped(self) -> Done | None:
        """The step that stopped it."""
        return next((done for done in self.done if not done.goes_on), None)

    def fact(self, name: str) -> Any:
        """A fact that some step found, the latest; None where none did."""
        return fact(self.done, name)


def fact(done: Sequence[Done], name: str) -> Any:
    """A fact that some step found, the latest; None where none did."""
    return next((one.facts[name] for one in reversed(done) if name in one.facts), None)


def document(shipment: Shipment) -> dict[str, Any]:
    """`landed/ship/v1`."""
    order, stopped = shipment.order, shipment.stopped
    found: dict[str, Any] = plain(
        {
            "schema": "landed/ship/v1",
            "id": order.id,
            "attempt": order.attempt,
            "change": {"asked": order.asked, "commit": order.commit, "subject": order.subject},
            "deployable": order.deployable,
            "environment": order.environment,
            "verdict": shipment.verdict,
            "stopped_at": stopped.step if stopped else None,
            "build": shipment.fact("build"),
            "image": shipment.fact("image"),
            "digest": shipment.fact("digest"),
            "execution": shipment.fact("execution"),
            "watch": shipment.fact("watch"),
            "meanwhile": shipment.fact("meanwhile") or [],
            "steps": [_step(step, shipment) for step in _listed(shipment)],
            "trace": shipment.fact("trace"),
            "ordered_at": order.ordered_at,
            "abandoned_at": shipment.abandoned_at,
            "landed": __version__,
        }
    )
    return found


def _listed(shipment: Shipment) -> list[Step]:
    return list(dict.fromkeys([*shipment.order.steps, *(done.step for done in shipment.done)]))


def _step(step: Step, shipment: Shipment) -> dict[str, Any]:
    done = next((one for one in shipment.done if one.step is step), None)
    if done is None:
        return {"step": step, "status": None, "because": None, "began_at": None, "ended_at": None,
                "diagnosis": None, "remedy": []}  # fmt: skip
    return {
        "step": step,
        "status": done.status,
        "because": done.because,
        "began_at": done.began_at,
        "ended_at": done.ended_at,
        "diagnosis": done.diagnosis,
        "remedy": done.remedy,
    }
