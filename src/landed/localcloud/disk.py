"""Writing that survives a crash, and locks that end with the process that holds them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import msgspec

from landed.core.errors import DataError

LOCK, KEYS = "lock", "keys"
Record = TypeVar("Record", bound=msgspec.Struct)


class Keyed(Protocol):
    """A record that says by which key it was asked for."""

    @property
    def key(self) -> str:
        """The key, empty where there was none."""


Found = TypeVar("Found", bound=Keyed)


def write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside it first, then in its place."""
    with beside(path) as (file, place):
        file.write(data)
        place(path)


@contextmanager
def beside(path: Path) -> Iterator[tuple[IO[bytes], Callable[[Path], None]]]:
    """A new file beside `path`, and a function that moves it, whole, to where it belongs. What was
    not moved is taken away at the end of the block.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with name.open("xb") as file:

            def place(target: Path) -> None:
                file.flush()
                os.fsync(file.fileno())
                name.replace(target)

            yield file, place
    finally:
        name.unlink(missing_ok=True)


def save(path: Path, record: msgspec.Struct) -> None:
    """Writes a record as JSON. ASCII, so that file names that are no text survive."""
    write(path, json.dumps(msgspec.to_builtins(record), indent=2).encode() + b"\n")


def read(path: Path, kind: type[Record]) -> Record:
    """Reads a record. Raises DataError where it is damaged, FileNotFoundError where it is not."""
    data = path.read_bytes()
    try:
        return msgspec.convert(json.loads(data), kind)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path} is damaged: {error}", "move it away; the other records are whole"
        ) from error


@contextmanager
def keyed(folder: Path, key: str, known: Callable[[], Iterator[Found]]) -> Iterator[Found | None]:
    """What was made by this key before, for the block that would make it, which is alone with the
    key: what was begun once is not begun again. None for a key that is new, and without a key.
    """
    name = hashlib.sha256(key.encode()).hexdigest()
    with locked(folder / name) if key else nullcontext():
        yield next((one for one in known() if one.key == key), None) if key else None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a lock for as long as the block, or the process, lasts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def held(path: Path) -> bool:
    """Whether somebody alive holds the lock."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def watched(folder: Path, name: str, of: type[Record], alive: str) -> Iterator[Record]:
    """The records, one a folder below `folder`, of what a process watches over. One that is `alive`
    by its status, and that nobody watches over, is `LOST`.
    """
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        record = watched_one(place, name, of, alive) if place.is_dir() else None
        if record is not None:
            yield record


def watched_one(place: Path, name: str, of: type[Record], alive: str) -> Record | None:
    """The record in one such folder, None where there is none."""
    try:
        record: Any = read(place / name, of)
    except FileNotFoundError:
        return None
    if record.status == alive and not held(place / LOCK):
        # Read again: it may have ended between the two looks.
        record = read(place / name, of)
        if record.status == alive:
            record = msgspec.structs.replace(record, status="LOST")
    return record  # type: ignore[no-any-return] # a record with a status, of the kind asked for
