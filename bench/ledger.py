"""How the commands grow with the ledger: `./dev bench ledger [ENTRIES …]`.

Each command is run whole, but for the start of Python and its imports: it reads the settings, opens
the ledger, asks, decodes and writes what a person or a program reads. The entries are real ones of
4 kB on average (`entries.py`), on SQLite and, where it is installed, on PostgreSQL. Without sizes:
1,000 and 10,000, in under a minute. `./dev bench ledger 1000 10000 100000 1000000` takes half an
hour and 10 GB of disk.

`where` and `errors` ask the cloud, and not the ledger: they are here to show that they do not grow.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import psycopg
from click.testing import CliRunner
from entries import Model, fill, models, shipped

from landed.cli.main import landed as group
from landed.config import load
from landed.ledger.store import Ledger, opened
from landed.project import owner
from landed.ship import records
from postgres import PROGRAMS, Server

SIZES = (1_000, 10_000)
ROUNDS, FEW = 100, 20
COMMANDS = (("log",), ("log", "--json"), ("log", "--limit", "1000"), ("report", "ship-00000050"),
            ("watch", "--json"), ("where",), ("errors",))  # fmt: skip
VERIFY = """
from pathlib import Path
from landed.cli.main import landed
landed(["verify-ledger", "--quiet"], standalone_mode=False)
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def late(ask: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """In milliseconds: the time that half and that 95 of 100 of the answers stay below, and what a
    processor works for one in this process.
    """
    took = []
    worked = time.process_time()
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    worked = (time.process_time() - worked) * 1000 / rounds
    return took[rounds // 2], took[int(rounds * 0.95)], worked


def run(*arguments: str) -> None:
    """A command in this process."""
    done = CliRunner().invoke(group, arguments, standalone_mode=False)
    if done.exception:
        raise done.exception


def _ask(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1")


def measure(name: str, size: int, ledger: Ledger) -> None:
    """Prints a line for each command."""

    def line(what: str, ask: Callable[[], object], rounds: int = ROUNDS) -> None:
        ask()
        middle, most, worked = late(ask, rounds)
        figures = f"{middle:>8.1f} {most:>8.1f} {worked:>9.1f}"
        print(f"{name:<10} {size:>9,}  {what:<22} {figures}", flush=True)

    if isinstance(ledger.place, str):
        # What every command below pays before it can ask anything.
        line("psycopg alone", lambda: _ask(str(ledger.place)))
    for words in COMMANDS:
        few = words[0] in ("where", "errors", "watch") or "--limit" in words
        line(" ".join(words), lambda words=words: run(*words), FEW if few else ROUNDS)  # type: ignore[misc]
    line("last proved shipment", lambda: records.proved(ledger, "dev", "worker", other_than="x"))
    if isinstance(ledger.place, Path):
        # What a worker asks whose database of shipments is gone.
        line("all open watches", lambda: records.watches(ledger), 5)
    line("append", lambda: ledger.append("trace", {"a": 1}))
    begun = time.perf_counter()
    child = subprocess.run(
        [sys.executable, "-c", VERIFY], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - begun
    assert child.stdout.startswith("✓"), child.stdout
    most = int(child.stdout.split()[-1]) // 1024
    print(f"{name:<10} {size:>9,}  verify-ledger: {took:.1f} s, {most} MiB", flush=True)


def on(place: Path | str, size: int, of: list[Model]) -> None:
    """One ledger of one size, that is filled first."""
    name = "SQLite" if isinstance(place, Path) else "PostgreSQL"
    begun = time.perf_counter()
    shared = None if isinstance(place, Path) else owner(load(None, Path.cwd())).id
    fill(place, size, of, shared)
    print(f"{name:<10} {size:>9,}  filled in {time.perf_counter() - begun:.0f} s", flush=True)
    with opened(load(None, Path.cwd())) as ledger:
        measure(name, size, ledger)


def main() -> None:
    """Prints the table, SQLite first."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    os.environ.pop("LANDED_DATABASE", None)
    with tempfile.TemporaryDirectory() as folder:
        shop = shipped(Path(folder))
        path = shop.work / ".landed" / "ledger.db"
        with Ledger(path) as ledger:
            of = models(ledger)
        print(f"{len(of)} models: " + " ".join(f"{kind} {len(body)}" for kind, body in of))
        heads = f"{'median':>8} {'95 %':>8} {'processor':>9}"
        print(f"{'':<10} {'entries':>9}  {'milliseconds':<22} {heads}")
        # What it remembers of the shop's own ledger is no part of the others.
        shutil.rmtree(path.parent / "ship")
        with chdir(shop.work):
            for size in sizes:
                for part in path.parent.glob("ledger.*"):
                    part.unlink()
                on(path, size, of)
            for size in sizes if PROGRAMS else ():
                with Server() as server:
                    os.environ["LANDED_DATABASE"] = server.database()
                    on(os.environ["LANDED_DATABASE"], size, of)


if __name__ == "__main__":
    main()
