"""Brings an order to its end: by a worker where one is alive, else in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from landed.core import words
from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.words import listed, short
from landed.ship import records
from landed.ship.base import Base
from landed.ship.desk import Desk, State
from landed.ship.engine import Engine, Lost
from landed.ship.hands import Hands
from landed.ship.shipment import ROLL_BACK, TRIED, WAITS_ON, Order, Shipment, Step, fact
from landed.ship.steps.left import left

_POLL_SECONDS = 0.1
Told = Callable[[Shipment, Sequence[str]], None]
"""Hears how far a shipment is, and what was read while it was built."""


def begin(base: Base, hands: Hands, order: Order, told: Told, lost: Lost) -> Shipment:
    """Carries out a new order, or one more attempt."""
    with Desk(base) as desk:
        if desk.seats.workers():
            with desk.alone(order):
                desk.enqueue(order)
            return _follow(base, hands, desk, order.workflow, told, lost)
        with Engine(base, desk, hands, lost) as engine:
            with desk.alone(order):
                engine.begin(order)
            return _ended(_wait(hands, desk, order.workflow, told, until_orphaned=False))


def orphaned(base: Base, order: Order) -> list[str]:
    """Shipments of the same commit into the same target that were killed: to go on with one of them
    builds and deploys nothing twice, and a new one would.
    """
    if not base.there:
        return []
    with Desk(base) as desk:
        return [one.id for one in desk.orphaned() if _same(one, order)]


def _same(one: Order, other: Order) -> bool:
    return (one.commit, one.target, one.steps) == (other.commit, other.target, other.steps)


def resume(base: Base, hands: Hands, shipment: str, told: Told, lost: Lost) -> Shipment:
    """Goes on with a shipment: with what was killed, where it was; with what was stopped, by one
    more attempt at the step that stopped it. One that is under way is only followed.
    """
    with Desk(base) as desk:
        state = _found(base, desk, shipment)
        order = state.shipment.order
        if not state.over:
            return _follow(base, hands, desk, order.workflow, told, lost)
        if state.abandoned or (records.written(hands.ledger, order) or {}).get("abandoned_at"):
            # A roll-back may have been done all the same: its report says what to do.
            back = order.steps == ROLL_BACK
            hint = f"landed report {shipment}" if back else f"landed ship {short(order.commit)}"
            raise UsageError(f"shipment {shipment} was given up", hint)
        stopped = state.shipment.stopped
        if stopped is None and not state.failure:
            told(state.shipment, ())
            return state.shipment
    return begin(base, hands, _again(base, state.shipment), told, lost)


def abandon(base: Base, hands: Hands, shipment: str) -> dict[str, Any]:
    """Gives a shipment up that was killed: nobody goes on with it any more. What it had done stays,
    and is written down. Done twice, it is once. Raises UsageError for one that somebody alive
    carries out, or that has ended.
    """
    with Desk(base) as desk:
        state = _found(base, desk, shipment)
        order = state.shipment.order
        known = records.written(hands.ledger, order)
        if known and known.get("abandoned_at"):
            return known
        step = order.following(state.shipment.done)
        if known or step is None:
            more = (
                f"landed report {shipment}" if known else f"{words.resume(shipment)} writes it down"
            )
            raise UsageError(f"shipment {shipment} has ended: there is nothing to give up", more)
        if not desk.abandon(order.workflow):
            time.sleep(desk.seats.patience)
            if not desk.seats.patience or not desk.abandon(order.workflow):
                raise UsageError(
                    f"somebody alive works on shipment {shipment}",
                    "end that first: with Ctrl-C, or the worker with `kill`",
                )
        watch = records.kept(hands.ledger, order.watch)
        if watch:
            # Opened in the moment in which it was killed: what is deployed is watched all the same.
            desk.arm([watch], hands.now())
    done = left(step, order, state.shipment.done, hands)
    ended = Shipment(order=order, done=done, abandoned_at=hands.now())
    return records.write_shipment(hands.ledger, ended).document()


def _found(base: Base, desk: Desk, shipment: str) -> State:
    """The newest attempt at a shipment of this project."""
    attempt = desk.newest_attempt(shipment)
    state = desk.state(attempt) if attempt else None
    if state is None:
        dead = [one.id for one in desk.orphaned()]
        raise UsageError(
            f"there is no shipment `{shipment}` to go on with",
            "`landed log` has the ids of those that ended"
            + (f"; these did not: {listed(dead)}" if dead else ""),
        )
    order = state.shipment.order
    if not base.owns(order):
        raise UsageError(
            f"shipment `{shipment}` is of another project: {order.project or 'unnamed'}",
            "go on with it in a checkout of that one",
        )
    return state


def _again(base: Base, shipment: Shipment) -> Order:
    """One more attempt, without the steps that went well. An execution that ended is what it is:
    where it did not pass, the step that executes is taken once more.
    """
    order = shipment.order
    stopped = [shipment.stopped] if shipment.stopped else []
    tried = fact(stopped, TRIED) or ""
    went_well = []
    for done in shipment.done:
        if not done.goes_on or (tried and done.step is Step.EXECUTE):
            break
        went_well.append(done)
    return structs.replace(
        order,
        attempt=order.attempt + 1,
        done=tuple(went_well),
        project=base.project,
        waits_on=fact(stopped, WAITS_ON) or "",
        tried=tried,
    )


def _follow(
    base: Base, hands: Hands, desk: Desk, workflow: str, told: Told, lost: Lost
) -> Shipment:
    """Waits for whoever carries it out; where nobody alive does, this process takes it over."""
    while True:
        state = _wait(hands, desk, workflow, told, until_orphaned=True)
        if state.over:
            return _ended(state)
        # Before the engine starts, so that its first look at the queue finds it.
        if desk.claim(workflow):
            break
        time.sleep(_POLL_SECONDS)
    with Engine(base, desk, hands, lost, stand_in=True):
        while True:
            state = _wait(hands, desk, workflow, told, until_orphaned=True)
            if state.over:
                return _ended(state)
            # It waits for this process still; or a worker took it first, and has died as well.
            desk.claim(workflow)
            time.sleep(_POLL_SECONDS)


def _wait(hands: Hands, desk: Desk, workflow: str, told: Told, *, until_orphaned: bool) -> State:
    known = (-1, -1)
    while True:
        state = desk.state(workflow)
        if state is None:
            raise DataError(f"shipment {workflow} is gone from its database", "ship once more")
        shipment = state.shipment
        # A worker's reading is known once its build is over; this process's own, as it goes on.
        read = shipment.fact("meanwhile") or hands.ahead.said(shipment.order.id)
        if (len(shipment.done), len(read)) != known:
            known = (len(shipment.done), len(read))
            told(shipment, read)
        if state.over or (until_orphaned and state.orphaned):
            return state
        time.sleep(_POLL_SECONDS)


def _ended(state: State) -> Shipment:
    if state.failure and not state.bug:
        raise ProviderError(
            f"shipment {state.shipment.order.id} is not written down: {state.failure}",
            f"mend that, then: {words.resume(state.shipment.order.id)}",
        )
    if state.failure:
        raise DataError(
            f"shipment {state.shipment.order.id} ended with a bug: {state.failure}",
            f"{words.resume(state.shipment.order.id)} tries that step again; report it",
        )
    return state.shipment
