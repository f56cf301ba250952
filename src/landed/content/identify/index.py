"""The history as an index: for each file content, when it came to a path and when it went.

Commits are numbered in preorder of the forest that first parents form, so that all that follow
from a commit stand in one row behind it: numbers `c` to `end[c]`. What a commit gained counts +1
for that whole row, what it lost counts -1. So the files of any commit, on any branch, are sums
over rows, and never has a tree to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from landed.content.identify.ids import ById
from landed.content.identify.walk import Walked
from landed.core.model import Frozen

LOST = np.uint32(1)


class Index(Frozen, dict=True):
    """`ids` (n × id bytes), `end` and `times` are by commit number. Pairs of a blob (the first 8
    bytes of its id) and a path are sorted: `blobs`, `path_of`. Pair p has the events
    `events[offsets[p]:offsets[p + 1]]`: a commit number, times two, plus one where it lost the
    content. `paths` are sorted. `tips` are the commits that refs pointed to.
    """

    ids: Any
    end: Any
    times: Any
    blobs: Any
    path_of: Any
    offsets: Any
    events: Any
    tips: Any
    paths: Sequence[bytes]

    @property
    def commits(self) -> int:
        """How many commits there are."""
        return len(self.end)

    def id(self, number: int) -> str:
        """A commit's id."""
        return bytes(self.ids[number]).hex()

    def numbers(self, ids: Sequence[bytes]) -> Any:
        """The numbers of commits by their ids as bytes; -1 for one that is not in here."""
        return self.by_id.numbers(ids)

    @cached_property
    def by_id(self) -> ById:
        """The commits' numbers by their ids."""
        return ById(self.ids)


def built(walked: Walked) -> Index:
    """The index of a whole history."""
    count = len(walked.ids)
    parents = _parents(walked)
    sizes, numbers = _preorder(parents, count)
    width = len(walked.ids[0]) // 2 if count else 20
    ids = np.frombuffer(bytes.fromhex(b"".join(walked.ids).decode()), np.uint8)
    by_number = np.empty(count, np.int64)
    by_number[numbers] = np.arange(count)
    paths, rank = _sorted_paths(walked.paths)
    blobs = walked.blobs()
    path_of = rank[np.frombuffer(walked.path_of, np.uint32)]
    events = _events(walked, numbers)
    order = np.lexsort((events, path_of, blobs))
    blobs, path_of, events = blobs[order], path_of[order], events[order]
    starts = _pair_starts(blobs, path_of)
    return Index(
        ids=ids.reshape(count, width)[by_number],
        end=(np.arange(count) + sizes[by_number]).astype(np.uint32),
        times=np.frombuffer(walked.times, np.int64)[by_number]
        .clip(0, 0xFFFFFFFF)
        .astype(np.uint32),
        blobs=blobs[starts],
        path_of=path_of[starts],
        offsets=np.append(starts, len(events)).astype(np.uint32),
        events=events,
        tips=np.empty(0, np.uint32),
        paths=paths,
    )


def _parents(walked: Walked) -> list[int]:
    """The row of each commit's first parent in the walk; -1 where it has none there."""
    rows = {id_: row for row, id_ in enumerate(walked.ids)}
    return [rows.get(parent, -1) for parent in walked.first_parents]


def _preorder(parents: Sequence[int], count: int) -> tuple[Any, Any]:
    """How many commits follow from each, itself included; and each one's number.

    Rows are children before their parents, as the log prints them.
    """
    sizes = [1] * count
    for row, parent in enumerate(parents):
        if parent >= 0:
            sizes[parent] += sizes[row]
    numbers, free, roots = [0] * count, [0] * count, 0
    for row in range(count - 1, -1, -1):
        parent = parents[row]
        if parent >= 0:
            number = free[parent]
            free[parent] = number + sizes[row]
        else:
            number = roots
            roots += sizes[row]
        numbers[row] = number
        free[row] = number + 1
    return np.array(sizes, np.int64), np.array(numbers, np.int64)


def _sorted_paths(paths: Mapping[bytes, int]) -> tuple[list[bytes], Any]:
    """The paths in order, and each old number's place among them."""
    order = sorted(paths)
    rank = np.empty(len(order), np.uint32)
    rank[[paths[path] for path in order]] = np.arange(len(order), dtype=np.uint32)
    return order, rank


def _events(walked: Walked, numbers: Any) -> Any:
    commits = numbers[np.frombuffer(walked.commit_of, np.uint32)].astype(np.uint32)
    return commits << LOST | np.frombuffer(walked.lost, np.uint8)


def _pair_starts(blobs: Any, path_of: Any) -> Any:
    if not len(blobs):
        return np.empty(0, np.int64)
    differs = (blobs[1:] != blobs[:-1]) | (path_of[1:] != path_of[:-1])
    return np.flatnonzero(np.concatenate(([True], differs)))


