"""`landed worker`: takes what is enqueued, shipments and checkpoints, until it is told to end."""

from __future__ import annotations

import os
import signal
from functools import partial
from queue import SimpleQueue

import click

from landed.cli.common import Speech, common
from landed.core.errors import LandedError


@click.command("worker")
@common
def command(speech: Speech) -> int:
    """Carries out shipments and looks at watches, beside any number of other workers.

    Ctrl-C or a plain `kill` ends it, within seconds, and a second one at once: what it was in the
    middle of goes to another one, or goes on when it is started again.
    """
    from landed import ship_wiring as wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.cli.main import flush, leave  # noqa: PLC0415
    from landed.ship.worker import work  # noqa: PLC0415

    config = speech.config()
    base, hands = wiring.base(config), wiring.hands(config, lasting=True)
    # No Event: its lock may be held by the very code that a signal interrupts.
    stop: SimpleQueue[int] = SimpleQueue()
    told: list[int] = []

    def end(number: int, _frame: object) -> None:
        if told:
            # Who says it twice does not want to wait: what is under way is kept as it is.
            os._exit(128 + number)
        told.append(number)
        stop.put(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    lost = partial(leave, as_json=speech.json)
    try:
        work(base, hands, stop, speech.aside, lost)
    except LandedError as error:
        lost(error)
    if speech.json:
        speech.document({"schema": "landed/worker/v1", "ended": True})
    flush()
    # Not by the usual way out: that would wait for a step in the middle, however long it takes.
    os._exit(0)
