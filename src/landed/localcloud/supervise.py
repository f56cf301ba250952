"""Runs one execution from start to end, and writes down how it ended.

`python -m landed.localcloud.supervise ROOT EXECUTION` is the form that outlives the command that
started it. The lock on the execution's folder is held as long as somebody watches over it: an
execution without an end and without a holder is lost.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from landed.localcloud.disk import now, read, save
from landed.localcloud.isolation import Rooms, start
from landed.localcloud.logbook import MAX_LINE, Logbook
from landed.localcloud.records import ExecutionRecord, Modules, Runtime
from landed.localcloud.runtime import Python, find

RECORD, PLAN, LOCK = "execution.json", "plan.json", "lock"


class Plan(msgspec.Struct, frozen=True):
    """What to run: argv, environment and folder of the image, and the rooms on this disk."""

    argv: tuple[str, ...]
    env: dict[str, str]
    workdir: str
    image: str
    data: str
    log: str
    runtime: str | None
    files: tuple[str, ...]


def supervise(
    folder: Path, shown: Callable[[dict[str, Any]], None] | None = None
) -> ExecutionRecord:
    """Runs the execution of a folder to its end. `shown` gets each log entry as it comes."""
    record = read(folder / RECORD, ExecutionRecord)
    plan = read(folder / PLAN, Plan)
    rooms = Rooms(
        image=Path(plan.image), data=Path(plan.data), inside=folder / "inside", out=folder / "out"
    )
    book = Logbook(Path(plan.log), record.job, record.id)
    code: int | None = None
    status = "FAILED"
    process: subprocess.Popen[bytes] | None = None
    python: Python | None = None
    isolation, root = "", ""
    try:
        python = find(Path(plan.runtime) if plan.runtime else None)
        how = start(plan.argv, plan.env, plan.workdir, rooms, python)
        isolation, root = how.isolation, how.root
        process = subprocess.Popen(
            how.command, env=how.env, cwd=how.cwd, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        _drain(process, book, shown)
        code = process.wait()
        code = 128 - code if code < 0 else code
        status = "SUCCEEDED" if code == 0 else "FAILED"
    except KeyboardInterrupt:
        status = "CANCELLED"
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, it belongs into the log
        message = {"severity": "ERROR", "message": f"the execution could not be started: {error}"}
        entry = book.add(json.dumps(message).encode(), "varlog%2Fsystem")
        if shown:
            shown(entry)
    finally:
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        book.close()
        known = python and Runtime(version=python.version, packages=python.packages)
        record = msgspec.structs.replace(
            record,
            status=status,
            exit_code=code,
            finish_time=now(),
            isolation=isolation,
            runtime=known or None,
            modules=_modules(rooms, python, root, set(plan.files)) if python else None,
        )
        save(folder / RECORD, record)
    return record


def _drain(
    process: subprocess.Popen[bytes],
    book: Logbook,
    shown: Callable[[dict[str, Any]], None] | None,
) -> None:
    """Turns every line of both streams into an entry, until both are closed."""
    one_at_a_time = threading.Lock()

    def follow(stream: IO[bytes], name: str) -> None:
        # Bounded, so that a line without an end cannot fill the memory.
        while line := stream.readline(MAX_LINE + 1):
            with one_at_a_time:
                entry = book.add(line, name)
                if shown:
                    shown(entry)

    streams = [(process.stdout, "stdout"), (process.stderr, "stderr")]
    threads = [
        threading.Thread(target=follow, args=(stream, name), daemon=True)
        for stream, name in streams
        if stream is not None
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _modules(rooms: Rooms, python: Python, root: str, files: set[str]) -> Modules | None:
    """Where the modules came from; None for a program that did not say."""
    try:
        origins: dict[str, str] = json.loads((rooms.out / "modules.json").read_bytes())
    except (OSError, ValueError):
        return None
    image = runtime = 0
    foreign: list[str] = []
    installed = (f"{python.folder}/", f"{python.base}/", "/usr/lib/python", "/usr/local/lib/python")
    for name, origin in sorted(origins.items()):
        path = origin.removeprefix(root).lstrip("/")
        if path in files:
            image += 1
        elif origin.startswith(installed):
            runtime += 1
        elif not origin.endswith("/sitecustomize.py"):
            foreign.append(f"{name} ({origin})")
    return Modules(image=image, runtime=runtime, foreign=tuple(foreign))


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
