"""What needs no build is read while one runs: the commit's files, the fixes that the watch will
cover, and what earlier executions showed.

It is only ever a second reader of what does not change: what a commit's id names, and what was over
before. It is kept in this process alone. Whatever was not read in time, or could not be, is read
when it is needed, as if nobody had tried: no verdict depends on it, and nothing waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import Any

from landed.content.git.objects import Commit, File
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.seen import Execution

SETTLED = timedelta(minutes=10)
"""So long after its end nothing is added to the log of an execution any more."""


class Ahead:
    """What was read ahead, by all shipments of this process."""

    def __init__(self) -> None:
        self.listed: dict[tuple[str, str], Mapping[str, File]] = {}
        """The files of commits, by commit and folder."""
        self._commits: dict[str, Commit] = {}
        self._rans: dict[tuple[Any, ...], Any] = {}
        self._said: dict[str, list[str]] = {}

    def commit(self, repository: Repository, commit: str) -> Commit:
        """A commit, read once."""
        if commit not in self._commits:
            self._commits[commit] = repository.commit(commit)
        return self._commits[commit]

    def ran(self, execution: Execution, key: tuple[Any, ...]) -> Any:
        """What an execution showed, None where that is not known. `key` is what else it depends
        on.
        """
        return self._rans.get((execution.id, key))

    def keep(self, execution: Execution, key: tuple[Any, ...], ran: Any) -> None:
        """Keeps what an execution showed, if that is all."""
        ended = execution.finished_at
        if ended is not None and now() - ended >= SETTLED:
            self._rans[execution.id, key] = ran

    def say(self, shipment: str, words: str) -> None:
        """Tells what was read for a shipment."""
        self._said.setdefault(shipment, []).append(words)

    def said(self, shipment: str) -> list[str]:
        """What was read for a shipment while it was built."""
        return list(self._said.get(shipment, ()))

    def clear(self, shipment: str) -> None:
        """Forgets what was read, as a worker lives long, and what was told of a shipment that is
        over: others may be under way.
        """
        for kept in (self.listed, self._commits, self._rans):
            kept.clear()
        self._said.pop(shipment, None)


@contextmanager
def meanwhile(
    read: Callable[[], Generator[str, None, None]], told: Callable[[str], None]
) -> Iterator[None]:
    """Reads beside the block, piece by piece as long as the block goes on, and tells what was read.
    Nothing waits for it, and what goes wrong there is read again when it is needed.
    """
    over = threading.Event()

    def work() -> None:
        with suppress(Exception), closing(read()) as pieces:
            for words in pieces:
                if over.is_set():
                    return
                told(words)

    threading.Thread(target=work, name="meanwhile", daemon=True).start()
    try:
        yield
    finally:
        over.set()
