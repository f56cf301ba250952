"""Scores every commit of an index at once: exact, whatever the history looks like."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np

from landed.content.identify.align import Placement, chosen, votes
from landed.content.identify.history import History
from landed.content.identify.index import LOST, Index
from landed.content.identify.sought import Sought
from landed.core.model import Frozen

_RARE = 8
"""A blob at more paths than this says nothing about where files lie."""
_FEW_COPIES = 4
_VOTERS = 2000
_SHOWN = 16


class Scored(Frozen):
    """Each commit's `scores`: how many of the files it has. `files[k]` may lie at `pairs[k]`."""

    placements: list[Placement]
    scores: Any
    files: Any
    pairs: Any


class Matcher:
    """The files of one image in one index."""

    def __init__(self, history: History, sought: Sought) -> None:
        self.history, self.index, self.sought = history, history.index, sought
        asked = np.frombuffer(b"".join(b[:8] for b in sought.blobs), ">u8").astype(np.uint64)
        self.low = np.searchsorted(self.index.blobs, asked, "left")
        self.high = np.searchsorted(self.index.blobs, asked, "right")

    def placements(self) -> list[Placement]:
        """Where the files lie, at any time of the history."""
        counts = self.high - self.low
        copies = self.sought.copies
        rare = [
            number
            for number in np.flatnonzero((counts > 0) & (counts <= _RARE)).tolist()
            if copies[self.sought.blobs[number]] <= _FEW_COPIES
        ]
        stride = max(1, len(rare) // _VOTERS)
        some = rare[::stride]
        first = chosen(votes(self._where(some)), self.sought, stride)
        if len(some) == len(rare) or not first:
            return list(first)
        # The rest may show placements of a few files, which a sample misses.
        explained = set(self._pairs(list(first))[0].tolist())
        rest = [number for number in rare if number not in explained]
        cast = votes(self._where(rest))
        for placement in first:
            cast[placement] = explained | cast.get(placement, set())
        return list(chosen(cast, self.sought))

    def _where(self, numbers: Sequence[int]) -> list[tuple[int, bytes, bytes]]:
        paths, in_image = self.index.paths, self.sought.paths
        return [
            (number, in_image[number], paths[path])
            for number in numbers
            for path in self.index.path_of[self.low[number] : self.high[number]].tolist()
        ]

    def _pairs(self, placements: Sequence[Placement]) -> tuple[Any, Any]:
        """Files and the pairs that stand for them at one of their places, in two columns."""
        files: list[int] = []
        pairs: list[int] = []
        low, high, path_of = self.low, self.high, self.index.path_of
        for placement in placements:
            for number in self.sought.below(placement.image_path):
                first, last = int(low[number]), int(high[number])
                if first == last:
                    continue
                path = self._path(placement.in_tree(self.sought.paths[number]) or b"")
                if path < 0:
                    continue
                pair = first
                if last - first > 1:
                    pair += int(np.searchsorted(path_of[first:last], path))
                if pair < last and path_of[pair] == path:
                    files.append(number)
                    pairs.append(pair)
        return np.array(files, np.int64), np.array(pairs, np.int64)

    def known(self, scored: Scored, commits: Sequence[int]) -> int:
        """How many files some commit has at their place, in the folders that these commits fill.

        Other placements are of other times: folders move in a history.
        """
        of_pair, numbers, sign = rows(self.index, np.arange(len(scored.pairs)), scored.pairs)
        folders: set[bytes] = set()
        for commit in commits[:: len(commits) // _SHOWN + 1]:
            inside = (numbers <= commit) & (commit < self.index.end[numbers])
            there = np.bincount(of_pair[inside], sign[inside], len(scored.pairs)) > 0
            folders |= self._folders(scored, np.flatnonzero(there).tolist())
        inside_any = {number for folder in folders for number in self.sought.below(folder)}
        return len(inside_any.intersection(scored.files.tolist()))

    def _folders(self, scored: Scored, rows_: Sequence[int]) -> set[bytes]:
        """The image's folders that these pairs show to be filled from the tree."""
        files, pairs = scored.files, scored.pairs
        shown = {
            (self.sought.paths[files[row]], self.index.paths[self.index.path_of[pairs[row]]])
            for row in rows_
        }
        return {
            placement.image_path
            for placement in scored.placements
            if any(placement.in_tree(path) == there for path, there in shown)
        }

    def committed(self) -> frozenset[str]:
        """Those of the blobs, in hex, that any commit has anywhere."""
        there = np.flatnonzero(self.high > self.low).tolist()
        return frozenset(self.sought.blobs[number].hex() for number in there)

    def _path(self, path: bytes) -> int:
        place = bisect_left(self.index.paths, path)
        there = place < len(self.index.paths) and self.index.paths[place] == path
        return place if there else -1

    def scored(self, placements: list[Placement]) -> Scored:
        """How many files each commit has, each counted once, however many placements show it."""
        files, pairs = self._pairs(placements)
        scores = present(self.index, files, pairs)
        scores[self.history.gone] = -1
        return Scored(
            placements=placements,
            scores=scores,
            files=files,
            pairs=pairs,
        )


def present(index: Index, files: Any, pairs: Any) -> Any:
    """For each commit, how many of the files it has in one of their pairs."""
    of_file, numbers, sign = rows(index, files, pairs)
    several = np.bincount(files, minlength=1)[of_file] > 1 if len(files) else of_file > 0
    ends = index.end[numbers].astype(np.int64)
    size = index.commits + 1
    change = np.bincount(numbers[~several], sign[~several], size)
    change -= np.bincount(ends[~several], sign[~several], size)
    if several.any():
        change += _once(of_file[several], numbers[several], ends[several], sign[several], size)
    return np.cumsum(change)[:-1].astype(np.int64)


def rows(index: Index, files: Any, pairs: Any) -> tuple[Any, Any, Any]:
    """The events of the pairs: whose file, which commit's row, +1 or -1."""
    first = index.offsets[pairs].astype(np.int64)
    counts = index.offsets[pairs + 1].astype(np.int64) - first
    total = int(counts.sum())
    steps = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    events = index.events[np.repeat(first, counts) + steps]
    sign = 1 - 2 * (events & LOST).astype(np.int64)
    return np.repeat(files, counts), (events >> LOST).astype(np.int64), sign


def _once(of_file: Any, starts: Any, ends: Any, sign: Any, size: int) -> Any:
    """Changes of the score where a file lies in several pairs: it counts where any is there."""
    who = np.concatenate((of_file, of_file))
    where = np.concatenate((starts, ends))
    step = np.concatenate((sign, -sign))
    order = np.lexsort((where, who))
    who, where, step = who[order], where[order], step[order]
    there = np.cumsum(step) > 0  # each file's steps add up to nothing
    last = np.append((who[1:] != who[:-1]) | (where[1:] != where[:-1]), True)
    who, where, there = who[last], where[last], there[last]
    before = np.concatenate(([False], there[:-1]))
    return np.bincount(where, there.astype(np.int64) - before, size)
