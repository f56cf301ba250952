"""A ledger whose end is gone: a power cut took it, or an old copy was put in its place."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from landed.cli.main import landed
from landed.ledger import tail
from landed.ledger.chain import LOST, told
from landed.ledger.store import Ledger
from landed.ledger.tail import Tail
from postgres import Server

ENTRIES = 12
FRAME, FRAMES_BEGIN = 24 + 4096, 32


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a ledger lies. The file that remembers its end is beside it."""
    return tmp_path / "ledger.db"


def opened(place: Path) -> Ledger:
    return Ledger(place, tail=place.with_suffix(".tail"))


def fill(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.append("trace", {"number": number, "long": "x" * (number * 997 % 9000)})


@pytest.fixture
def cut_off(place: Path) -> Path:
    """A ledger that lies whole in its write-ahead log, as it was when the power went."""
    ledger = opened(place)
    fill(ledger, ENTRIES)
    folder = place.parent / "as it was"
    folder.mkdir()
    for part in place.parent.glob("ledger.*"):
        shutil.copy(part, folder)
    ledger.close()
    return folder / place.name


def offsets(log: bytes) -> list[int]:
    """Some ends of pages, and places right before, right behind and within them."""
    chance = random.Random(7)
    ends = range(FRAMES_BEGIN, len(log), FRAME)
    return sorted(
        {min(max(end + chance.choice((-1, 0, 0, 1, 24, chance.randrange(FRAME))), 0), len(log))
         for end in chance.sample(ends, 24)} | {0, len(log)}
    )  # fmt: skip


def forgetful(place: Path) -> None:
    """Leaves what remembers the ledger's end only its newest entry, and that only by its hash."""
    tail = place.with_suffix(".tail")
    number, own, _ = tail.read_bytes().splitlines()[-1].split(b" ", 2)
    tail.write_bytes(b"%s %s {}\n" % (number, own))


@pytest.mark.parametrize("left", [b"", b"\0" * 3 * FRAME, b"\xa5" * FRAME])
def test_a_log_that_was_cut_anywhere_is_written_again_or_missed(cut_off: Path, left: bytes) -> None:
    log = cut_off.with_name("ledger.db-wal").read_bytes()
    assert len(log) > 30 * FRAME
    seen = set()
    for number, offset in enumerate(offsets(log)):
        folder = cut_off.parent.with_name(f"cut {number}")
        shutil.copytree(cut_off.parent, folder)
        (folder / "ledger.db-wal").write_bytes(log[:offset] + left)
        (folder / "ledger.db-shm").unlink(missing_ok=True)
        place = folder / cut_off.name
        if number % 2:
            forgetful(place)
        with opened(place) as ledger:
            check = ledger.verify()
            if number % 2 and check.entries < ENTRIES:
                assert (bool(check.fault), ledger.lost()) == (True, ENTRIES), offset
                seen.add(-check.entries)
            else:
                assert (check.entries, check.fault, ledger.lost()) == (ENTRIES, None, None)
                seen.add(ledger.recovered)
        shutil.rmtree(folder)
    assert {0, ENTRIES} < seen
    assert len(seen) > 8


def test_what_follows_a_loss_says_so_for_good(cut_off: Path) -> None:
    log = cut_off.with_name("ledger.db-wal")
    log.write_bytes(log.read_bytes()[: -5 * FRAME])
    forgetful(cut_off)
    with opened(cut_off) as ledger:
        whole = ledger.verify().entries
        assert 0 < whole < ENTRIES
        entry = ledger.append("trace", {})
        _, loss = ledger.newest(2)
        assert (entry.id, loss.kind, told(loss).whole) == (whole + 2, LOST, whole)
        assert told(loss).remembered.id == ledger.lost() == ENTRIES
        ledger.append("trace", {})
        assert [one.kind for one in ledger.newest(2)] == ["trace", "trace"]
        check = ledger.verify()
        assert (check.at_entry, "lost" in str(check.fault)) == (loss.id, True)


def test_an_old_copy_in_its_place_is_found(place: Path) -> None:
    with opened(place) as ledger:
        fill(ledger, 3)
        known = ledger.verify().head
    old = place.read_bytes()
    with opened(place) as ledger:
        fill(ledger, 2)
        newest = ledger.verify().head
        assert ledger.verify(holds=[known, newest]).fault is None
    place.write_bytes(old)
    with opened(place) as ledger:
        assert (ledger.newest(1)[0].hash, ledger.recovered) == (newest, 2)
        assert (ledger.verify().fault, ledger.lost()) == (None, None)
    place.write_bytes(old)
    forgetful(place)
    with opened(place) as ledger:
        assert (ledger.verify().at_entry, ledger.lost()) == (5, 5)
    with Ledger(place) as unwitnessed:
        # Nobody remembers: only who kept the hash can tell.
        assert unwitnessed.verify(holds=[known]).fault is None
        assert newest in str(unwitnessed.verify(holds=[newest]).fault)


@pytest.mark.parametrize(
    "line", [b"9" * 5000 + b" %s {}", b"9" * 25 + b" %s {}", b"4 %s {" + b'"a":{' * 100_000]
)
def test_a_line_that_nobody_here_wrote_ends_nothing(place: Path, line: bytes) -> None:
    with opened(place) as ledger:
        fill(ledger, 3)
    with place.with_suffix(".tail").open("ab") as file:
        file.write(line % (b"a" * 64) + b"\n")
    with opened(place) as ledger:
        assert len(ledger.newest(5)) == 3
        ledger.append("trace", {})


def test_a_file_that_is_none_of_ours_is_neither_waited_for_nor_read(place: Path) -> None:
    tail = place.with_suffix(".tail")
    os.mkfifo(tail)
    with opened(place) as ledger:
        fill(ledger, 2)
        assert (ledger.verify().entries, ledger.lost()) == (2, None)
    tail.unlink()
    with opened(place) as ledger:
        fill(ledger, 1)
        os.truncate(tail, 1 << 40)
        assert (ledger.verify().entries, ledger.lost()) == (3, None)


def test_a_ledger_that_is_gone_is_not_an_empty_one(place: Path) -> None:
    with opened(place) as ledger:
        fill(ledger, 2)
    place.unlink()
    forgetful(place)
    with opened(place) as ledger:
        assert (ledger.verify().at_entry, ledger.lost()) == (2, 2)


def test_who_died_between_writing_and_remembering_accuses_nobody(place: Path) -> None:
    with opened(place) as ledger:
        fill(ledger, 2)
        behind = place.with_suffix(".tail").read_bytes()
        fill(ledger, 2)
        for remembered in (behind, b"", b"12 no tail at"):
            place.with_suffix(".tail").write_bytes(remembered)
            assert ledger.lost() is None
            newest = ledger.append("trace", {})
            assert Tail(place.with_suffix(".tail")).newest() == newest.head
            assert (ledger.verify().fault, ledger.lost()) == (None, None)


def test_the_tail_begins_anew_when_the_database_has_it_all(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST_BYTES", 30_000)
    sizes = []
    with opened(place) as ledger:
        for number in range(40):
            ledger.append("trace", {"number": number, "long": "x" * 3000})
            sizes.append(place.with_suffix(".tail").stat().st_size)
            if sizes[-1] < sizes[len(sizes) // 2 - 1]:
                # Without its log the database has what the file has forgotten.
                copy = place.with_name("copy.db")
                shutil.copy(place, copy)
                shutil.copy(place.with_suffix(".tail"), copy.with_suffix(".tail"))
                with opened(copy) as copied:
                    assert (copied.verify().entries, copied.lost()) == (number + 1, None)
        assert max(sizes) < 40_000
        assert ledger.verify().fault is None


def test_the_tail_keeps_what_a_reader_holds_back_from_the_database(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST_BYTES", 2000)
    with opened(place) as ledger, sqlite3.connect(place) as reader:
        fill(ledger, 1)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        fill(ledger, 5)
        copy = place.with_name("copy.db")
        shutil.copy(place, copy)
        shutil.copy(place.with_suffix(".tail"), copy.with_suffix(".tail"))
    with opened(copy) as copied:
        assert (copied.verify().entries, copied.lost()) == (6, None)
        assert copied.recovered > 4


def test_a_slower_writer_does_not_forget_the_newer_entry(place: Path) -> None:
    with opened(place) as ledger:
        first, second = ledger.append("trace", {}), ledger.append("trace", {})
    file = Tail(place.with_suffix(".tail"))
    file.keep([first])
    assert file.newest() == second.head


def test_a_link_in_the_place_of_the_tail_is_not_followed(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("somebody's")
    place.with_suffix(".tail").symlink_to(other)
    with opened(place) as ledger:
        fill(ledger, 1)
    assert other.read_text() == "somebody's"


def test_a_database_that_was_restored_is_found_by_every_machine(
    postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.database()
    here, there = (Ledger(url, tail=tmp_path / f"{one}.tail") for one in ("here", "there"))
    assert (here.verify().entries, here.newest(3), here.lost()) == (0, [], None)
    fill(here, 3)
    fourth = there.append("trace", {"by": "another"})
    # From now on it is missed by both: the one has written it, the other has proved it.
    assert here.verify().head == fourth.hash
    restore(url, 2)
    assert [one.verify().at_entry for one in (here, there)] == [4, 4]
    assert (here.append("trace", {}).prev, here.recovered) == (fourth.hash, 2)
    assert [one.verify().fault for one in (here, there)] == [None, None]
    restore(url, 3)
    forgetful(tmp_path / "there")
    # This one knows what was there, and does not have it.
    assert [there.append("trace", {}).id, there.append("trace", {}).id] == [5, 6]
    assert [one.kind for one in there.newest(3)] == ["trace", "trace", LOST]
    assert [("lost" in str(one.verify().fault), one.lost()) for one in (here, there)] == [
        (False, 5),
        (True, 5),
    ]
    here.close()
    there.close()


def restore(url: str, entries: int) -> None:
    """As if a backup of that time had been put in."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as raw:
        raw.execute(text("ALTER TABLE entries DISABLE TRIGGER ALL"))
        raw.execute(text("DELETE FROM entries WHERE id > :last"), {"last": entries})
        raw.execute(text("ALTER TABLE entries ENABLE TRIGGER ALL"))
    engine.dispose()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(landed, arguments, standalone_mode=False)


def test_the_commands_say_what_was_lost(tmp_path: Path) -> None:
    (tmp_path / "landed.toml").write_text("")
    place = tmp_path / ".landed" / "ledger.db"
    with opened(place) as ledger:
        fill(ledger, 4)
    old = place.read_bytes()
    with opened(place) as ledger:
        fill(ledger, 3)
    with chdir(tmp_path):
        head = run("verify-ledger").stdout.split("newest ")[1].split()[0]
        assert run("verify-ledger", "--holds", head.upper()).return_value == 0
        assert run("log").return_value == 0
        place.write_bytes(old)
        assert "3 entries" in run("verify-ledger").stdout
        place.write_bytes(old)
        forgetful(place)
        said = run("log")
        assert (said.return_value, len(said.stdout.splitlines())) == (3, 4)
        assert "up to 7" in said.stderr
        checked = run("verify-ledger", "--holds", head)
        assert (checked.return_value, "entry 7" in checked.stdout) == (1, True)
        with opened(place) as ledger:
            ledger.append("trace", {})
        assert "lost" in run("log", "--limit", "2").stdout
        assert run("verify-ledger").return_value == 1


def test_pages_and_targets(place: Path) -> None:
    with opened(place) as ledger:
        for number in range(7):
            target = {"environment": "dev", "deployable": f"w{number % 3}"}
            ledger.append("watch", {**target, "number": number})
            ledger.append("trace", target)
        assert [one.id for one in ledger.backwards(page=3)] == list(range(14, 0, -1))
        mine = ledger.backwards("watch", "dev", "w1", page=1)
        assert [one.document()["number"] for one in mine] == [4, 1]
        newest = ledger.newest_of_each("watch")
        assert [one.document()["number"] for one in newest] == [4, 5, 6]
    with sqlite3.connect(place) as raw:
        plan = raw.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM entries WHERE kind = 'lost' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert "entries_by_kind" in str(plan)
