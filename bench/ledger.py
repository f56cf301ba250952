"""How the ledger's questions grow with it: `./dev bench ledger [ENTRIES …]`.

Each is asked of entries chosen by chance, over and over, on an SQLite file that has just been
filled. The bodies are small: what grows here is their number.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from landed.ledger.store import GENESIS, Ledger, chained

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TARGETS = 50
ROUNDS = 200
AT = "2025-11-04T00:53:00.000000Z"


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """A chain of traces, shipments and looks over many targets."""
    prev = GENESIS
    for number in range(1, count + 1):
        kind = ("trace", "trace", "look", "trace", "ship")[number % 5]
        document = {
            "deployable": f"worker-{number % TARGETS}", "environment": "dev",
            "verdict": "proved", "digest": f"sha256:{number:064x}",
            "change": {"commit": f"{number:040x}", "subject": "A change with a subject"},
            "links": [{"link": "healed", "status": "holds", "because": "the work is seen"}],
        }  # fmt: skip
        if kind != "trace":
            document["key"] = f"{kind}-{number}"
        body = json.dumps(document, sort_keys=True)
        own = chained(prev, AT, kind, body)
        yield number, AT, kind, body, prev, own
        prev = own


def filled(path: Path, count: int) -> Ledger:
    """A ledger with so many entries."""
    ledger = Ledger(path)
    ledger.append("trace", {})
    ledger.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER entries_no_delete")
        raw.execute("DELETE FROM entries")
        raw.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows(count))
    raw.close()
    return ledger


def late(ask: Callable[[], object]) -> float:
    """The time that 95 of 100 answers stay below, in milliseconds."""
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return sorted(took)[int(ROUNDS * 0.95)] * 1000


def main() -> None:
    """Prints a line for each size."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    chance = random.Random(1)
    print("95 of 100 answers within … ms")
    print(f"{'entries':>10} {'log':>8} {'target':>8} {'errors':>8} {'key':>8} {'append':>8}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            ledger = filled(Path(folder) / "ledger.db", size)

            def target(ledger: Ledger = ledger) -> object:
                name = f"worker-{chance.randrange(TARGETS)}"
                return ledger.newest(1, "ship", environment="dev", deployable=name)

            def errors(ledger: Ledger = ledger) -> object:
                name = f"worker-{chance.randrange(TARGETS)}"
                return ledger.newest(200, "trace", environment="dev", deployable=name)

            def key(ledger: Ledger = ledger, size: int = size) -> object:
                return ledger.keyed(f"ship-{chance.randrange(size) // 5 * 5 + 4}")

            figures = [
                late(lambda ledger=ledger: ledger.newest(20)),  # type: ignore[misc]
                late(target),
                late(errors),
                late(key),
                late(lambda ledger=ledger: ledger.append("trace", {"a": 1})),  # type: ignore[misc]
            ]
            ledger.close()
        print(f"{size:>10,} " + " ".join(f"{one:>8.2f}" for one in figures), flush=True)


if __name__ == "__main__":
    main()
