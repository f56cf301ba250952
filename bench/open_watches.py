"""Many open watches, and many workers: `./dev bench open_watches [WATCHES] [URL-OF-POSTGRESQL]`.

On SQLite: what a worker that waits for all of them takes of memory and of a processor, and how late
their checkpoints are when one falls due each 0.1 s. With a URL of an empty PostgreSQL: how many
looks one, two and four workers take in a second. A look here asks a cloud where nothing has run, so
what is measured is the engine.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import Any

from landed.config import ShipSettings
from landed.core.clock import now
from landed.core.errors import ProviderError
from landed.ledger.store import Ledger
from landed.ship import records
from landed.ship.ahead import Ahead
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.watch import Kept, Opened

DUE = 100
"""How many of the watches have a checkpoint within the time of the measurement."""


class Hands:
    """The surroundings of watches whose cloud does not answer: each look is written anyway."""

    def __init__(self, ledger: Path | str) -> None:
        self.settings = ShipSettings()
        self.ledger, self.ahead = Ledger(ledger), Ahead()

    @contextmanager
    def bench(self, environment: str, deployable: str) -> Iterator[Any]:
        """Nothing is there."""
        raise ProviderError(f"{deployable} in {environment} is not asked", "")
        yield

    def now(self) -> datetime:
        """The present moment."""
        return now()


def opened(count: int, hands: Hands, first: timedelta, apart: timedelta) -> list[Kept]:
    """So many watches: `DUE` checkpoints come one after the other, the others in hours."""
    found, begun = [], now()
    for number in range(count):
        due = first + apart * number if number < DUE else timedelta(hours=4)
        watch = Opened(
            id=f"watch-{number}", deployable=f"w{number}", environment="dev", commit="0" * 40,
            subject="A change", digest="sha256:0", fixes=(), named=(), checkpoints=6,
            opened_at=begun + due - timedelta(hours=4), every=timedelta(hours=4),
        )  # fmt: skip
        if number < DUE:
            records.open_watch(hands.ledger, watch)
        found.append(Kept(opened=watch))
    return found


def work(base: Base, ledger: Path | str, seconds: float) -> None:
    """A worker for so long."""
    from landed.ship import worker

    stop: SimpleQueue[int] = SimpleQueue()
    Timer(seconds, stop.put, [0]).start()
    worker.work(base, Hands(ledger), stop, lambda _words: None, print)
    os._exit(0)


def usage(pid: int) -> tuple[float, float]:
    """Megabytes in memory, and seconds of a processor."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = int(status.split("VmRSS:")[1].split()[0])
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return kilobytes / 1024, (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def idle(count: int, folder: Path) -> dict[str, float]:
    """A worker that waits for `count` watches, of which some fall due."""
    base, ledger = Base(folder=folder / "ship", url=None), folder / "ledger.db"
    hands = Hands(ledger)
    with Desk(base) as desk:
        begun = time.perf_counter()
        desk.arm(opened(count, hands, timedelta(seconds=40), timedelta(seconds=0.1)), now())
        arming = time.perf_counter() - begun
    until = now() + timedelta(seconds=40)
    worker = multiprocessing.Process(target=work, args=(base, ledger, 90.0))
    worker.start()
    assert worker.pid
    time.sleep(10)
    _, before = usage(worker.pid)
    time.sleep(10)
    memory, after = usage(worker.pid)
    while now() < until + timedelta(seconds=20):
        time.sleep(1)
    late = sorted(
        (look.looked_at - look.due_at).total_seconds()
        for number in range(DUE)
        for look in getattr(records.kept(hands.ledger, f"watch-{number}"), "looks", ())
    )
    worker.kill()
    worker.join()
    hands.ledger.close()
    return {
        "watches": count,
        "arm_per_second": round(count / arming),
        "memory_mb": round(memory),
        "idle_cpu_percent": round((after - before) * 10, 1),
        "looked": len(late),
        "late_median_s": round(late[len(late) // 2], 2) if late else -1,
        "late_p95_s": round(late[int(len(late) * 0.95)], 2) if late else -1,
    }


def throughput(workers: int, url: str) -> dict[str, float]:
    """Looks in a second, by so many workers on one PostgreSQL, and what a look costs them of a
    processor; PostgreSQL's own work comes on top.
    """
    from sqlalchemy import create_engine, make_url, text

    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        for statement in ("DROP SCHEMA IF EXISTS dbos CASCADE", "DROP TABLE IF EXISTS entries"):
            connection.execute(text(statement))
    base, hands = Base(folder=Path(), url=url), Hands(url)
    watches = opened(DUE, hands, timedelta(seconds=-1), timedelta())
    processes = [
        multiprocessing.Process(target=work, args=(base, url, 120.0)) for _ in range(workers)
    ]
    with Desk(base) as desk:
        for process in processes:
            process.start()
        time.sleep(8)
        desk.arm(watches, now())
        while not (looks := hands.ledger.newest(1, records.LOOK)):
            time.sleep(0.01)
        begun, worked = time.perf_counter(), sum(usage(one.pid or 0)[1] for one in processes)
        while len(looks) < DUE:
            time.sleep(0.05)
            looks = hands.ledger.newest(DUE, records.LOOK)
            assert time.perf_counter() - begun < 100
        took = time.perf_counter() - begun
        worked = sum(usage(one.pid or 0)[1] for one in processes) - worked
    for process in processes:
        process.kill()
        process.join()
    hands.ledger.close()
    engine.dispose()
    return {
        "workers": workers,
        "looks_per_second": round(DUE / took, 1),
        "processor_ms_per_look": round(worked / DUE * 1000, 1),
    }


def main() -> None:
    """Prints what was measured, a line of JSON each."""
    multiprocessing.set_start_method("spawn")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(idle(count, Path(folder))), flush=True)
    if len(sys.argv) > 2:
        for workers in (1, 2, 4):
            print(json.dumps(throughput(workers, sys.argv[2])), flush=True)


if __name__ == "__main__":
    main()