def extended(index: Index, walked: Walked) -> Index:
    """The index with commits that were made since; what it had keeps its order.

    A new commit stands behind all that followed from its parent before, so that old numbers only
    move up. Nothing is sorted again but what is new.
    """
    old, fresh = index.commits, len(walked.ids)
    parents = _parents(walked)
    sizes, inner = _preorder(parents, fresh)
    roots = np.array([row for row, parent in enumerate(parents) if parent < 0], np.int64)
    known = index.numbers([bytes.fromhex(walked.first_parents[row].decode()) for row in roots])
    # Several may be put at one place: what follows from a later commit stands before.
    place = np.where(known >= 0, index.end[known].astype(np.int64), old)
    key = place * (old + 2) + np.where(known >= 0, old - known, old + 1)
    order = np.argsort(key, kind="stable")
    roots, place, key = roots[order], place[order], key[order]
    before = np.concatenate(([0], np.cumsum(sizes[roots])))
    moved = np.arange(old) + before[np.searchsorted(place, np.arange(old), "right")]
    ends = index.end.astype(np.int64)
    within = ends * (old + 2) + old - np.arange(old)
    end = np.empty(old + fresh, np.uint32)
    end[moved] = ends + before[np.searchsorted(key, within, "right")]
    # A root's first number, and from it those of all that follow: the walk numbered them from
    # wherever its own first root stood.
    first = {
        int(row): int(at + shift) for row, at, shift in zip(roots, place, before, strict=False)
    }
    numbers = np.empty(fresh, np.int64)
    base = [0] * fresh
    for row in range(fresh - 1, -1, -1):
        parent = parents[row]
        base[row] = base[parent] if parent >= 0 else first[row] - int(inner[row])
        numbers[row] = int(inner[row]) + base[row]
    end[numbers] = numbers + sizes
    ids = np.empty((old + fresh, index.ids.shape[1]), np.uint8)
    ids[moved] = index.ids
    ids[numbers] = np.frombuffer(bytes.fromhex(b"".join(walked.ids).decode()), np.uint8).reshape(
        fresh, -1
    )
    times = np.empty(old + fresh, np.uint32)
    times[moved] = index.times
    times[numbers] = np.frombuffer(walked.times, np.int64).clip(0, 0xFFFFFFFF)
    events = moved.astype(np.uint32)[index.events >> LOST] << LOST | index.events & LOST
    pairs = _with_pairs(index, walked, events, _events(walked, numbers))
    return Index(ids=ids, end=end, times=times, tips=np.empty(0, np.uint32), **pairs)


def _with_pairs(index: Index, walked: Walked, events: Any, fresh: Any) -> dict[str, Any]:
    """The pairs and their events, with those that the walk adds."""
    known = {path: number for number, path in enumerate(index.paths)}
    paths = sorted(known.keys() | walked.paths.keys())
    place = {path: number for number, path in enumerate(paths)}
    moved = np.array([place[path] for path in index.paths], np.uint32)
    own = np.empty(len(walked.paths), np.uint32)
    for path, number in walked.paths.items():
        own[number] = place[path]
    old_paths = moved[index.path_of] if len(index.path_of) else index.path_of
    blobs, path_of = walked.blobs(), own[np.frombuffer(walked.path_of, np.uint32)]
    order = np.lexsort((fresh, path_of, blobs))
    blobs, path_of, fresh = blobs[order], path_of[order], fresh[order]
    starts = _pair_starts(blobs, path_of)
    counts = np.diff(np.append(starts, len(fresh)))
    new_blobs, new_paths = blobs[starts], path_of[starts]
    low = np.searchsorted(index.blobs, new_blobs, "left")
    high = np.searchsorted(index.blobs, new_blobs, "right")
    at = np.array(
        [
            first + np.searchsorted(old_paths[first:last], path)
            for first, last, path in zip(low, high, new_paths, strict=True)
        ],
        np.int64,
    )
    there = (at < high) & (old_paths[np.minimum(at, max(len(old_paths) - 1, 0))] == new_paths)
    added = ~there
    lengths = np.insert(np.diff(index.offsets.astype(np.int64)), at[added], 0)
    target = at + np.concatenate(([0], np.cumsum(added)[:-1])) if len(at) else at
    # A pair's new events go behind those that it has.
    behind = index.offsets.astype(np.int64)[np.where(there, at + 1, at)]
    lengths[target] += counts
    return {
        "blobs": np.insert(index.blobs, at[added], new_blobs[added]),
        "path_of": np.insert(old_paths, at[added], new_paths[added]),
        "offsets": np.concatenate(([0], np.cumsum(lengths))).astype(np.uint32),
        "events": np.insert(events, np.repeat(behind, counts), fresh),
        "paths": paths,
    }
