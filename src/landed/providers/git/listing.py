"""What git lists of a work tree: its status, and the index behind it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from landed.content.git.process import need
from landed.content.repo import File, Repository
from landed.core.model import (
    Frozen,
)
from landed.core.seen import (
    DirtKind,
)

_STATUS = (
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=all",
    "--no-renames",
    # Only what they are pinned to: for more, git would run git inside them, as they configure it.
    "--ignore-submodules=dirty",
)
_MARKED_AS_SUBMODULE = "160000"
_PLAIN = ("H 100", "H 120")


class Listing(Frozen):
    """The status of a work tree. Folders end with a slash.

    `staged` are the paths of `dirty` whose index differs from HEAD. `tracked` is the index;
    `flagged` names those of its files that git was told not to look at, and by which flag.
    `pinned` are the submodules with the commits that HEAD pins them to (the index, where HEAD
    has none).
    """

    dirty: dict[str, DirtKind]
    staged: frozenset[str]
    untracked: tuple[str, ...]
    ignored: tuple[str, ...]
    tracked: dict[str, str]
    flagged: dict[str, str]
    pinned: dict[str, str]

    def file(self, path: str) -> File:
        """A file of the index."""
        _, mode, blob, _ = self.tracked[path].split(" ")
        return File(mode=mode, blob=blob)


def read(repo: Repository, *, ignored: bool) -> Listing:
    """Asks git for the status and the index, side by side."""
    wanted = f"--ignored={'matching' if ignored else 'no'}"
    with ThreadPoolExecutor(2) as both:
        status = both.submit(repo.git_in_work_tree, *_STATUS, wanted)
        index = both.submit(repo.git_in_work_tree, "ls-files", "-z", "-v", "-s")
    tracked = _index(need(index.result(), "the index cannot be read"))
    return _status(need(status.result(), "the status cannot be read"), tracked)


def _status(printed: bytes, tracked: dict[str, str]) -> Listing:
    dirty: dict[str, DirtKind] = {}
    staged: set[str] = set()
    untracked: list[str] = []
    ignored: list[str] = []
    flagged: dict[str, str] = {}
    pinned: dict[str, str] = {}
    for path, about in tracked.items():
        if about.startswith(_PLAIN):
            continue
        tag, mode, blob, _ = about.split(" ")
        if mode == _MARKED_AS_SUBMODULE:
            pinned[path] = blob
        elif tag in "Ss":
            flagged[path] = "skip-worktree"
        elif tag.islower():
            flagged[path] = "assume-unchanged"
    for line in os.fsdecode(printed).split("\0"):
        match line[:1]:
            case "?":
                untracked.append(line[2:])
            case "!":
                ignored.append(line[2:])
            case "u":
                dirty[line.split(" ", 10)[10]] = DirtKind.CHANGED
            case "1":
                _, xy, sub, before, _, _, head, _, path = line.split(" ", 8)
                if sub.startswith("S") or before == _MARKED_AS_SUBMODULE:
                    # HEAD's word counts, unless the submodule is only just being added.
                    pinned[path] = head if before == _MARKED_AS_SUBMODULE else pinned.get(path, "")
                elif xy != "AD":
                    dirty[path] = _kind(xy)
                    if xy[0] != ".":
                        staged.add(path)
    return Listing(
        dirty=dirty,
        staged=frozenset(staged),
        # What was only taken out of the index is listed twice.
        untracked=tuple(path for path in untracked if path not in dirty),
        ignored=tuple(path for path in ignored if path not in dirty),
        tracked=tracked,
        flagged=flagged,
        pinned=pinned,
    )


def _kind(xy: str) -> DirtKind:
    if "D" in xy:
        return DirtKind.DELETED
    return DirtKind.UNTRACKED if "A" in xy else DirtKind.CHANGED


def _index(printed: bytes) -> dict[str, str]:
    """Paths, each with its tag, mode, blob and stage; kept as text, since there may be many."""
    lines = os.fsdecode(printed).split("\0")
    return {path: about for about, _, path in (line.partition("\t") for line in lines) if path}
