"""A shop whose commits are brought out by `landed ship`, in processes that may be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import psycopg

from landed.config import load
from landed.core.clock import now
from landed.core.ids import new_id
from landed.ledger.store import Ledger
from landed.localcloud.cloud import LocalCloud
from landed.project import owner
from landed.ship.base import Base
from landed.ship.desk import Desk
from landed.ship.shipment import STEPS, Order
from scenarios.shop import JOB, Shop
from waiting import until

ARMED = Path(__file__).with_name("armed.py")
SETTINGS = 'image = "worker:latest"\nsmoke = ["python", "-c", "import app.job"]\n'
KILLED = -9


class Clock:
    """The time of a command's watches: it stands until it is set."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.set(now())

    def set(self, at: datetime) -> None:
        """Sets it."""
        beside = self.place.with_suffix(".new")
        beside.write_text(at.isoformat())
        beside.rename(self.place)


class Command:
    """A command that was started: its process, and how it ended."""

    def __init__(self, folder: Path, number: int) -> None:
        self.out, self.err, self.code = (
            folder / f"{number}.{one}" for one in ("out", "err", "code")
        )
        self.pid = 0

    def ended(self) -> bool:
        """Whether it has ended."""
        return self.code.exists()

    def stands(self) -> bool:
        """Whether it stands still at its point."""
        return "stands still" in self.said()

    def wait(self) -> int:
        """Waits for its end: the exit code, negative for the signal that killed it."""
        until(self.ended)
        return int(self.code.read_text())

    def document(self) -> dict[str, Any]:
        """What it printed."""
        found: dict[str, Any] = json.loads(self.out.read_text())
        return found

    def said(self) -> str:
        """What it said on stderr."""
        return self.err.read_text() if self.err.exists() else ""


