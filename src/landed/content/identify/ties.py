"""Commits that fit equally well: which one to name, and what tells them apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter

from msgspec import structs

from landed.content.git.batch import Batch
from landed.content.identify.align import Placement
from landed.content.identify.sought import Sought
from landed.content.identify.trees import Reader, entries
from landed.content.names import beside_the_code
from landed.core.errors import ProviderError
from landed.core.model import Frozen

MOST = 5_000
"""Of more commits that fit equally only so many are told apart."""


class Tied(Frozen):
    """A commit that fits: its id, its tree, its time, and how many files it has that the image
    lacks in folders that it was filled from.
    """

    id: str
    tree: bytes
    time: int
    parents: tuple[str, ...] = ()
    lacking: int = 0


class Ties(Frozen):
    """Commits that fit equally well, oldest first, and the best of them.

    `exact`: nothing that the best one has is missing, so those with more files are no longer ties.
    """

    commits: tuple[Tied, ...]
    best: Tied
    exact: bool


def told_apart(
    batch: Batch,
    ids: Sequence[str],
    placements: Sequence[Placement],
    sought: Sought,
    head: str | None,
) -> Ties:
    """Breaks ties by what a commit has and the image lacks. Raises ProviderError where a commit
    cannot be read.

    Where the best one lacks nothing, all that lack something are out. Where files are missing
    anyway, somebody left some out, and nobody knows which: then all stay.
    """
    some = ids if len(ids) <= MOST else ids[:: len(ids) // MOST + 1]
    commits = _read(batch, some)
    count = Lacking(batch, placements, sought)
    tied = [structs.replace(commit, lacking=count(commit.tree)) for commit in _in_order(commits)]
    least = min(commit.lacking for commit in tied)
    first = [commit for commit in tied if commit.lacking == least]
    best = next((commit for commit in first if commit.id == head), first[-1])
    exact = least == 0
    return Ties(commits=tuple(first if exact else tied), best=best, exact=exact)


def _read(batch: Batch, ids: Sequence[str]) -> list[Tied]:
    found: list[Tied] = []
    for id_, data in batch.read(id_.encode() for id_ in ids).items():
        head = (data or b"").partition(b"\n\n")[0].split(b"\n")
        lines = dict(line.partition(b" ")[::2] for line in reversed(head))
        parents = tuple(line[7:].decode() for line in head if line.startswith(b"parent "))
        if b"tree" not in lines or b"committer" not in lines:
            raise ProviderError(f"commit {id_.decode()} cannot be read", "is the clone complete?")
        time = int(lines[b"committer"].rsplit(b" ", 2)[1])
        found.append(Tied(id=id_.decode(), tree=lines[b"tree"], time=time, parents=parents))
    return found


def _in_order(commits: Sequence[Tied]) -> list[Tied]:
    """Oldest first; of commits of the same second, parents before their children."""
    known = {commit.id for commit in commits}
    sorter = TopologicalSorter({c.id: [p for p in c.parents if p in known] for c in commits})
    place = {id_: number for number, id_ in enumerate(sorter.static_order())}
    return sorted(commits, key=lambda commit: (commit.time, place[commit.id]))


class Lacking:
    """Counts what trees have in the placed folders and the image lacks; shared folders once."""

    def __init__(self, batch: Batch, placements: Sequence[Placement], sought: Sought) -> None:
        self._read = Reader(batch)
        self._is_lacking = lacking(placements, sought)
        self._heads = [placement.tree_path for placement in placements]
        self._known: dict[tuple[bytes, bytes], int] = {}
        self._width = len(sought.blobs[0]) if sought.blobs else 20

    def __call__(self, tree: bytes) -> int:
        """For a tree's hex id."""
        return self._count(tree, b"")

    def _count(self, tree: bytes, prefix: bytes) -> int:
        known = self._known.get((tree, prefix))
        if known is not None:
            return known
        count = 0
        inner = []
        for mode, name, blob in entries(self._read([tree])[tree], self._width):
            path = prefix + name
            if mode == b"40000":
                if any(_leads(path, head) for head in self._heads):
                    inner.append((blob.hex().encode(), path + b"/"))
            elif mode != b"160000":
                count += self._is_lacking(path)
        self._read([id_ for id_, _ in inner])
        count += sum(self._count(*each) for each in inner)
        self._known[tree, prefix] = count
        return count


def _leads(folder: bytes, head: bytes) -> bool:
    """Whether a folder lies on the way to another, or below it."""
    inside = not head or folder == head or folder.startswith(head + b"/")
    return inside or head.startswith(folder + b"/")


def lacking(placements: Sequence[Placement], sought: Sought) -> Callable[[bytes], bool]:
    """Whether a file of the tree should be in the image, and is not.

    Only in folders that the image has: a folder that is not there at all was kept out on purpose,
    as documentation, tests and the build's own files are.
    """

    def is_lacking(path: bytes) -> bool:
        places = [there for p in placements if (there := p.in_image(path)) is not None]
        return (
            bool(places)
            and not any(there in sought.number for there in places)
            and any(there.rpartition(b"/")[0] in sought.folders for there in places)
            and not beside_the_code(os.fsdecode(path))
        )

    return is_lacking
