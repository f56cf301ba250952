"""Commit ids as columns of bytes, and the way from an id to its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def starts(ids: Any) -> Any:
    """The first eight bytes of each id (n × id bytes), as numbers that sort as the ids do."""
    return np.ascontiguousarray(ids[:, :8]).view(">u8")[:, 0].astype(np.uint64)


class ById:
    """Finds rows by id. The first eight bytes decide: among a billion ids chance makes no pair."""

    def __init__(self, ids: Any) -> None:
        first = starts(ids)
        # Git's own files have them in order already.
        self._order = None if (first[1:] >= first[:-1]).all() else np.argsort(first, kind="stable")
        self._first = first if self._order is None else first[self._order]

    def numbers(self, ids: Sequence[bytes]) -> Any:
        """The row of each id (as bytes); -1 for one that is not there, and for an empty one."""
        asked = b"".join(id_[:8].ljust(8, b"\0") for id_ in ids)
        return self.rows(np.frombuffer(asked, np.uint8).reshape(-1, 8))

    def rows(self, ids: Any) -> Any:
        """The row of each id (n × id bytes); -1 for one that is not there."""
        if not len(ids) or not len(self._first):
            return np.full(len(ids), -1, np.int64)
        asked = starts(ids)
        place = np.minimum(np.searchsorted(self._first, asked), len(self._first) - 1)
        rows = place if self._order is None else self._order[place]
        return np.where(self._first[place] == asked, rows.astype(np.int64), -1)
