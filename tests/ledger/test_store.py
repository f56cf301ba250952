from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from landed.core.errors import DataError, LandedError, ProviderError
from landed.ledger.chain import GENESIS
from landed.ledger.failures import translated
from landed.ledger.store import Ledger
from landed.ledger.tail import Tail

WRITER = """
import sys
from pathlib import Path
from landed.ledger import tail
from landed.ledger.store import Ledger
tail._SECONDS = 600.0  # on a busy machine one may hold the tail for longer than others wait for it
ledger = Ledger(Path(sys.argv[1]), tail=Path(sys.argv[1]).with_suffix(".tail"))
for number in range(int(sys.argv[2])):
    ledger.append("trace", {"writer": sys.argv[3], "number": number})
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state" / "ledger.db", tail=tmp_path / "state" / "ledger.tail")


def path_of(ledger: Ledger) -> Path:
    assert isinstance(ledger.place, Path)
    return ledger.place


def fill(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.append("trace", {"number": number})
    ledger.close()


def test_an_entry_follows_the_one_before_it(ledger: Ledger) -> None:
    first, second = ledger.append("trace", {"a": 1}), ledger.append("trace", {"a": 2})
    assert first.prev == GENESIS
    assert second.prev == first.hash
    assert ledger.verify().entries == 2
    assert ledger.verify().head == second.hash


def test_reading_an_absent_ledger_makes_none(ledger: Ledger) -> None:
    assert ledger.newest(5) == []
    assert ledger.verify().entries == 0
    assert not path_of(ledger).exists()


@pytest.mark.parametrize("statement", ["UPDATE entries SET body = '{}'", "DELETE FROM entries"])
def test_the_database_itself_refuses_changes(ledger: Ledger, statement: str) -> None:
    fill(ledger, 2)
    with sqlite3.connect(path_of(ledger)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE entries SET body = '{\"number\":7}' WHERE id = 2", 2),
        ("UPDATE entries SET at = '2020-01-01T00:00:00Z' WHERE id = 3", 3),
        ("UPDATE entries SET kind = 'ship' WHERE id = 1", 1),
        ("DELETE FROM entries WHERE id = 2", 3),
        ("DELETE FROM entries WHERE id = 1", 2),
    ],
)
def test_tampering_is_found_at_its_entry(ledger: Ledger, statement: str, entry: int) -> None:
    fill(ledger, 4)
    with sqlite3.connect(path_of(ledger)) as raw:
        raw.execute("DROP TRIGGER entries_no_update")
        raw.execute("DROP TRIGGER entries_no_delete")
        raw.execute(statement)
    check = ledger.verify()
    assert check.fault
    assert check.at_entry == entry


def test_several_writers_make_one_chain(ledger: Ledger) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path_of(ledger)), "20", name])
        for name in "abcd"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    check = ledger.verify()
    assert (check.entries, check.fault, ledger.lost()) == (80, None, None)
    assert Tail(path_of(ledger).with_suffix(".tail")).newest() == ledger.newest(1)[0].head


def test_a_killed_writer_leaves_a_whole_chain(ledger: Ledger) -> None:
    fill(ledger, 1)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path_of(ledger)), "100000", "k"])
    while ledger.verify().entries < 5:
        assert writer.poll() is None
    writer.kill()
    writer.wait(60)
    assert (ledger.verify().fault, ledger.lost()) == (None, None)
    ledger.append("trace", {"after": True})
    assert (ledger.verify().fault, ledger.lost()) == (None, None)


def test_a_server_that_refuses_a_question_is_not_said_to_be_damaged() -> None:
    refused = ProgrammingError("SELECT", {}, Exception("permission denied for table entries"))
    denied = pytest.raises(ProviderError, match="permission denied")
    with denied as said, translated("postgresql://host/x"):
        raise refused
    assert "LANDED_DATABASE" in said.value.hint


def test_a_damaged_file_is_said_to_be_damaged(ledger: Ledger) -> None:
    path_of(ledger).parent.mkdir()
    path_of(ledger).write_bytes(b"this is no database at all, and long enough to be sure" * 50)
    with pytest.raises(DataError, match="damaged"):
        ledger.newest(1)


def test_another_database_is_no_ledger(ledger: Ledger) -> None:
    path_of(ledger).parent.mkdir()
    with sqlite3.connect(path_of(ledger)) as raw:
        raw.execute("CREATE TABLE other (x)")
    with pytest.raises(LandedError, match="is no ledger"):
        ledger.verify()


def test_a_full_disk_is_said_to_be_full(ledger: Ledger) -> None:
    fill(ledger, 1)
    with sqlite3.connect(path_of(ledger)) as raw:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
    script = f"""
import sqlite3
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from landed.ledger.store import Ledger
@event.listens_for(Engine, "connect")
def limit(connection, record):
    connection.execute("PRAGMA max_page_count = {pages}")
ledger = Ledger(Path({str(path_of(ledger))!r}))
try:
    for _ in range(1000):
        ledger.append("trace", {{"long": "x" * 1000}})
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith(ProviderError.__name__)
    assert "the disk is full" in done.stdout
    assert ledger.verify().fault is None
