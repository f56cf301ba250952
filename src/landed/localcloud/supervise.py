"""Runs one program from start to end, and writes down how it ended.

`python -m landed.localcloud.supervise FOLDER` is the form that outlives the command that started an
execution; `landed.localcloud.instance` is that of a service's instance. The lock on the folder is
held as long as somebody watches over it: what has no end and no holder is lost.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from landed.core.clock import now
from landed.localcloud.disk import LOCK, read, save
from landed.localcloud.isolation import Rooms, Start, start
from landed.localcloud.logbook import MAX_LINE, Logbook
from landed.localcloud.modules import of_modules
from landed.localcloud.plan import PLAN, Plan
from landed.localcloud.records import ExecutionRecord, InstanceRecord, Runtime
from landed.localcloud.runtime import Python, find

RECORD = "execution.json"
LINGER_SECONDS = 5.0
_TURN_SECONDS, _SIGNAL_SECONDS = 0.1, 0.5
Record = TypeVar("Record", ExecutionRecord, InstanceRecord)
Program = subprocess.Popen[bytes]
Shown = Callable[[dict[str, Any]], None]


@contextmanager
def claimed(folder: Path) -> Iterator[int]:
    """Holds the lock of a folder; gives the open file that holds it."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def detach(module: str, folder: Path, lock: int) -> None:
    """Starts a supervisor that outlives this process. The lock goes over to it with the open file:
    there is no moment without it.
    """
    subprocess.Popen(
        # -P: nothing of the folder where it is called may stand in for a module.
        [sys.executable, "-P", "-m", module, str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, pass_fds=(lock,),
    )  # fmt: skip


def supervise(folder: Path, shown: Shown | None = None) -> ExecutionRecord:
    """Runs the execution of a folder to its end. `shown` gets each log entry as it comes."""
    return run(folder / RECORD, ExecutionRecord, read(folder / PLAN, Plan), shown)


def run(
    place: Path,
    kind: type[Record],
    plan: Plan,
    shown: Shown | None = None,
    begun: Callable[[Program], None] = lambda _program: None,
) -> Record:
    """Runs a plan to its end, and writes that into the record at `place`. `begun` is called as soon
    as the program runs; it may add to the record, and end the program.
    """
    folder = place.parent
    rooms = Rooms(
        image=Path(plan.image), data=Path(plan.data), inside=folder / "inside", out=folder / "out"
    )
    book = Logbook(Path(plan.log), plan.origin)
    how: Start | None = None
    code: int | None = None
    status = "FAILED"
    process: Program | None = None
    drain: Drain | None = None
    python: Python | None = None
    try:
        python = find(Path(plan.runtime) if plan.runtime else None)
        if python.bare:
            python.enter(rooms.inside)
        how = start(plan.argv, plan.env, plan.workdir, rooms, python)
        process = subprocess.Popen(
            how.command, env=how.env, cwd=how.cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        drain = Drain(process, book, shown)
        begun(process)
        code = _awaited(process)
        code = 128 - code if code < 0 else code
        # What the program left behind holds its streams open; a container would end with it.
        end(process)
        drain.finish()
        status = "SUCCEEDED" if code == 0 else "FAILED"
        if drain.failure is not None:
            # A log that is not whole must not look like a quiet one.
            status = "FAILED"
            _tell(book, shown, f"entries were lost: {drain.failure.strerror}")
    except KeyboardInterrupt:
        status = "CANCELLED"
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, it belongs into the log
        _tell(book, shown, f"it could not be started: {error}")
    finally:
        if process is not None and process.poll() is None:
            end(process)
            process.wait()
            if drain is not None:
                # What it said before somebody ended it.
                drain.finish()
        known = python and Runtime(version=python.version, packages=python.packages)
        record: Record = msgspec.structs.replace(
            read(place, kind),
            status=status,
            exit_code=code,
            finish_time=now(),
            entries=book.count,
            isolation=how.isolation if how else "",
            runtime=known or None,
            modules=of_modules(rooms, python, how.root, plan.files) if python and how else None,
        )
        save(place, record)
        book.close()
        # The copy that an execution without isolation gets; it may have written into it.
        shutil.rmtree(folder / "image", ignore_errors=True)
    return record


def _tell(book: Logbook, shown: Shown | None, words: str) -> None:
    """What the supervisor itself has to say, as far as the disk takes it."""
    message = {"severity": "ERROR", "message": words}
    with suppress(OSError):
        entry = book.add(json.dumps(message).encode(), "varlog%2Fsystem")
        if shown:
            shown(entry)


def _awaited(process: Program) -> int:
    """The exit code. Another thread waits for it: a signal that comes to a thread, or just before a
    call that waits, does not end that call, and nobody would hear of it before the program's end.
    """
    ended = threading.Event()

    def wait() -> None:
        process.wait()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    while not ended.wait(_SIGNAL_SECONDS):
        pass
    return process.wait()


def end(process: Program) -> None:
    """Ends the program and all of its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class Drain:
    """Turns every line of both streams into an entry, until both are closed."""

    def __init__(
        self,
        process: Program,
        book: Logbook,
        shown: Shown | None,
    ) -> None:
        self._book, self._shown = book, shown
        self._one_at_a_time = threading.Lock()
        self._over = False
        self.failure: OSError | None = None
        streams = [(process.stdout, "stdout"), (process.stderr, "stderr")]
        self._threads = [
            threading.Thread(target=self._follow, args=(stream, name), daemon=True)
            for stream, name in streams
            if stream is not None
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Waits for the end of both. What escaped into a session of its own is not waited for.

        In short turns, and by no clock: a machine that stands still meanwhile takes one of them
        away, and no entries.
        """
        for _ in range(round(LINGER_SECONDS / _TURN_SECONDS)):
            alive = [thread for thread in self._threads if thread.is_alive()]
            if not alive:
                break
            alive[0].join(_TURN_SECONDS)
        with self._one_at_a_time:
            self._over = True

    def _follow(self, stream: IO[bytes], name: str) -> None:
        # A signal is for the thread that waits for the end.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        # Bounded, so that a line without an end cannot fill the memory.
        whole = True
        while line := stream.readline(MAX_LINE + 1):
            begins, whole = whole, line.endswith(b"\n")
            if not begins:
                continue
            with self._one_at_a_time:
                if self._over:
                    return
                self._add(line, name)

    def _add(self, line: bytes, name: str) -> None:
        try:
            entry = self._book.add(line, name)
        except OSError as error:
            # Go on reading: a program that nobody reads from would never end.
            self.failure = error
            return
        if self._shown:
            self._shown(entry)


if __name__ == "__main__":
    # So that a plain `kill` cancels it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    supervise(Path(sys.argv[1]))
