"""`landed worker`: takes what is enqueued, shipments and checkpoints, until it is told to end."""

from __future__ import annotations

import os
import signal
import sys
import threading

import click

from landed.cli.common import Speech, common


@click.command("worker")
@common
def command(speech: Speech) -> int:
    """Carries out shipments and looks at watches, beside any number of other workers.

    Ctrl-C or a plain `kill` ends it: what it was in the middle of goes to another one, or goes on
    when it is started again.
    """
    from landed import ship_wiring as wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.ship.worker import work  # noqa: PLC0415

    config = speech.config()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    work(wiring.base(config), wiring.hands(config), stop, speech.aside)
    if speech.json:
        speech.document({"schema": "landed/worker/v1", "ended": True})
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by the usual way out: that would wait for a step in the middle, however long it takes.
    os._exit(0)