class Forks:
    """Starts commands quickly: from one process that has loaded everything."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._started = folder, list[Command]()
        self._server = subprocess.Popen(
            [sys.executable, "-P", str(ARMED)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "LANDED_DEBUG": "1"},
        )  # fmt: skip

    def start(self, at: Path, env: dict[str, str], point: str, *arguments: str) -> Command:
        """Starts one."""
        assert self._server.stdin
        assert self._server.stdout
        command = Command(self._folder, len(self._started))
        self._started.append(command)
        files = {"out": str(command.out), "err": str(command.err), "code": str(command.code)}
        given = {"folder": str(at), "env": env, "point": point, "arguments": arguments, **files}
        self._server.stdin.write(json.dumps(given) + "\n")
        self._server.stdin.flush()
        command.pid = int(self._server.stdout.readline())
        return command

    def close(self) -> None:
        """Ends what a failed test left behind, and the server."""
        for command in self._started:
            if not command.ended():
                with suppress(ProcessLookupError):
                    os.kill(command.pid, signal.SIGKILL)
        self._server.kill()
        self._server.communicate()


def _copied(folder: Path, to: Path) -> Path:
    """A copy of a database that is in use, as it was at one moment: it is made again where the log
    went into the database meanwhile, or anything else was written.
    """
    while True:
        shutil.rmtree(to, ignore_errors=True)
        with suppress(shutil.Error, FileNotFoundError):
            before = _written(folder)
            # The index of the log is made from the log.
            shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-shm"))
            if _written(folder) == before:
                return to


def _written(folder: Path) -> list[tuple[str, int, int]]:
    found = ((path.name, path.stat()) for path in folder.glob("*.db*"))
    return sorted(
        (name, at.st_size, at.st_mtime_ns) for name, at in found if not name.endswith("-shm")
    )


class Harbour:
    """The shop with a broken worker deployed, and a pushed fix that is to be brought out."""

    def __init__(
        self, folder: Path, forks: Forks, *, database: str = "", shop: Shop | None = None
    ) -> None:
        self._settle(shop or Shop(folder), forks, database)
        text = (self.shop.work / "landed.toml").read_text()
        self.shop.write(
            "landed.toml",
            text.replace("[deployables.worker]\n", f"[deployables.worker]\n{SETTINGS}"),
        )
        self.shop.commit("How it is shipped")
        self.shop.lose()
        self.fix = self.shop.fix()
        self.shop.push()

    def _settle(self, shop: Shop, forks: Forks, database: str) -> None:
        self.shop, self._forks, self.database = shop, forks, database

    @classmethod
    def of(cls, shop: Shop, forks: Forks, database: str) -> Self:
        """A shop as it is."""
        made = cls.__new__(cls)
        made._settle(shop, forks, database)
        return made

    def start(
        self, *arguments: str, point: str = "never", at: datetime | Clock | None = None
    ) -> Command:
        """Starts a command, with a trap at a point, in another time if asked."""
        env = {"LANDED_DATABASE": self.database, "HOME": os.environ["HOME"],
               "LANDED_TEST_AT": at.isoformat() if isinstance(at, datetime) else "",
               "LANDED_TEST_CLOCK": str(at.place) if isinstance(at, Clock) else "",
               "LANDED_TEST_PATIENCE": os.environ.get("LANDED_TEST_PATIENCE", "")}  # fmt: skip
        return self._forks.start(self.shop.work, env, point, *arguments)

    def run(self, *arguments: str, point: str = "never", at: datetime | None = None) -> Command:
        """Runs a command to its end."""
        command = self.start(*arguments, "--json", point=point, at=at)
        command.wait()
        return command

    def order(self) -> str:
        """Hands a shipment of HEAD to whichever worker comes, and does not wait: its id."""
        commit = self.shop.git("rev-parse", "HEAD")
        order = Order(
            id=new_id("ship"), attempt=1, asked="HEAD", commit=commit, subject="The fix",
            deployable="worker", environment="dev", steps=STEPS, ordered_at=now(),
            project=self.base.project,
        )  # fmt: skip
        with Desk(self.base) as desk:
            desk.enqueue(order)
        return order.id

    @property
    def base(self) -> Base:
        """Where its shipments are kept."""
        folder = self.shop.work / ".landed" / "ship"
        if not self.database:
            return Base(folder=folder, url=None)
        settings = load(self.shop.work / "landed.toml", self.shop.work)
        return Base(folder=folder, url=self.database, owner=owner(settings))

    def written_to(self) -> bool:
        """Whether somebody is in the middle of a change of the shipments' database."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as connection:
                open_ = (
                    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                    "xact_start IS NOT NULL AND backend_type = 'client backend' AND "
                    "pid <> pg_backend_pid()"
                )
                return connection.execute(open_).fetchone() is not None
        with closing(sqlite3.connect(self.base.file, 0, isolation_level=None)) as connection:
            try:
                connection.executescript("BEGIN IMMEDIATE; ROLLBACK")
            except sqlite3.OperationalError:
                return True
        return False

    def under_way(self) -> list[str]:
        """The shipments that have not ended."""
        base = self.base
        if not self.database:
            # A copy: who looks at the file itself and leaves writes its log away.
            base = Base(folder=_copied(base.folder, self.shop.folder / "copy"), url=None)
        with Desk(base) as desk:
            return desk.open()

    def begun(self) -> str:
        """The id of the shipment under way."""
        return self.under_way()[0].partition(".")[0]

    def ledger(self) -> Ledger:
        """What was written down."""
        return Ledger(self.database or self.shop.work / ".landed" / "ledger.db")

    @property
    def cloud(self) -> LocalCloud:
        """What was built, deployed and executed."""
        return LocalCloud(self.shop.cloud)

    def once(self, shipment: str) -> None:
        """Asserts that this shipment did everything, and did it once."""
        builds = [b for b in self.cloud.builds() if b.key.startswith(shipment)]
        assert [b.status for b in builds] == ["SUCCESS"]
        job = self.cloud.job(JOB)
        assert job is not None
        specs = [s for s in (*job.history, job.spec) if s.key.startswith(shipment)]
        assert [s.resolved for s in specs] == [builds[0].digest]
        ran = [e for e in self.cloud.executions(JOB) if e.key.startswith(shipment)]
        assert [(e.status, e.digest) for e in ran] == [("SUCCEEDED", builds[0].digest)]
        self.written_once(shipment)

    def served_once(self, shipment: str) -> None:
        """Asserts that this shipment of a service did everything, and did it once."""
        builds = [b for b in self.cloud.builds() if b.key.startswith(shipment)]
        assert [b.status for b in builds] == ["SUCCESS"]
        service = self.cloud.services.get(JOB)
        made = [one for one in service.revisions if one.record.key.startswith(shipment)]
        assert [one.record.digest for one in made] == [builds[0].digest]
        assert [one.record.name for _, one in service.serving()] == [made[0].record.name]
        self.written_once(shipment)

    def written_once(self, shipment: str) -> None:
        """Asserts that the ledger has its end and its watch, once."""
        ledger = self.ledger()
        assert ledger.verify().fault is None
        about = [e.kind for e in ledger.newest(100) if shipment in e.document().get("key", "")]
        assert sorted(about) == ["ship", "watch"], about
        ledger.close()
