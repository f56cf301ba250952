"""Where shipments and watches are kept while they go on: an SQLite file, or PostgreSQL."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from landed.core.errors import DataError, ProviderError
from landed.core.model import Frozen
from landed.core.redact import redact
from landed.project import Owner
from landed.ship.database_seats import DatabaseSeats
from landed.ship.file_seats import FileSeats
from landed.ship.seats import Seats
from landed.ship.shipment import Order

APPLICATION = "landed"
VERSION = "1"
"""The version that all workflows carry, whatever version of landed wrote them: another one would
leave them lying. What makes that safe: an order names its own steps, and a watch is a chain of
short workflows, one a checkpoint. It changes only with what an order means.
"""
SHIP, LOOK, RECORD = "ship", "look", "record"
"""The workflows, and the step of a shipment that writes it into the ledger, as DBOS keeps them."""
SHIPS, LOOKS = "ships", "looks"
"""The queues of what workers take; in a database of several projects, each has its own."""


class Base(Frozen):
    """The database, and the folder of the locks where it is a file. `url` is PostgreSQL's, None
    for the file. `owner` is whose work is done there; a file serves one project.
    """

    folder: Path
    url: str | None
    owner: Owner | None = None

    @property
    def project(self) -> str:
        """What its orders say of whose they are; empty where nobody needs to say it."""
        return self.owner.id if self.owner else ""

    @property
    def ships(self) -> str:
        """The queue of its shipments."""
        return f"{SHIPS}/{self.owner.id}" if self.owner else SHIPS

    @property
    def looks(self) -> str:
        """The queue of its checkpoints."""
        return f"{LOOKS}/{self.owner.id}" if self.owner else LOOKS

    def owns(self, order: Order) -> bool:
        """Whether an order is this project's. One from before does not say it: its commit does."""
        if self.owner is None or order.project == self.owner.id:
            return True
        return not order.project and self.owner.has([order.commit])

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.folder / "ships.db"

    @property
    def address(self) -> str:
        """The database as DBOS names it."""
        return self.url or f"sqlite:///{self.file}"

    @property
    def there(self) -> bool:
        """Whether anything was ever kept here, as far as that is known without asking."""
        return self.url is not None or self.file.exists()

    def seats(self) -> Seats:
        """The locks of the executors."""
        if self.url is None:
            return FileSeats(self.folder / "seats")
        return DatabaseSeats(self.url, self.project)

    def prepare(self) -> None:
        """Makes the database, or brings it up to date. Raises DataError where it is damaged,
        ProviderError where it does not answer.
        """
        from dbos import DBOS  # noqa: PLC0415 - it is slow to load

        quiet()
        if self.url is None:
            self._make_file()
        try:
            DBOS.migrate(self.address)
        except Exception as error:
            raise _failure(error, file=self.url is None) from error

    def _make_file(self) -> None:
        """A file with a write-ahead log: readers do not wait for the writer."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        try:
            with sqlite3.connect(self.file, timeout=30) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                found = connection.execute("PRAGMA quick_check(1)").fetchone()
            connection.close()
        except sqlite3.DatabaseError as error:
            raise _failure(error, file=True) from error
        if found != ("ok",):
            raise DataError(f"{self.file} is damaged: {found[0]}", _MOVE)


_MOVE = "move it away: what it was in the middle of is found again by its keys"


def _failure(error: Exception, *, file: bool) -> Exception:
    words = redact((str(getattr(error, "orig", error)).splitlines() or ["it says nothing"])[0])
    if file and ("full" in words or "readonly" in words or "unable to open" in words):
        return ProviderError(
            f"the shipments' database cannot be written: {words}", "check the folder and the disk"
        )
    if file:
        return DataError(f"the shipments' database cannot be used: {words}", _MOVE)
    return ProviderError(
        f"the shipments' database does not answer: {words}", "check LANDED_DATABASE and the server"
    )


def quiet() -> None:
    """DBOS speaks only where it is listened to: stderr belongs to the command."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
