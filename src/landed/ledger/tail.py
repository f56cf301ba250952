"""The newest entries once more, in a file of their own beside the ledger.

A chain shows what was changed in its middle, and not that its end is gone: a log whose last pages a
power cut took, or a database in whose place somebody put an old copy. Who remembers the newest
entry finds that out, and who has the newest entries can write them again as they were. Each comes
here after it was written there, so that a whole ledger is never accused; a process that died
between the two leaves the file one entry behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from landed.ledger.chain import Entry, Head

MOST_BYTES = 8 << 20
"""With so much in it the file begins anew: by then the database has the rest on its disk."""
_LARGEST = 8 * MOST_BYTES
"""A file with more in it is none of ours: nothing of it is read."""
_LINE = re.compile(rb"^(\d{1,18}) ([0-9a-f]{64}) (.*)\n", re.MULTILINE)
_BLOCK = 64 << 10
_SECONDS, _AGAIN = 1.0, 0.005


class Tail:
    """The file. What cannot be read or written remembers nothing: the ledger does not wait for it,
    and an entry that was written is not denied for it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def newest(self) -> Head | None:
        """The newest entry; several writers may have left the last lines in another order."""
        with suppress(OSError), _opened(self.path, os.O_RDONLY) as file:
            size, block = os.fstat(file).st_size, _BLOCK
            while True:
                begin = max(size - block, 0)
                data = os.pread(file, size - begin, begin)
                # The first line of a block may be half a line.
                whole = data if begin == 0 else data[data.find(b"\n") + 1 :]
                found = [
                    Head(id=int(one[1]), hash=one[2].decode()) for one in _LINE.finditer(whole)
                ]
                if found or begin == 0:
                    return max(found, key=lambda head: head.id, default=None)
                block *= 8
        return None

    def entries(self) -> dict[int, Entry]:
        """All of them by their numbers, as far as they can be read."""
        found = {}
        with suppress(OSError), _opened(self.path, os.O_RDONLY) as file:
            for line in _LINE.finditer(os.pread(file, os.fstat(file).st_size, 0)):
                with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    entry = msgspec.json.decode(line[3], type=Entry)
                    found[entry.id] = entry
        return found

    def full(self) -> bool:
        """Whether it should begin anew."""
        with suppress(OSError):
            return self.path.stat().st_size > MOST_BYTES
        return False

    def keep(self, entries: Sequence[Entry], *, forget: int = 0) -> None:
        """Adds entries, written through to the disk, and forgets those up to a number."""
        data = b"".join(
            b"%d %s %s\n" % (one.id, one.hash.encode(), msgspec.json.encode(one)) for one in entries
        )
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _opened(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
                _lock(file)
                size = os.fstat(file).st_size
                if forget:
                    lines = _LINE.finditer(os.pread(file, size, 0))
                    data = b"".join(one[0] for one in lines if int(one[1]) > forget) + data
                    os.ftruncate(file, 0)
                elif size and os.pread(file, 1, size - 1) != b"\n":
                    # What a power cut left of a line must not swallow the next one.
                    data = b"\n" + data
                os.write(file, data)
                os.fsync(file)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    # No link is followed: a stranger's repository may have one there. Nor is a pipe waited for.
    file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    try:
        known = os.fstat(file)
        if not stat.S_ISREG(known.st_mode) or known.st_size > _LARGEST:
            raise OSError(errno.EINVAL, "is no such file")
        yield file
    finally:
        os.close(file)


def _lock(file: int) -> None:
    """Raises OSError where a stopped process has it: who waits has written its entry already."""
    end = time.monotonic() + _SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(_AGAIN)
        else:
            return
