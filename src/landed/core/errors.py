"""Failures of the tool and of what it asks: each says what to do about it."""

from __future__ import annotations


class LandedError(Exception):
    """An expected failure. `hint` tells a person what to do; `exit_code` is the process's."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LandedError):
    """The command line, the settings or the folder are not what the command needs."""

    exit_code = 2


class ProviderError(LandedError):
    """Git, a registry, a cloud or the disk failed or refused."""


class DataError(LandedError):
    """Something that landed reads is damaged: an image, a record, the ledger."""
