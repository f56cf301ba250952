"""Temporary folders: what a dead process left goes, and what a living one has stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from landed.content.git import room
from landed.content.git.room import PREFIX, Room

HOLDS = (
    "from landed.content.git.room import Room\n"
    "import threading\n"
    "held = Room()\n"
    "print(held.name, flush=True)\n"
    "threading.Event().wait()\n"
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of temporary folders, of this test alone, as a process finds it at its start."""
    (made := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    room.clear.cache_clear()
    yield made
    room.clear.cache_clear()


def holder(place: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has one."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(place)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_dead_process_left_goes_and_what_a_living_one_has_stays(place: Path) -> None:
    living, stays = holder(place)
    dead, goes = holder(place)
    (goes / "objects").mkdir()
    (goes / "objects" / "pack").write_text("much")
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    own = Room()
    assert {one.name for one in place.iterdir()} == {stays.name, Path(own.name).name}
    own.cleanup()
    living.kill()
    living.communicate()
    # Once in a process is enough.
    Room().cleanup()
    assert stays.exists()


def test_what_is_not_ours_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "landed-git-of-an-earlier-version").mkdir()
    (place / f"{PREFIX}file").write_text("")
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    (place / f"{PREFIX}of-another").mkdir()
    before = sorted(place.rglob("*"))
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: 12345)
        room.clear()
    assert sorted(place.rglob("*")) == before
    room.clear.cache_clear()
    room.clear()
    assert sorted(place.rglob("*")) == [p for p in before if p.name != f"{PREFIX}of-another"]


def test_who_was_overtaken_before_the_lock_was_there_makes_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, made = room._held, list[str]()

    def overtaken(folder: str) -> int | None:
        made.append(folder)
        if len(made) == 1:
            Path(folder).rmdir()
        return held(folder)

    monkeypatch.setattr(room, "_held", overtaken)
    with Room() as name:
        assert (len(made), name) == (2, made[1])
        assert Path(name).is_dir()
    assert not Path(name).exists()
