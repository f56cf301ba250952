"""A real PostgreSQL for the tests: Debian's, in a folder of its own, on a socket in that folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


class Server:
    """A server that ends with the block. It never runs as root: PostgreSQL refuses that."""

    def __init__(self) -> None:
        if not PROGRAMS:
            pytest.skip("PostgreSQL is not installed; `./dev test` installs it where it can")
        self._programs = PROGRAMS[-1].parent
        self._folder = Path(tempfile.mkdtemp(prefix="landed-postgresql-"))
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._server: subprocess.Popen[bytes] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self._folder, self._user)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "tests", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = {"listen_addresses": "", "unix_socket_directories": str(self._folder),
                   "fsync": "off", "max_connections": "200"}  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", data, *words],
            user=self._as(), cwd=self._folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._run("pg_isready", "-h", str(self._folder), "-t", "30", "-q", again=200)
        return self

    def _as(self) -> str | None:
        return self._user if os.geteuid() == 0 else None

    def _run(self, program: str, *arguments: str, again: int = 0) -> None:
        for left in range(again, -1, -1):
            done = subprocess.run(
                [self._programs / program, *arguments],
                user=self._as(), cwd=self._folder, capture_output=True, check=False, timeout=60,
            )  # fmt: skip
            if done.returncode == 0:
                return
            assert left, done.stderr.decode()

    def database(self) -> str:
        """The URL of a new and empty database."""
        self._count += 1
        name = f"landed{self._count}"
        self._run("createdb", "-h", str(self._folder), "-U", "tests", name)
        return f"postgresql://tests@/{name}?host={self._folder}"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            # Fast: a connection that a failed test has left open is not waited for.
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)
