"""An executor: it carries out shipments and looks of watches. A process is one at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import DBOSPortableJSONSerializer as Json

from landed.core.model import Status
from landed.localcloud.disk import new_id
from landed.ship import records
from landed.ship.base import APPLICATION, LOOKS, SHIPS, VERSION, Base, quiet
from landed.ship.hands import Hands
from landed.ship.seats import WORKER, Seats
from landed.ship.shipment import Done, Order, Shipment, Step
from landed.ship.steps import take
from landed.ship.watch import Opened
from landed.ship.watching import Next, checkpoint

SHIP, LOOK = "ship", "look"
_QUEUES = ((SHIPS, 2, 1.0), (LOOKS, 16, 0.5))
"""How many of each a worker carries out at once, and how many seconds it waits before it asks for
more. It takes so many each time: 32 looks a second at most.
"""
_FINISH_SECONDS = 5


class Engine:
    """An executor. A worker takes all that is enqueued; any other only carries out what it is given
    and what was taken over from the dead, and with `stand_in` the shipments that wait for a worker.
    """

    def __init__(
        self, base: Base, hands: Hands, *, worker: bool = False, stand_in: bool = False
    ) -> None:
        self._hands, self._worker = hands, worker
        self._queues = [SHIPS, LOOKS] if worker else [SHIPS] if stand_in else []
        self.name = new_id(WORKER if worker else "here-").replace("--", "-")
        self.seats: Seats = base.seats()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": base.address,
            "executor_id": self.name,
            "application_version": VERSION,
            "serializer": Json(),
            "log_level": "ERROR",
            "run_migrations": False,
        }
        quiet()

        # Functions, and no methods: DBOS writes on what it is given.
        def ship(order: dict[str, Any]) -> dict[str, Any]:
            return self._carry_out(order)

        def look(watch: str, number: int) -> None:
            self._look(watch, number)

        self._ship = DBOS.workflow(name=SHIP)(ship)
        DBOS.workflow(name=LOOK)(look)
        DBOS(config=config)

    def __enter__(self) -> Self:
        self.seats.take(self.name)
        DBOS.listen_queues(self._queues)
        DBOS.launch()
        if self._worker:
            for queue, at_once, seconds in _QUEUES:
                DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=seconds)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=_FINISH_SECONDS if self._worker else 0,
        )
        self.seats.close()

    def begin(self, order: Order) -> None:
        """Starts a shipment in this process."""
        with SetWorkflowID(order.workflow):
            DBOS.start_workflow(self._ship, msgspec.to_builtins(order))

    def _carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        """The workflow of a shipment: each step is kept before the next one begins."""
        told = msgspec.convert(order, Order)
        done = list(told.done)
        for step in told.steps[len(done) :]:
            done.append(self._step(step, told, done))
            if not done[-1].goes_on:
                break
        if told.back and _broke_after_deploying(done):
            done.append(self._step(Step.ROLL_BACK, told, done))
        shipment = Shipment(order=told, done=tuple(done))
        DBOS.run_step({"name": "record"}, self._record, shipment)
        watch = shipment.fact("watch")
        if watch:
            first = DBOS.run_step({"name": "first-look"}, self._next, watch, 0)
            _enqueue(watch, first)
        return {"verdict": shipment.verdict.value}

    def _step(self, step: Step, order: Order, done: Sequence[Done]) -> Done:
        taken = DBOS.run_step({"name": step.value}, self._take, step, order, done)
        return msgspec.convert(taken, Done)

    def _take(self, step: Step, order: Order, done: Sequence[Done]) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(take(step, order, done, self._hands))
        return found

    def _record(self, shipment: Shipment) -> dict[str, Any]:
        opened = shipment.fact("opened")
        if opened:
            records.open_watch(self._hands.ledger, msgspec.convert(opened, Opened))
        entry = records.write_shipment(self._hands.ledger, shipment)
        return {"entry": entry.id, "hash": entry.hash}

    def _look(self, watch: str, number: int) -> None:
        """The workflow of one checkpoint: it looks, and makes the next one ready."""
        _enqueue(watch, DBOS.run_step({"name": "look"}, self._next, watch, number))

    def _next(self, watch: str, number: int) -> dict[str, Any] | None:
        following: Next | None = checkpoint(watch, number, self._hands)
        if following is None:
            return None
        wait = (following.at - self._hands.now()).total_seconds()
        return {"number": following.number, "seconds": max(wait, 0.0)}


def _enqueue(watch: str, following: Mapping[str, Any] | None) -> None:
    """Makes a checkpoint ready. Its id is its key: made ready twice, it is there once."""
    if following is not None:
        DBOS.enqueue_workflow_with_options(
            {
                "workflow_name": LOOK,
                "queue_name": LOOKS,
                "workflow_id": f"{watch}/{following['number']}",
                "app_version": VERSION,
                "delay_seconds": following["seconds"],
            },
            watch,
            following["number"],
        )


def _broke_after_deploying(done: Sequence[Done]) -> bool:
    steps = {one.step: one.status for one in done}
    return Status.BROKEN in steps.values() and steps.get(Step.DEPLOY) is Status.HOLDS
