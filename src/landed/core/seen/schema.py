"""Code and database: where they differ by an error's own words, and what commits say to it."""

from __future__ import annotations

from enum import StrEnum

from landed.core.model import Evidence, Frozen


class GapKind(StrEnum):
    """What is missing. `behind` says that some migration was not run, whichever; `ahead` that the
    database had one which the code does not know.
    """

    TABLE = "table"
    COLUMN = "column"
    BEHIND = "behind"
    AHEAD = "ahead"


class Gap(Frozen):
    """What an error says that the database lacks, or the code. `table` is where a column is
    missing; names are empty where the error has none.
    """

    kind: GapKind
    name: str = ""
    table: str = ""

    @property
    def called(self) -> str:
        """As people say it."""
        full = f"{self.table}.{self.name}" if self.table else self.name
        if self.kind in (GapKind.TABLE, GapKind.COLUMN):
            return f"{self.kind} `{full}`"
        return f"migration `{full}`" if full else "a migration"


class Migration(Frozen):
    """A file that changes the schema. `run` is the usual command of its tool, empty where nobody
    could tell.
    """

    path: str
    tool: str
    run: str = ""


class Bridge(Frozen):
    """What the commits have that concerns one gap: migrations that would close it, migrations that
    open it (or that are gone again), and other files that declare what is missing.
    """

    gap: Gap
    closed_by: tuple[Migration, ...] = ()
    opened_by: tuple[str, ...] = ()
    declared_in: tuple[str, ...] = ()


class Schema(Frozen):
    """What the commits say of the gaps that an execution's errors name: the change itself, and all
    from `since`, which ran before, to `until`, which ran. `since` is None where nobody could tell.
    `went_back` says that `until` is the older one.
    """

    until: str
    since: str | None = None
    went_back: bool = False
    bridges: tuple[Bridge, ...] = ()
    evidence: tuple[Evidence, ...] = ()
