"""How many of the sought files a tree has, asked of many trees at once, each read only once.

A folder's files are not listed: whether it has a file is whether its bytes have the entry,
` name NUL id`, which is one search in memory. A folder that two commits share is scored once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from landed.content.git.batch import Batch
from landed.core.errors import ProviderError

Place = tuple[bytes, bytes]
"""A path in the tree and the blob that is sought there, as bytes."""


class _Folder:
    """A folder of the tree in which something is sought.

    `entries` are those of files with one place, `shared` those of files with several.
    """

    __slots__ = ("entries", "folders", "shared")

    def __init__(self) -> None:
        self.entries: list[tuple[bytes, int]] = []
        self.shared: list[tuple[bytes, int]] = []
        self.folders: dict[bytes, int] = {}


Key = tuple[bytes, int]
"""A tree's hex id, and the number of the folder that it stands for."""


class _Seen(NamedTuple):
    """What a tree has of a folder's own entries, and the trees of its folders."""

    own: tuple[int, ...]
    shared: tuple[int, ...]
    inner: tuple[Key, ...]


class Scorer:
    """Scores trees by what they hold of the sought places; place k stands for file `files[k]`.

    A file counts once, at however many of its places it lies.
    """

    def __init__(
        self, read: Reader, places: Sequence[Place], files: Sequence[int], width: int
    ) -> None:
        self._trees, self._width = read, width
        self._folders = [_Folder()]
        several = {file for file, count in Counter(files).items() if count > 1}
        for (path, blob), file in zip(places, files, strict=True):
            *heads, name = path.split(b"/")
            folder = self._folders[self._folder(heads)]
            entries = folder.shared if file in several else folder.entries
            entries.append((b" " + name + b"\0" + blob, file))
        self._seen: dict[Key, _Seen] = {}
        self._sums: dict[Key, tuple[int, frozenset[int]]] = {}

    def _folder(self, heads: Iterable[bytes]) -> int:
        at = 0
        for head in heads:
            inner = self._folders[at].folders.get(head)
            if inner is None:
                inner = self._folders[at].folders[head] = len(self._folders)
                self._folders.append(_Folder())
            at = inner
        return at

    def scores(self, trees: Sequence[bytes]) -> list[int]:
        """How many of the files each tree (hex ids) has."""
        self._prepare(trees)
        sums = [self._sum((tree, 0)) for tree in trees]
        return [count + len(shared) for count, shared in sums]

    def files(self, tree: bytes) -> set[int]:
        """The files that a tree has, at any of their places."""
        self._prepare([tree])
        found: set[int] = set()
        open_: list[Key] = [(tree, 0)]
        while open_:
            seen = self._seen[open_.pop()]
            found.update(seen.own, seen.shared)
            open_ += seen.inner
        return found

    def _sum(self, key: Key) -> tuple[int, frozenset[int]]:
        known = self._sums.get(key)
        if known is None:
            seen = self._seen[key]
            inner = [self._sum(each) for each in seen.inner]
            shared = frozenset(seen.shared).union(*(files for _, files in inner))
            known = len(seen.own) + sum(count for count, _ in inner), shared
            self._sums[key] = known
        return known

    def _prepare(self, trees: Iterable[bytes]) -> None:
        """Reads what is not known yet, one level of folders after the other."""
        level: set[Key] = {(tree, 0) for tree in trees} - self._seen.keys()
        while level:
            contents = self._trees({tree for tree, _ in level})
            below: set[Key] = set()
            for key in level:
                tree, number = key
                seen = self._seen[key] = self._look(contents[tree], self._folders[number])
                below.update(seen.inner)
            level = below - self._seen.keys()

    def _look(self, data: bytes, folder: _Folder) -> _Seen:
        own = tuple(file for entry, file in folder.entries if entry in data)
        shared = tuple(file for entry, file in folder.shared if entry in data)
        inner: list[Key] = []
        for name, number in folder.folders.items():
            at = data.find(b"40000 " + name + b"\0")
            if at >= 0:
                begin = at + len(name) + 7
                inner.append((data[begin : begin + self._width].hex().encode(), number))
        return _Seen(own, shared, tuple(inner))


class Reader:
    """Trees by their hex ids, each read once."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._read: dict[bytes, bytes] = {}

    def __call__(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """The trees' own bytes. Raises ProviderError for one that is not here."""
        wanted = list(ids)
        found = self._batch.read({id_ for id_ in wanted if id_ not in self._read})
        for id_, data in found.items():
            if data is None:
                raise ProviderError(
                    f"tree {id_.decode()} is not here",
                    "the clone is treeless or damaged: `git fetch --refetch` brings the rest",
                )
            self._read[id_] = data
        return {id_: self._read[id_] for id_ in wanted}


def listing(read: Reader, tree: bytes, width: int) -> dict[bytes, bytes]:
    """All files of a tree by path, their blobs as bytes; submodules left out."""
    found: dict[bytes, bytes] = {}
    level: dict[bytes, list[bytes]] = {tree: [b""]}
    while level:
        contents = read(level)
        below: dict[bytes, list[bytes]] = {}
        for id_, places in level.items():
            for mode, name, blob in entries(contents[id_], width):
                if mode == b"40000":
                    inner = below.setdefault(blob.hex().encode(), [])
                    inner += [place + name + b"/" for place in places]
                elif mode != b"160000":
                    found.update((place + name, blob) for place in places)
        level = below
    return found


def entries(data: bytes, width: int) -> Iterable[tuple[bytes, bytes, bytes]]:
    """The entries of a tree: mode, name, and the id as `width` bytes."""
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        zero = data.index(b"\0", space)
        end = zero + 1 + width
        yield data[at:space], data[space + 1 : zero], data[zero + 1 : end]
        at = end
