"""One git that answers for many objects: a round trip costs microseconds, a start milliseconds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from types import TracebackType
from typing import IO, Self, cast

from landed.content.git import process
from landed.core.errors import ProviderError

_AT_ONCE = 1000
"""So many ids fit into a pipe: git never waits for us while we wait for git."""
_SECONDS = 600.0


class Batch:
    """`git cat-file --batch`, kept open. Not to be shared by threads."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._begun = time.monotonic()
        self._git = process.start(
            ["git", "cat-file", "--batch"],
            env=env,
            cwd=folder,
            given=subprocess.PIPE,
            # Nobody reads it: of a damaged repository it would fill the pipe.
            words=subprocess.DEVNULL,
        )
        self._clock = Timer(_SECONDS, process.end, [self._git])
        self._clock.daemon = True
        self._clock.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it."""
        self._clock.cancel()
        process.end(self._git)

    @property
    def is_old(self) -> bool:
        """Whether its time is half over: then another one is to be asked."""
        return time.monotonic() - self._begun > _SECONDS / 2

    def commit(self, rev: str) -> str | None:
        """The id of the commit that `rev`, of one line, names; None where git knows none, or
        several.
        """
        write, read = cast("IO[bytes]", self._git.stdin), cast("IO[bytes]", self._git.stdout)
        try:
            write.write(rev.encode("utf-8", "surrogateescape") + b"\n")
            write.flush()
            head, _ = _one(read, 0)
        except (OSError, ValueError) as error:
            raise ProviderError("git stopped while it read objects", "try again") from error
        return head[0].decode() if head[1:2] == [b"commit"] else None

    def read(self, ids: Iterable[bytes], largest: int = 64 << 20) -> dict[bytes, bytes | None]:
        """The objects with these hex ids; None for one that is not here, or larger than `largest`
        bytes. Raises ProviderError where git stops answering.
        """
        wanted = list(ids)
        found: dict[bytes, bytes | None] = {}
        write, read = cast("IO[bytes]", self._git.stdin), cast("IO[bytes]", self._git.stdout)
        for begin in range(0, len(wanted), _AT_ONCE):
            part = wanted[begin : begin + _AT_ONCE]
            try:
                write.write(b"\n".join(part) + b"\n")
                write.flush()
                for id_ in part:
                    _, found[id_] = _one(read, largest)
            except (OSError, ValueError) as error:
                raise ProviderError("git stopped while it read objects", "try again") from error
        return found


class Standing:
    """One such git for all questions of a repository: begun at the first one, and again where it
    grows old or fails. Threads take turns.
    """

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._env, self._folder = env, folder
        self._batch: Batch | None = None
        self._asking = Lock()

    def read(self, ids: Iterable[str], largest: int = 64 << 20) -> dict[str, bytes | None]:
        """See `Batch.read`; ids are text here."""
        with self._asked() as batch:
            found = batch.read([id_.encode() for id_ in ids], largest)
        return {id_.decode(): content for id_, content in found.items()}

    def commit(self, rev: str) -> str | None:
        """The id of the commit that `rev` names; None where git knows none, or several."""
        if "\n" in rev:
            return None
        with self._asked() as batch:
            return batch.commit(rev)

    def close(self) -> None:
        """Ends it."""
        if self._batch is not None:
            self._batch.close()
            self._batch = None

    @contextmanager
    def _asked(self) -> Iterator[Batch]:
        with self._asking:
            if self._batch is None or self._batch.is_old:
                self.close()
                self._batch = Batch(self._env, self._folder)
            try:
                yield self._batch
            except BaseException:
                # What it would say next is the rest of this answer.
                self.close()
                raise


def _one(stream: IO[bytes], largest: int) -> tuple[list[bytes], bytes | None]:
    head = stream.readline().split()
    if not head:
        raise ValueError("no answer")
    if len(head) != 3:
        return head, None
    size = int(head[2])
    if size <= largest:
        return head, stream.read(size + 1)[:-1]
    left = size + 1
    while left > 0:
        left -= len(stream.read(min(left, 1 << 20))) or left
    return head, None
