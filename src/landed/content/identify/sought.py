"""What is to be identified: files by path and content, and nothing else."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from landed.core.model import Frozen
from landed.core.probe import GITLINK, File

EMPTY = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)
"""The empty blob, in both of git's object formats: in every place, and of none."""


class Sought(Frozen, dict=True):
    """`paths` and `blobs` (ids as bytes) of the files, in one order, sorted by path."""

    paths: tuple[bytes, ...]
    blobs: tuple[bytes, ...]

    @cached_property
    def copies(self) -> Counter[bytes]:
        """In how many places each blob lies."""
        return Counter(self.blobs)

    @cached_property
    def number(self) -> dict[bytes, int]:
        """Each path's place in the order."""
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def folders(self) -> frozenset[bytes]:
        """Every folder that a file lies in, directly or further down; the root is empty."""
        found: set[bytes] = {b""}
        for path in self.paths:
            head = path
            while b"/" in head:
                head = head.rpartition(b"/")[0]
                if head in found:
                    break
                found.add(head)
        return frozenset(found)

    def below(self, folder: bytes) -> range:
        """The numbers of the files below a folder."""
        if not folder:
            return range(len(self.paths))
        return range(bisect_left(self.paths, folder + b"/"), bisect_left(self.paths, folder + b"0"))


def sought(files: Mapping[str, File]) -> Sought:
    """The files, without submodules' own entries and without what is empty."""
    kept = sorted(
        (os.fsencode(path), file.blob)
        for path, file in files.items()
        if file.mode != GITLINK and file.blob not in EMPTY
    )
    return Sought(
        paths=tuple(path for path, _ in kept),
        blobs=tuple(bytes.fromhex(blob) for _, blob in kept),
    )
