"""Where a repository's history begins to be read."""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Sequence
from typing import Any

import numpy as np

from landed.content.git.process import need
from landed.content.identify.ids import ById
from landed.content.repo import Repository
from landed.core.model import Frozen

NO_HISTORY = ("--exclude=refs/stash", "--exclude=refs/notes/*", "--exclude=refs/replace/*")
"""Notes and the stash are commits, and no history of the code."""


class Tips(Frozen):
    """The commits that refs and HEAD point to: the rows of those that are known, and the ids (as
    bytes) of the others.
    """

    known: Any
    unknown: list[bytes]


def listed(repository: Repository) -> bytes:
    """The hex ids of all refs and of HEAD, a line each; notes and the stash left out."""
    done = repository.git("rev-parse", *NO_HISTORY, "--all")
    return need(done, "the refs cannot be listed") + (repository.head()[0] or "").encode()


def tips(repository: Repository, by_id: ById, ids: bytes | None = None) -> Tips:
    """What all refs point to now, or did when `ids` were listed.

    What `by_id` knows is a commit, and is not looked at again: there may be many thousands.
    """
    ids = listed(repository) if ids is None else ids
    width = 64 if repository.object_format == "sha256" else 32 + 8
    joined = unhexlify(ids.replace(b"\n", b""))
    columns = np.frombuffer(joined, np.uint8).reshape(-1, width // 2)
    rows = by_id.rows(columns)
    others = _peeled(repository, [bytes(columns[row]) for row in np.flatnonzero(rows < 0)])
    found = by_id.numbers(others)
    return Tips(
        known=np.concatenate((rows[rows >= 0], found[found >= 0])),
        unknown=[id_ for id_, row in zip(others, found, strict=True) if row < 0],
    )


def _peeled(repository: Repository, ids: Sequence[bytes]) -> list[bytes]:
    """The commits among these objects, and those that tags among them name."""
    given = "".join(f"{id_.hex()}^{{commit}}\n" for id_ in ids).encode()
    done = repository.git("cat-file", "--batch-check=%(objecttype) %(objectname)", given=given)
    lines = need(done, "the refs cannot be read").split(b"\n") if ids else []
    return [unhexlify(line[7:]) for line in lines if line.startswith(b"commit ")]
