"""The command line with a trap: it kills itself with SIGKILL at a point.

A point is `before STEP`, `in STEP NUMBER` or `after STEP`: the last is the worst one, as the step's
work is done and nobody has written down that it is. `at FUNCTION SIDE` is any function at all. At
`stand STEP NUMBER` it stands still instead, until somebody sends SIGUSR1. Several processes share a
script of points, and die in turn.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

# In the middle of each step: the functions that do its deeds, and the side on which it dies.
MIDDLES = {
    "check": [("landed.ship.steps.prepare:judge", "before")],
    "build": [
        ("landed.localcloud.images:Images.push", "before"),
        ("landed.localcloud.images:Images.push", "after"),
    ],
    "prove": [("landed.ship.steps.found:judge", "before")],
    "smoke": [("landed.localcloud.smoke:start", "after")],
    "deploy": [
        ("landed.providers.local.actions:LocalActions.publish", "after"),
        ("landed.localcloud.cloud:LocalCloud.deploy", "after"),
    ],
    "execute": [
        ("landed.localcloud.cloud:lay_plan", "after"),
        ("landed.localcloud.supervise:detach", "before"),
        ("landed.localcloud.supervise:detach", "after"),
    ],
    "logs": [("landed.ship.steps.found:judge", "before")],
    "watch": [
        ("landed.ship.records:open_watch", "before"),
        ("landed.ship.records:open_watch", "after"),
    ],
    "record": [
        ("landed.ship.records:write_shipment", "before"),
        ("landed.ship.records:write_shipment", "after"),
    ],
}
POINTS = [
    point
    for step, middles in MIDDLES.items()
    for point in (
        f"before {step}",
        *(f"in {step} {number}" for number in range(len(middles))),
        f"after {step}",
    )
    # What writes the end down is no step of the order.
    if point not in ("before record", "after record")
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stand(goes_on: threading.Event) -> None:
    os.write(2, b"stands still\n")
    goes_on.wait()


def hasten() -> None:
    """Makes what waits wait less: the deaths here are deaths, and no lost connections."""
    for where, name, seconds in (
        ("landed.ship.run", "_POLL_SECONDS", 0.05),
        ("landed.ship.engine", "BEAT_SECONDS", 0.05),
        ("landed.ship.engine", "_FINISH_SECONDS", 1),
        ("landed.ship.worker", "_LOOK_AROUND_SECONDS", 0.05),
    ):
        module = importlib.import_module(where)
        assert hasattr(module, name), name
        setattr(module, name, seconds)
    seats: Any = importlib.import_module("landed.ship.database_seats")
    seats.DatabaseSeats.patience = float(os.environ.get("LANDED_TEST_PATIENCE") or 0.2)


def travel() -> None:
    """Moves the time of shipments and watches to LANDED_TEST_AT; it goes on from there. By the
    clock in the file LANDED_TEST_CLOCK it goes on where the test says so.
    """
    at, clock = os.environ.get("LANDED_TEST_AT"), os.environ.get("LANDED_TEST_CLOCK")
    wiring: Any = importlib.import_module("landed.ship_wiring")
    if clock:
        wiring.now = lambda: datetime.fromisoformat(Path(clock).read_text())
    elif at:
        real = wiring.now
        ahead = datetime.fromisoformat(at) - real()
        wiring.now = lambda: real() + ahead


def arm(point: str) -> None:
    """Lays the trap: at one point, or with `each FILE` at the point that stands first in there."""
    if point == "never":
        return
    when, _, rest = point.partition(" ")
    if when == "at":
        where, side = rest.split()
        _trap(where, side, die)
        return
    reached: Callable[[str], None]
    if when == "each":
        reached = partial(_die_in_turn, Path(rest))
    elif when == "stand":
        goes_on = threading.Event()
        signal.signal(signal.SIGUSR1, lambda *_: goes_on.set())
        reached = partial(_end_at, f"in {rest}", partial(stand, goes_on))
    else:
        reached = partial(_end_at, point, die)
    engine: Any = importlib.import_module("landed.ship.engine")
    take, under_way = engine.take, ["record"]

    def taken(this: Any, *rest: Any) -> Any:
        reached(f"before {this}")
        under_way[0] = str(this)
        found = take(this, *rest)
        under_way[0] = "record"
        reached(f"after {this}")
        return found

    engine.take = taken
    for step, middles in MIDDLES.items():
        for number, (where, side) in enumerate(middles):
            _trap(where, side, partial(_reached_in, step, number, under_way, reached))


def _end_at(wanted: str, end: Callable[[], None], point: str) -> None:
    if point == wanted:
        end()


def _die_in_turn(script: Path, point: str) -> None:
    """Several processes share the script: each death is one line of it less."""
    with script.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted, _, rest = file.read().partition("\n")
        if point == wanted:
            file.seek(0)
            file.truncate()
            file.write(rest)
            file.flush()
            die()


def _reached_in(
    step: str, number: int, under_way: list[str], reached: Callable[[str], None]
) -> None:
    if under_way[0] == step:
        reached(f"in {step} {number}")


def _trap(where: str, side: str, passed: Callable[[], None]) -> None:
    """Replaces a function by one that says that it is begun, or over."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    deed = getattr(owner, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        if side == "before":
            passed()
        found = deed(*args, **kwargs)
        if side == "after":
            passed()
        return found

    setattr(owner, name, trapped)


def landed(folder: str, point: str, arguments: list[str]) -> None:
    """Becomes the command line, in a folder, with a trap."""
    from landed.cli.main import run

    os.chdir(folder)
    hasten()
    travel()
    arm(point)
    sys.argv = ["landed", *arguments]
    run()


def serve() -> None:
    """Forks a command for each line of JSON, and answers with its process; its exit code goes into
    a file. All that is slow to load is loaded once, before: only this process forks.
    """
    for module in ("cli.ship", "cli.worker", "ship.run", "ship_wiring", "providers.local.actions"):
        importlib.import_module(f"landed.{module}")
    for line in sys.stdin:
        given = json.loads(line)
        if os.fork() == 0:
            _attended(given)
        os.wait3(os.WNOHANG)


def _attended(given: dict[str, Any]) -> None:
    """Starts the command, and waits for its end."""
    os.environ.update(given["env"])
    child = os.fork()
    if child == 0:
        for name, number in (("out", 1), ("err", 2)):
            file = os.open(given[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, number)
        landed(given["folder"], given["point"], given["arguments"])
    os.write(1, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    beside = Path(given["code"] + "~")
    beside.write_text(str(code))
    beside.rename(given["code"])
    os._exit(0)


if __name__ == "__main__":
    serve()
