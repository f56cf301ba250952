"""Files of the work tree, compared by content where git was told not to look."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from landed.content.git.process import need
from landed.content.repo import File, Repository

_POINTER = b"version https://git-lfs.github.com/spec/"
_LARGEST_POINTER = 1024


def is_residue(path: str) -> bool:
    """Whether a path is only what Python leaves behind when it runs."""
    return path.endswith((".pyc", ".pyo")) or "__pycache__" in path.split("/")


def walk(root: Path, folder: str) -> Iterator[str]:
    """All files below a folder of the work tree, by their path from its root.

    Git's own folders, those of nested repositories, are left out.
    """
    for place, folders, names in os.walk(root / folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if name != ".git"]
        yield from (
            str(Path(place, name).relative_to(root)) for name in (*names, *links) if name != ".git"
        )


def equals(repo: Repository, path: str, file: File) -> bool | None:
    """Whether a file on disk is that of the index, line ends aside; None where it is not there."""
    place = _place(repo, path)
    try:
        if place.is_symlink():
            content, executable = os.fsencode(place.readlink()), False
        else:
            content, executable = place.read_bytes(), bool(place.stat().st_mode & 0o100)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    counts = repo.settings.last("core.filemode") != "false" and file.mode.startswith("100")
    if counts and executable is not (file.mode == "100755"):
        return False
    texts = (content, content.replace(b"\r\n", b"\n"))
    return any(_blob(repo, text) == file.blob for text in texts)


def _blob(repo: Repository, content: bytes) -> str:
    digest = hashlib.new(repo.object_format, b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def with_lfs(repo: Repository, tracked: Iterable[str]) -> set[str]:
    """Those of the tracked files that git-lfs keeps, as the attributes say."""
    tracked = list(tracked)
    files = [_place(repo, path) for path in tracked if path.endswith(".gitattributes")]
    files.append(repo.folder / "info/attributes")
    if not any(b"lfs" in f.read_bytes() for f in files if f.is_file()):
        return set()
    done = repo.git_in_work_tree(
        "check-attr", "-z", "--stdin", "filter", given=b"\0".join(map(os.fsencode, tracked))
    )
    fields = os.fsdecode(need(done, "the attributes cannot be read")).split("\0")
    return {path for path, value in zip(fields[::3], fields[2::3], strict=False) if value == "lfs"}


def is_pointer(repo: Repository, path: str) -> bool:
    """Whether a file on disk is an LFS pointer instead of what it points to."""
    place = _place(repo, path)
    try:
        if place.is_symlink() or not 0 < place.stat().st_size <= _LARGEST_POINTER:
            return False
        return place.read_bytes().startswith(_POINTER)
    except OSError:
        return False


def fulfils(repo: Repository, path: str, pointer: bytes) -> bool:
    """Whether a file on disk is what an LFS pointer points to."""
    wanted = re.search(rb"(?m)^oid sha256:([0-9a-f]{64})$", pointer)
    try:
        with _place(repo, path).open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return False
    return wanted is not None and wanted[1].decode() == found


def _place(repo: Repository, path: str) -> Path:
    return (repo.root or repo.folder) / path
