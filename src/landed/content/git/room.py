"""Temporary folders that do not stay: each has the lock of who made it, as long as that one lives,
and who comes next removes those that nobody holds any more.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from functools import cache
from itertools import islice
from tempfile import TemporaryDirectory

PREFIX = "landed-scratch-"
"""Another name than earlier versions gave: theirs had no lock, and may be in use."""
_MOST = 1000
"""How many folders are looked at: it is bounded, whatever lies there."""


class Room(TemporaryDirectory[str]):
    """A temporary folder of this process. It is removed with this object, or at the latest by the
    next process of the same user that makes one, whatever killed this one.
    """

    def __init__(self) -> None:
        clear()
        while True:
            super().__init__(prefix=PREFIX, ignore_cleanup_errors=True)
            lock = _held(self.name)
            if lock is not None:
                break
        self._let_go = weakref.finalize(self, os.close, lock)

    def cleanup(self) -> None:
        """Removes it."""
        super().cleanup()
        self._let_go()


def _held(folder: str) -> int | None:
    """The open folder, locked. None where somebody else has removed it, before it had the lock."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    with suppress(OSError):
        # On a disk without locks nobody else gets one either, and removes nothing.
        fcntl.flock(lock, fcntl.LOCK_EX)
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(lock), os.stat(folder)):  # noqa: PTH116 - beside an open file
            return lock
    os.close(lock)
    return None


@cache
def clear() -> None:
    """Removes what dead processes of this user left, once in a process."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as listed:
        for entry in islice((one for one in listed if one.name.startswith(PREFIX)), _MOST):
            with suppress(OSError):
                _remove_if_dead(entry.path)


def _remove_if_dead(folder: str) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
