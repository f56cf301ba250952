"""Runs one instance of a service from start to end.

It is always started as `python -m landed.localcloud.instance FOLDER`.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from landed.core.clock import now
from landed.core.errors import ProviderError
from landed.localcloud.disk import read, save
from landed.localcloud.images import Images
from landed.localcloud.plan import PLAN, Plan
from landed.localcloud.records import InstanceRecord
from landed.localcloud.services import RECORD, Services
from landed.localcloud.supervise import Program, end, run

HOST = "127.0.0.1"
_FIRST_PORT, _PORTS, _NEXT = 20_000, 12_000, 101
"""Below those that systems give to whoever asks for any."""


def serve(folder: Path) -> None:
    """Starts the program of an instance on a free port, says when it listens, and waits for its
    end. One that does not listen in time is ended.
    """
    place = folder / RECORD
    plan = read(folder / PLAN, Plan)
    port = _free_port()
    record = msgspec.structs.replace(read(place, InstanceRecord), supervisor=os.getpid(), port=port)
    save(place, record)
    plan = msgspec.structs.replace(plan, env={**plan.env, "PORT": str(port)})

    def begun(program: Program) -> None:
        if _listens(program, port, plan.listen_seconds):
            save(place, msgspec.structs.replace(record, ready_time=now()))
            # This revision may be the one that gets the traffic now: then the others rest. Where
            # it gets none, it ends itself. One that will not end is no reason to end with it.
            root = folder.parents[3]
            with suppress(ProviderError):
                Services(root, Images(root / "images")).settle(record.service)
        elif program.poll() is None:
            waited = f"it did not listen on PORT {port} within {plan.listen_seconds:g} s"
            save(place, msgspec.structs.replace(record, failure=waited))
            end(program)

    run(place, InstanceRecord, plan, begun=begun)


def _free_port() -> int:
    """A port that nobody has. The number of this process says where the search begins: whoever
    looks for one before the program has taken this one finds another.
    """
    for turn in range(_PORTS):
        port = _FIRST_PORT + (os.getpid() + turn * _NEXT) % _PORTS
        with socket.socket() as asked, suppress(OSError):
            asked.bind((HOST, port))
            return port
    raise ProviderError("no port is free for an instance", "end what listens on 127.0.0.1")


def _listens(program: Program, port: int, seconds: float) -> bool:
    """Whether the program takes connections in time. The last try is after that: who stood still
    meanwhile has not looked.
    """
    until = time.monotonic() + seconds
    over = False
    while program.poll() is None and not over:
        over = time.monotonic() >= until
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False


if __name__ == "__main__":
    # So that a plain `kill` cancels it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(Path(sys.argv[1]))
