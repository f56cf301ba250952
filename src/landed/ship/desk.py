"""Asks what is under way, hands orders to workers, and gives the work of the dead to the living."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import msgspec
from dbos import DBOSClient
from dbos import DBOSPortableJSONSerializer as Json

from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.model import Frozen
from landed.core.words import resume
from landed.ship.base import APPLICATION, LOOK, RECORD, SHIP, VERSION, Base
from landed.ship.seats import Seats
from landed.ship.shipment import Done, Order, Shipment, Step
from landed.ship.watch import Kept

_OPEN, _ABANDONED = ("ENQUEUED", "PENDING", "DELAYED"), "CANCELLED"


class State(Frozen):
    """An attempt: how far it is, whether it has ended, and what failed it, if anything did.

    `orphaned` says that nobody alive carries it out; `abandoned` that somebody gave it up then;
    `bug` whether the failure is one of landed.
    """

    shipment: Shipment
    over: bool
    failure: str = ""
    orphaned: bool = False
    abandoned: bool = False
    bug: bool = False


class Desk:
    """The front of one database of shipments, with the locks of who is alive there. It runs nothing
    itself.
    """

    def __init__(self, base: Base) -> None:
        base.prepare()
        self._base = base
        self.seats: Seats = base.seats()
        self._client = DBOSClient(
            system_database_url=base.address, serializer=Json(), application_name=APPLICATION
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.destroy()
        self.seats.close()

    def enqueue(self, order: Order) -> None:
        """Hands an order to whichever worker takes it."""
        self._client.enqueue(
            {
                "workflow_name": SHIP,
                "queue_name": self._base.ships,
                "workflow_id": order.workflow,
                "app_version": VERSION,
            },
            msgspec.to_builtins(order),
        )

    def arm(self, watches: Iterable[Kept], moment: datetime) -> None:
        """Makes the next checkpoint of each watch ready, where the database does not know them.
        After the last one its end is still to be written down.
        """
        for kept in watches:
            number = kept.next(moment) or kept.opened.checkpoints
            wait = (kept.opened.due_at(number) - moment).total_seconds()
            self._client.enqueue(
                {
                    "workflow_name": LOOK,
                    "queue_name": self._base.looks,
                    "workflow_id": kept.opened.key(number),
                    "app_version": VERSION,
                    "delay_seconds": max(wait, 0.0),
                },
                kept.opened.id,
                number,
            )

    def state(self, workflow: str) -> State | None:
        """How far an attempt is; None where there is none of that id."""
        found = self._client.list_workflows(workflow_ids=[workflow])
        if not found:
            return None
        row = found[0]
        order = _order(row.input)
        shipment = Shipment(order=order, done=(*order.done, *self._done(workflow)))
        failure = f"{_kind(row.error)}: {row.error}" if row.error else ""
        if row.status not in _OPEN and row.status != "SUCCESS" and not failure:
            failure = row.status.lower().replace("_", " ")
        return State(
            shipment=shipment,
            over=row.status not in _OPEN,
            failure=failure,
            orphaned=row.status in _OPEN and self._orphaned(row),
            abandoned=row.status == _ABANDONED,
            bug=_kind(row.error) not in (ProviderError.__name__, DataError.__name__),
        )

    def _done(self, workflow: str) -> list[Done]:
        names = {step.value for step in Step}
        steps = self._client.list_workflow_steps(workflow)
        return [
            msgspec.convert(step["output"], Done)
            for step in steps
            if step["function_name"] in names and step["output"]
        ]

    def recorded(self, most: int = 20) -> dict[int, str]:
        """The ledger's entries that the newest shipments wrote, as they remember them: the hashes
        by number.
        """
        rows = self._client.list_workflows(
            name=SHIP, status="SUCCESS", sort_desc=True, limit=most, load_input=False,
            load_output=False,
        )  # fmt: skip
        return {
            int(step["output"]["entry"]): str(step["output"]["hash"])
            for row in rows
            for step in self._client.list_workflow_steps(row.workflow_id)
            if step["function_name"] == RECORD and step["output"]
        }

    def newest_attempt(self, shipment: str) -> str | None:
        """The workflow of the newest attempt at a shipment."""
        rows = self._client.list_workflows(
            workflow_id_prefix=shipment, name=SHIP, load_input=False, load_output=False
        )
        mine = [row.workflow_id for row in rows if row.workflow_id.split(".")[0] == shipment]
        return max(mine, key=lambda one: int(one.partition(".")[2] or 1), default=None)

    def open(self) -> list[str]:
        """The attempts that have not ended, the newest first."""
        rows = self._client.list_workflows(
            status=list(_OPEN), name=SHIP, sort_desc=True, load_input=False, load_output=False
        )
        return [row.workflow_id for row in rows]

    def _others(self, order: Order) -> Iterator[tuple[Any, str]]:
        """The other shipments into the same target that have not ended, with their ids."""
        for row in self._client.list_workflows(status=list(_OPEN), name=SHIP, load_output=False):
            one = _order(row.input)
            if one.target == order.target and one.id != order.id and self._base.owns(one):
                yield row, one.id

    def _beside(self, order: Order, dead: str) -> str | None:
        """Another shipment into the same target that somebody alive carries out. `dead` is an
        executor that the caller holds the lock of.
        """
        for row, one in self._others(order):
            if not (dead and row.executor_id == dead) and not self._orphaned(row):
                return one
        return None

    @contextmanager
    def alone(self, order: Order, *, dead: str = "", patient: bool = True) -> Iterator[None]:
        """A block in which a shipment is begun or gone on with. Raises UsageError where another one
        into the same target is under way: each would deploy over the other, and execute what that
        one had deployed. Whether that one is dead may show at the second look alone, which only
        the `patient` take.
        """
        with self.seats.alone(order.target):
            other = self._beside(order, dead)
            if other and patient and self.seats.patience:
                time.sleep(self.seats.patience)
                other = self._beside(order, dead)
            if other:
                raise UsageError(
                    f"shipment {other} into {order.environment} is under way",
                    f"`{resume(other)}` waits for its end; then ship this one",
                )
            yield

    @contextmanager
    def in_turn(self, order: Order, seats: Seats) -> Iterator[None]:
        """A block in which a shipment is carried out, by whose seats these are: it waits until no
        other one into the same target is. Whoever takes from the queue may find one there that lay
        forgotten, while another was begun since.
        """
        # Who lost the connection a moment ago may not know yet.
        patient = seats.patience > 0 and any(
            row.status == "PENDING" for row, _ in self._others(order)
        )
        with seats.in_turn(order.target, patient=patient):
            yield

    def orphaned(self) -> list[Order]:
        """The shipments of this project that have not ended, and that nobody alive carries out: the
        newest first.
        """
        rows = self._client.list_workflows(
            status=list(_OPEN), name=SHIP, sort_desc=True, load_output=False
        )
        orders = ((row, _order(row.input)) for row in rows)
        return [one for row, one in orders if self._base.owns(one) and self._orphaned(row)]

    def _orphaned(self, row: Any) -> bool:
        if row.status != "PENDING":
            return not self.seats.workers()
        return self.seats.free(row.executor_id)

    def take_over(self, queues: Sequence[str]) -> list[str]:
        """Enqueues again what dead executors were in the middle of: the shipments of this project,
        and what came from these queues. Of two shipments into one target the newer goes on first,
        and the other when that one is over.
        """
        dead: dict[str, list[Any]] = {}
        for row in self._client.list_workflows(
            status="PENDING", sort_desc=True, load_input=False, load_output=False
        ):
            dead.setdefault(row.executor_id or "", []).append(row)
        taken = []
        for executor, rows in dead.items():
            with self.seats.vacant(executor) as free:
                for row in rows if free else ():
                    now = self._still(row)
                    queue = now and self._queue(now, queues)
                    if queue and self._goes_on(now, queue):
                        taken.append(row.workflow_id)
        return taken

    def claim(self, workflow: str) -> bool:
        """Gives a shipment that nobody alive carries out to whoever of this project lives. False
        where somebody else looks at it or takes it just now. Raises UsageError where another one
        into the same target is under way.
        """
        for row in self._client.list_workflows(workflow_ids=[workflow], load_output=False):
            if row.status == "PENDING":
                with self.seats.vacant(row.executor_id or "") as free:
                    if not (free and self._still(row)):
                        return False
                    self._enqueue_alone(row, patient=True)
            elif row.status in _OPEN:
                self._enqueue_alone(row, patient=True)
        return True

    def abandon(self, workflow: str) -> bool:
        """Ends a shipment for good that nobody alive carries out: no worker takes it any more.
        False where somebody alive has it.
        """
        for row in self._client.list_workflows(workflow_ids=[workflow], load_output=False):
            if row.status == "PENDING":
                with self.seats.vacant(row.executor_id or "") as free:
                    if not free or not self._still(row):
                        return False
                    self._client.cancel_workflow(workflow)
            elif row.status in _OPEN:
                if self.seats.workers():
                    return False
                # A worker that begins in this moment ends with the step that it begins with.
                self._client.cancel_workflow(workflow)
        return True

    def _enqueue_alone(self, row: Any, *, patient: bool) -> None:
        with self.alone(_order(row.input), dead=row.executor_id or "", patient=patient):
            if row.status == "ENQUEUED" and row.queue_name == self._base.ships:
                # It waits where it should: whoever asks takes it, perhaps just now.
                return
            self._client.resume_workflow(row.workflow_id, queue_name=self._base.ships)

    def _goes_on(self, row: Any, queue: str) -> bool:
        """Enqueues what a dead executor left; no shipment beside a living one."""
        if row.name != SHIP:
            self._client.resume_workflow(row.workflow_id, queue_name=queue)
            return True
        try:
            self._enqueue_alone(row, patient=False)
        except (UsageError, ProviderError):
            # Somebody alive is there, or begins just now. It is asked again.
            return False
        return True

    def _queue(self, row: Any, queues: Sequence[str]) -> str | None:
        """Where it goes on; None where it is another project's."""
        if row.name == SHIP:
            return self._base.ships if self._base.owns(_order(row.input)) else None
        return row.queue_name if row.queue_name in queues else None

    def _still(self, row: Any) -> Any:
        """The workflow as it is now, if it is the dead executor's still: asked again while nobody
        else can take it.
        """
        found = self._client.list_workflows(workflow_ids=[row.workflow_id], load_output=False)
        still = [("PENDING", row.executor_id)] == [(one.status, one.executor_id) for one in found]
        return found[0] if still else None


def _kind(error: Any) -> str:
    """The name of an error, as it was before it was kept."""
    return str(getattr(error, "name", type(error).__name__))


def _order(given: Any) -> Order:
    return msgspec.convert(given["args"][0], Order)
