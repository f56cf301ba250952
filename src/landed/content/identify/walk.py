"""The whole history as columns: which file content came and went with each commit.

One `git log` prints, for each commit, what differs from its first parent. Read as it comes, and
kept as numbers: a history of a million changes fits into some tens of megabytes.
"""

from __future__ import annotations

from array import array
from binascii import unhexlify
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np

from landed.content.git.store import Store
from landed.content.identify.refs import NO_HISTORY

_SECONDS = 1800.0
_CHUNK = 4 << 20
_LOG = (
    "-c",
    "log.showRoot=true",
    "-c",
    "core.commitGraph=false",  # what is kept is read from the commits themselves
    "log",
    "--no-show-signature",
    "--topo-order",
    "--diff-merges=first-parent",
    "--raw",
    "-r",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--format=%x01%H %ct %P",
)
_GITLINK = b"160000"


class Walked:
    """Commits, children before their parents, and the changes that each made.

    `ids` are hex; `first_parents` hold the first parent's hex id, empty for a root; `times` are
    committer times in Unix seconds. Change number k put (`lost` 0) or removed (`lost` 1) the blob
    `blobs[k]` (the first 8 bytes of its id) at `paths[path_of[k]]`, in commit `commit_of[k]`.
    """

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.first_parents: list[bytes] = []
        self.times = array("q")
        self.paths: dict[bytes, int] = {}
        self.path_of = array("I")
        self.commit_of = array("I")
        self.lost = array("B")
        self._hex: list[bytes] = []

    def blobs(self) -> Any:
        """The changes' blobs, as unsigned 64-bit numbers."""
        return np.frombuffer(unhexlify(b"".join(self._hex)), ">u8").astype(np.uint64)

    def take(self, fields: Iterable[bytes]) -> None:
        """Reads NUL-separated fields of the log."""
        paths, path_of, commit_of, lost = self.paths, self.path_of, self.commit_of, self.lost
        hex_, number = self._hex, len(self.ids) - 1
        about = b""
        for field in fields:
            if about:
                path = paths.setdefault(field, len(paths))
                width = (len(about) - 18) // 2
                old, new = about[15 : 15 + width], about[16 + width : 16 + 2 * width]
                if old != new:
                    if about[1:7] != b"000000" and about[1:7] != _GITLINK:
                        hex_.append(old[:16])
                        path_of.append(path)
                        commit_of.append(number)
                        lost.append(1)
                    if about[8:14] != b"000000" and about[8:14] != _GITLINK:
                        hex_.append(new[:16])
                        path_of.append(path)
                        commit_of.append(number)
                        lost.append(0)
                about = b""
            elif field[:1] == b":":
                about = field
            elif field[:2] == b"\n:":  # a commit's own words end with an empty line
                about = field[1:]
            elif field[:1] == b"\x01":
                id_, time, *parents = field[1:].split()
                self.ids.append(id_)
                self.times.append(int(time))
                self.first_parents.append(parents[0] if parents else b"")
                number += 1


def walk(store: Store, starts: list[str], without: list[str]) -> Walked:
    """All commits that `starts` have in their history and `without` have not.

    Without starts: those of all refs. Raises ProviderError where git cannot read them all: a
    treeless or damaged clone.
    """
    walked = Walked()
    revs = "".join(f"{rev}\n" for rev in [*starts, *(f"^{id_}" for id_ in without)])
    every = () if starts else (*NO_HISTORY, "--all", "HEAD")
    with store.stream(
        *_LOG,
        *every,
        "--stdin",
        given=revs.encode(),
        seconds=_SECONDS,
        needed="the history cannot be read",
        hint="a treeless, shallow or damaged clone? `git fetch --refetch` brings what it lacks",
    ) as output:
        walked.take(_fields(output))
    return walked


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    """NUL-separated fields, read in large pieces."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        fields = (rest + chunk).split(b"\0")
        rest = fields.pop()
        yield from fields
    if rest:
        yield rest
