"""Who may only read a project can see what was traced and shipped there, and prove it whole."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from landed.core.errors import ProviderError
from landed.ledger import database
from landed.ledger.store import Ledger
from scenarios.shop import Shop

BWRAP = (
    "bwrap",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--tmpfs",
    "/run",
    "--setenv",
    "TMPDIR",
    "/run",
)


def read_only(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command where nothing at all can be written."""
    # Its folder may lie below /dev.
    there = ["--ro-bind", str(shop.folder), str(shop.folder), "--chdir", str(shop.work)]
    words = [*BWRAP, *there, sys.executable, "-m", "landed", *arguments]
    return subprocess.run(words, cwd=shop.work, capture_output=True, text=True, check=False)


@pytest.fixture
def shipped(shop: Shop) -> Shop:
    shop.lose()
    shop.fix()
    shop.push()
    assert shop.landed("ship").code == 0
    assert shop.landed("trace").code == 0
    place = shop.work / ".landed" / "ledger.db"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for more in ("-wal", "-shm"):
        place.with_name(place.name + more).unlink(missing_ok=True)
    # Another file, that no connection of this process knows.
    other = place.with_suffix(".copy")
    shutil.copy(place, other)
    other.rename(place)
    return shop


def ledger(shop: Shop) -> Path:
    return shop.work / ".landed" / "ledger.db"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["verify-ledger"], 0, "✓ whole: 3 entries"),
        (["log"], 0, "worker in dev"),
        (["report"], 0, "## ✓ worker in dev: proved"),
        (["watch"], 3, "… pending: the watch goes on until"),
        (["errors"], 0, "worker in dev: 1 error"),
        (["where"], 0, "yes          worker in dev"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_who_may_only_read_sees_what_was_traced(
    shipped: Shop, words: list[str], code: int, said: str
) -> None:
    before = sorted(path.name for path in ledger(shipped).parent.iterdir())
    done = read_only(shipped, *words)
    assert (done.returncode, said in done.stdout) == (code, True), done
    assert sorted(path.name for path in ledger(shipped).parent.iterdir()) == before


def test_times_read_alike_on_all_screens(shipped: Shop) -> None:
    for words in (["log"], ["where"], ["watch"]):
        said = read_only(shipped, *words).stdout
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", said), said
        assert not re.search(r"\dT\d", said), said


def test_what_was_not_asked_is_said(shipped: Shop) -> None:
    assert "record of their entries was not asked" in read_only(shipped, "verify-ledger").stderr


def test_an_end_that_is_gone_is_missed_and_an_entry_that_was_changed_is_found(
    shipped: Shop,
) -> None:
    tail = ledger(shipped).with_suffix(".tail")
    whole = tail.read_bytes()
    tail.write_bytes(whole + b"7 " + b"a" * 64 + b" {}\n")
    missed, listed = read_only(shipped, "verify-ledger"), read_only(shipped, "log")
    assert (missed.returncode, listed.returncode) == (1, 3), (missed, listed)
    assert "is lost" in missed.stdout
    tail.write_bytes(whole)
    with closing(sqlite3.connect(ledger(shipped), isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET body = '{}' WHERE id = 2")
    assert read_only(shipped, "verify-ledger").returncode == 1


@pytest.mark.parametrize("index", [True, False])
def test_what_lies_in_the_log_alone_is_read_or_nothing_is(shipped: Shop, *, index: bool) -> None:
    with Ledger(ledger(shipped)) as written:
        written.append("trace", {"number": 4})
        parts = {part: part.read_bytes() for part in ledger(shipped).parent.glob("ledger.db-*")}
    for part, data in parts.items():
        if index or not part.name.endswith("-shm"):
            part.write_bytes(data)
    done = read_only(shipped, "verify-ledger")
    if index:
        assert (done.returncode, "whole: 4 entries" in done.stdout) == (0, True), done
    else:
        assert (done.returncode, "`landed log` once" in done.stderr) == (4, True), done


def test_a_ledger_that_is_written_while_it_is_read_gives_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "ledger.db"
    with Ledger(place) as writer:
        for number in range(3):
            writer.append("trace", {"number": number})
    monkeypatch.setattr(database, "only_read", lambda _: True)
    with Ledger(place) as reader:
        assert len(reader.newest(9)) == 3
        with pytest.raises(ProviderError, match="may only be read"):
            reader.append("trace", {})
        walk = reader._walk()
        next(walk)
        place.write_bytes(place.read_bytes() + b"")
        with pytest.raises(ProviderError, match="was written meanwhile"):
            list(walk)
