"""An executor: it carries out shipments and looks of watches. A process is one at most."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import DBOSPortableJSONSerializer as Json

from landed.core.errors import LandedError, ProviderError
from landed.core.ids import new_id
from landed.core.words import resume
from landed.ship import records
from landed.ship.base import APPLICATION, LOOK, LOOKS, RECORD, SHIP, SHIPS, VERSION, Base, quiet
from landed.ship.desk import Desk
from landed.ship.hands import Hands
from landed.ship.seats import BEAT_SECONDS, WORKER, Seats
from landed.ship.shipment import Done, Order, Shipment, Step
from landed.ship.steps import take
from landed.ship.watch import Opened, look_key
from landed.ship.watching import turn

_SHIPPING, _LOOKING = (2, 1.0), (16, 0.5)
"""How many a worker carries out at once, and after how many seconds it asks for more. It takes so
many each time: 32 looks a second at most.
"""
_FINISH_SECONDS = 5
Lost = Callable[[LandedError], object]
"""Ends this process at once: another may do its work by now."""


class Engine:
    """An executor. A worker takes all of its project that is enqueued; any other only carries out
    what it is given, and with `stand_in` the shipments that wait for a worker.
    """

    def __init__(
        self, base: Base, desk: Desk, hands: Hands, lost: Lost, *,
        worker: bool = False, stand_in: bool = False,
    ) -> None:  # fmt: skip
        self._base, self._desk, self._hands = base, desk, hands
        self._lost, self._worker = lost, worker
        at_once = {base.ships: _SHIPPING} if worker or stand_in else {}
        if worker:
            at_once[base.looks] = _LOOKING
        if worker and hands.ledger.inherits:
            at_once |= {SHIPS: _SHIPPING, LOOKS: _LOOKING}
        self._at_once, self.queues = at_once, list(at_once)
        self._over = threading.Event()
        self.name = new_id(WORKER if worker else "here")
        self.seats: Seats = base.seats()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": base.address,
            "executor_id": self.name,
            "application_version": VERSION,
            "serializer": Json(),
            "log_level": "ERROR",
            "run_migrations": False,
            # Nobody sends notifications; but the end of the engine waits for one more look at them.
            "notification_listener_polling_interval_sec": 1.0 if worker else 0.05,
        }
        quiet()

        # Functions, and no methods: DBOS writes on what it is given.
        def ship(order: dict[str, Any]) -> dict[str, Any]:
            return self._carry_out(order)

        def look(watch: str, number: int, tries: int = 0) -> None:
            self._look(watch, number, tries)

        self._ship = DBOS.workflow(name=SHIP)(ship)
        DBOS.workflow(name=LOOK)(look)
        DBOS(config=config)

    def __enter__(self) -> Self:
        self.seats.take(self.name)
        if self.seats.patience:
            threading.Thread(target=self._guard, name="landed-guard", daemon=True).start()
        DBOS.listen_queues(self.queues)
        DBOS.launch()
        for queue, (at_once, seconds) in self._at_once.items():
            DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=seconds)
        return self

    def _guard(self) -> None:
        """Looks after the lock as long as anything may be under way."""
        while not self._over.wait(BEAT_SECONDS):
            self._alive()

    def _alive(self) -> None:
        """Goes on only where this executor still is the one that it says."""
        if not self.seats.held() and not self._over.is_set():
            self._lost(
                ProviderError(
                    "the connection to the shipments' database was lost, and with it the right to "
                    "go on",
                    f"nothing is lost: a worker goes on with it, or `{resume('ID')}`",
                )
            )

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
        if error is None and not self._worker:
            self._over.set()
            self.seats.close()
        # Else a step may be in the middle: the lock ends with the process.

    def begin(self, order: Order) -> None:
        """Starts a shipment in this process."""
        with SetWorkflowID(order.workflow):
            DBOS.start_workflow(self._ship, msgspec.to_builtins(order))

    def _carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        """The workflow of a shipment: each step is kept before the next one begins."""
        told = msgspec.convert(order, Order)
        with self._desk.in_turn(told, self.seats):
            return self._in_turn(told)

    def _in_turn(self, told: Order) -> dict[str, Any]:
        done = list(told.done)
        while (step := told.following(done)) is not None:
            done.append(self._step(step, told, done))
        shipment = Shipment(order=told, done=tuple(done))
        failure: Exception | None = None
        try:
            DBOS.run_step({"name": RECORD}, self._record, shipment)
        except Exception as error:  # noqa: BLE001 - whatever it is, the watch begins
            failure = error
        watch = shipment.fact("watch")
        if watch:
            first = DBOS.run_step({"name": "first-look"}, self._next, watch, 0, 0)
            self._enqueue(watch, first)
        if failure:
            raise failure
        return {"verdict": shipment.verdict.value}

    def _step(self, step: Step, order: Order, done: Sequence[Done]) -> Done:
        taken = DBOS.run_step({"name": step.value}, self._take, step, order, done)
        return msgspec.convert(taken, Done)

    def _take(self, step: Step, order: Order, done: Sequence[Done]) -> dict[str, Any]:
        self._alive()
        found: dict[str, Any] = msgspec.to_builtins(take(step, order, done, self._hands))
        return found

    def _record(self, shipment: Shipment) -> dict[str, Any]:
        self._alive()
        opened = shipment.fact("opened")
        if opened:
            records.open_watch(self._hands.ledger, msgspec.convert(opened, Opened))
        entry = records.write_shipment(self._hands.ledger, shipment)
        self._hands.ahead.clear(shipment.order.id)
        return {"entry": entry.id, "hash": entry.hash}

    def _look(self, watch: str, number: int, tries: int) -> None:
        """The workflow of one checkpoint: it looks, and makes the next one ready."""
        self._enqueue(watch, DBOS.run_step({"name": "look"}, self._next, watch, number, tries))

    def _next(self, watch: str, number: int, tries: int) -> dict[str, Any] | None:
        self._alive()
        following = turn(watch, number, tries, self._hands)
        found: dict[str, Any] | None = msgspec.to_builtins(following)
        return found

    def _enqueue(self, watch: str, following: Mapping[str, Any] | None) -> None:
        """Makes a checkpoint ready. Its id is its key: made ready twice, it is there once."""
        if following is None:
            return
        # What was kept by a version that did not know of tries has none.
        number, tries = following["number"], following.get("tries", 0)
        DBOS.enqueue_workflow_with_options(
            {
                "workflow_name": LOOK,
                "queue_name": self._base.looks,
                "workflow_id": look_key(watch, number) + (f"+{tries}" if tries else ""),
                "app_version": VERSION,
                "delay_seconds": following["seconds"],
            },
            watch,
            number,
            *([tries] if tries else []),
        )
