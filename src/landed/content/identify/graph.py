"""The shape of a history: who follows from whom, with which tree, without reading a commit.

Git keeps just that in its commit-graph file, which `git gc` and `git maintenance` write: it is
mapped and read as it lies there. Without one, `git log` prints the same, in seconds.
"""

from __future__ import annotations

import mmap
import struct
from binascii import unhexlify
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from landed.content.git.process import need
from landed.content.identify.ids import ById, starts
from landed.content.identify.refs import NO_HISTORY, tips
from landed.content.repo import Repository
from landed.core.model import Frozen

_NONE, _MORE, _LAST = 0x70000000, 0x80000000, 0x7FFFFFFF


class Graph(Frozen, dict=True):
    """Commits by number: `ids` and `trees` (n × id bytes), `first` and `second` parents (a number,
    or -1), `others` (the third and later ones of octopus merges) and `times` in Unix seconds.
    `tips` are the numbers of those that refs and HEAD point to.
    """

    ids: Any
    trees: Any
    first: Any
    second: Any
    others: dict[int, tuple[int, ...]]
    times: Any
    tips: Any = None

    def id(self, number: int) -> str:
        """A commit's id."""
        return bytes(self.ids[number]).hex()

    def tree(self, number: int) -> bytes:
        """The hex id of a commit's tree."""
        return bytes(self.trees[number]).hex().encode()

    @cached_property
    def by_id(self) -> ById:
        """The commits' numbers by their ids."""
        return ById(self.ids)

    def parents(self, number: int) -> list[int]:
        """The parents of a commit."""
        found = [int(self.first[number]), int(self.second[number]), *self.others.get(number, ())]
        return [parent for parent in found if parent >= 0]

    def children(self, number: int) -> list[int]:
        """The commits that have this one as a parent."""
        found: list[int] = []
        for values, order in self._by_parent:
            low, high = np.searchsorted(values, [number, number + 1])
            found += order[low:high].tolist()
        return found + [child for child, more in self.others.items() if number in more]

    @cached_property
    def _by_parent(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        one, two = np.argsort(self.first), np.argsort(self.second)
        return (self.first[one], one), (self.second[two], two)

    @cached_property
    def _by_tree(self) -> tuple[Any, Any]:
        first = starts(self.trees)
        order = np.argsort(first)
        return first[order], order

    def same_tree(self, number: int) -> list[int]:
        """All commits that have the very tree of this one, itself included."""
        values, order = self._by_tree
        asked = np.uint64(int.from_bytes(bytes(self.trees[number, :8]), "big"))
        low, high = np.searchsorted(values, asked, "left"), np.searchsorted(values, asked, "right")
        found: list[int] = order[low:high].tolist()
        return found

    def line(self, number: int) -> list[int]:
        """A commit and those behind it along first parents, newest first."""
        parents = self.line_of
        found = [number]
        while (number := parents[number]) >= 0:
            found.append(number)
        return found

    @cached_property
    def line_of(self) -> list[int]:
        """Each commit's first parent, as `first` has it: quicker to follow."""
        found: list[int] = self.first.tolist()
        return found


def graph(repository: Repository) -> Graph:
    """The commits of all refs. From the commit-graph where it has every tip, else from git.

    Raises ProviderError where the history cannot be read.
    """
    if not repository.shallow:
        kept = _kept(repository.place.common_dir / "objects" / "info", repository.object_format)
        if kept is not None:
            now = tips(repository, kept.by_id)
            if not now.unknown:
                return structs.replace(kept, tips=now.known)
    printed = _printed(repository)
    return structs.replace(printed, tips=tips(repository, printed.by_id).known)


def _printed(repository: Repository) -> Graph:
    done = repository.git(
        "log", "--no-show-signature", "--format=%H %T %ct %P", *NO_HISTORY, "--all", "HEAD"
    )
    lines = need(done, "the history cannot be read").split(b"\n")[:-1]
    rows = [line.split() for line in lines]
    known = {row[0]: number for number, row in enumerate(rows)}
    parents = [[known.get(parent, -1) for parent in row[3:]] for row in rows]
    return Graph(
        ids=_bytes(row[0] for row in rows),
        trees=_bytes(row[1] for row in rows),
        first=np.array([found[0] if found else -1 for found in parents], np.int64),
        second=np.array([found[1] if len(found) > 1 else -1 for found in parents], np.int64),
        others={n: tuple(found[2:]) for n, found in enumerate(parents) if len(found) > 2},
        times=np.array([int(row[2]) for row in rows], np.int64),
    )


def _bytes(ids: Iterable[bytes]) -> Any:
    joined = list(ids)
    width = len(joined[0]) // 2 if joined else 20
    return np.frombuffer(unhexlify(b"".join(joined)), np.uint8).reshape(len(joined), width)


def _kept(folder: Path, object_format: str) -> Graph | None:
    """The commit-graph, in one file or a chain of them; None where it is not there or not sound."""
    chain = folder / "commit-graphs" / "commit-graph-chain"
    try:
        names = chain.read_text().split() if chain.is_file() else []
        files = [folder / "commit-graphs" / f"graph-{name}.graph" for name in names]
        parts = [_part(path, object_format) for path in files or [folder / "commit-graph"]]
    except (OSError, ValueError, struct.error, UnicodeDecodeError):
        return None
    ids = np.concatenate([part[0] for part in parts])
    trees = np.concatenate([part[1] for part in parts])
    first = np.concatenate([part[2] for part in parts])
    second = np.concatenate([part[3] for part in parts])
    times = np.concatenate([part[4] for part in parts])
    count, base = len(ids), 0
    others: dict[int, tuple[int, ...]] = {}
    for part in parts:
        for row in np.flatnonzero(part[3] >= _MORE).tolist():
            found = _more(part[5], int(part[3][row]) - _MORE)
            second[base + row] = found[0]
            others[base + row] = found[1:]
        base += len(part[0])
    first = np.where(first == _NONE, -1, first)
    second = np.where(second == _NONE, -1, second)
    highest = max([int(first.max(initial=-1)), int(second.max(initial=-1))])
    if highest >= count or any(not -1 < n < count for more in others.values() for n in more):
        return None
    return Graph(ids=ids, trees=trees, first=first, second=second, others=others, times=times)


def _more(edges: Any, at: int) -> tuple[int, ...]:
    found: list[int] = []
    while True:
        edge = int(edges[at])
        found.append(edge & _LAST)
        if edge >= _MORE:
            return tuple(found)
        at += 1


def _part(path: Path, object_format: str) -> tuple[Any, ...]:
    """One file's columns: ids, trees, both parents, times, and the list of further parents."""
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, kind, chunks, _ = struct.unpack_from(">4sBBBB", data)
    width = {1: 20, 2: 32}.get(kind, 0)
    if magic != b"CGPH" or version != 1 or width != (32 if object_format == "sha256" else 20):
        raise ValueError("no commit-graph of this repository")
    table = [struct.unpack_from(">4sQ", data, 8 + 12 * chunk) for chunk in range(chunks + 1)]
    place = {name: (at, table[k + 1][1]) for k, (name, at) in enumerate(table[:-1])}
    count = struct.unpack_from(">I", data, place[b"OIDF"][0] + 4 * 255)[0]
    ids = np.frombuffer(data, np.uint8, count * width, place[b"OIDL"][0]).reshape(count, width)
    row = np.dtype(
        [
            ("tree", "u1", (width,)),
            ("first", ">u4"),
            ("second", ">u4"),
            ("high", ">u4"),
            ("low", ">u4"),
        ]
    )
    rows = np.frombuffer(data, row, count, place[b"CDAT"][0])
    times = (rows["high"].astype(np.int64) & 3) << 32 | rows["low"].astype(np.int64)
    edges = np.empty(0, np.uint32)
    if b"EDGE" in place:
        begin, end = place[b"EDGE"]
        edges = np.frombuffer(data, ">u4", (end - begin) // 4, begin)
    first, second = rows["first"].astype(np.int64), rows["second"].astype(np.int64)
    return ids, np.ascontiguousarray(rows["tree"]), first, second, times, edges
