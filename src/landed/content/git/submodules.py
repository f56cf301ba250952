"""The objects of a submodule, where they are at hand: in its parent's `modules`, or its checkout.

Only objects are read, through the parent's scratch repository: no configuration, hook or attribute
of the submodule's own repository counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from landed.content.git import scratch
from landed.content.git.place import Place
from landed.content.git.store import Store
from landed.core.errors import ProviderError

MODULES = ".gitmodules"
DEPTH = 8
"""How deep submodules may lie in each other."""
_LARGEST_POINTER = 4096


def store_of(parent: Store, commit: str, path: str, pinned: str) -> Store | None:
    """A store with the commit that the submodule at `path` is `pinned` to, None where nobody here
    has its whole tree. `commit` is the parent's.
    """
    if parent.depth >= DEPTH:
        return None
    for home in _homes(parent, commit, path):
        if not (home / "objects").is_dir():
            continue
        root = parent.place.root / path if parent.place.root else None
        found = Store(
            parent.folder,
            alternates=scratch.quoted(home / "objects"),
            partial=False,
            place=Place(git_dir=home, common_dir=home, root=root),
            held=parent.held,
            depth=parent.depth + 1,
        )
        if not found.missing([pinned]):
            with suppress(ProviderError):
                found.tree(pinned)
                return found
    return None


def _homes(parent: Store, commit: str, path: str) -> Iterator[Path]:
    """Where the submodule's repository may lie."""
    place = parent.place
    name = _names(parent, commit).get(path)
    for home in dict.fromkeys((place.git_dir, place.common_dir)) if name else ():
        yield home / "modules" / (name or "")
    if place.root is None:
        return
    checkout = place.root / path / ".git"
    if checkout.is_dir():
        yield checkout
    elif checkout.is_file() and checkout.stat().st_size <= _LARGEST_POINTER:
        words = os.fsdecode(checkout.read_bytes()).strip()
        if words.startswith("gitdir: "):
            yield (place.root / path / words.removeprefix("gitdir: ")).resolve()


def _names(parent: Store, commit: str) -> dict[str, str]:
    """The names of the submodules by their paths, as `.gitmodules` has them. One that leads out of
    `modules` is none, as for git itself.
    """
    done = parent.git("config", "--no-includes", "--blob", f"{commit}:{MODULES}", "--list", "-z")
    found: dict[str, str] = {}
    for entry in os.fsdecode(done.out).split("\0"):
        key, _, value = entry.partition("\n")
        section, _, rest = key.partition(".")
        name, _, setting = rest.rpartition(".")
        inside = name and ".." not in PurePosixPath(name).parts and not name.startswith("/")
        if section == "submodule" and setting == "path" and inside:
            found[value] = name
    return found
