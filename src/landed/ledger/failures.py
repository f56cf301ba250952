"""What a database that refuses means to the person who runs landed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError, ProgrammingError

from landed.core.errors import DataError, ProviderError, UsageError
from landed.ledger.database import BUSY_SECONDS, no_table


class AbsentError(Exception):
    """Nobody has written there yet."""


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raises AbsentError where there is no table, and LandedError for all else."""
    try:
        yield
    except ArgumentError as error:
        raise UsageError("that is no URL of a database", "postgresql://HOST/NAME") from error
    except DatabaseError as error:
        if no_table(error):
            raise AbsentError from error
        if isinstance(error, OperationalError | ProgrammingError):
            raise _operational(name, error) from error
        raise DataError(
            f"the ledger {name} is damaged: {error.orig}",
            "put a backup in its place, or move it and its .tail away: a new one begins",
        ) from error
    except OSError as error:
        raise ProviderError(
            f"cannot use the ledger {name}: {error.strerror}", "check the folder and disk"
        ) from error


def _operational(name: str, error: DatabaseError) -> ProviderError:
    words = str(error.orig)
    if "full" in words:
        return ProviderError(f"the disk is full: the ledger {name} took nothing", "free some room")
    if "locked" in words:
        return ProviderError(
            f"the ledger {name} was locked for {BUSY_SECONDS} s", "is another landed stuck?"
        )
    if "readonly" in words or "unable to open" in words:
        return ProviderError(
            f"cannot use the ledger {name}: {words}",
            "check the folder and disk; where you may only read it, whoever may write there runs "
            "`landed log` once, or you read a copy of its folder",
        )
    shared = name.startswith("postgresql:")
    hint = "check LANDED_DATABASE and the server" if shared else "check the folder and disk"
    return ProviderError(f"cannot use the ledger {name}: {words}", hint)
