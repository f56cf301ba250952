"""The command line with a trap: it kills itself with SIGKILL at a point.

A point is `before STEP`, `in STEP NUMBER` or `after STEP`: the last is the worst one, as the step's
work is done and nobody has written down that it is. `at FUNCTION SIDE` is any function at all.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
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


def arm(point: str) -> None:
    """Lays the trap."""
    if point == "never":
        return
    when, step, *number = point.split()
    if when == "at":
        _trap(step, number[0], lambda: True)
        return
    engine: Any = importlib.import_module("landed.ship.engine")
    take, under_way = engine.take, ["record"]

    def taken(this: Any, *rest: Any) -> Any:
        if point == f"before {this}":
            die()
        under_way[0] = str(this)
        found = take(this, *rest)
        under_way[0] = "record"
        if point == f"after {this}":
            die()
        return found

    engine.take = taken
    if when == "in":
        where, side = MIDDLES[step][int(number[0])]
        _trap(where, side, lambda: under_way[0] == step)


def _trap(where: str, side: str, armed: Callable[[], bool]) -> None:
    """Replaces a function by one that dies before or after it."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    deed = getattr(owner, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        if armed() and side == "before":
            die()
        found = deed(*args, **kwargs)
        if armed():
            die()
        return found

    setattr(owner, name, trapped)


def landed(folder: str, point: str, arguments: list[str]) -> None:
    """Becomes the command line, in a folder, with a trap."""
    from landed.cli.main import run

    os.chdir(folder)
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
