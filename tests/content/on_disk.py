"""A folder as an image would have it, held against a commit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from git_world import Repo
from landed.content.blob import blob_id
from landed.content.commit import CommitFiles
from landed.content.compare import Compared, compare
from landed.content.repo import Repository
from landed.core.probe import File


class OnDisk:
    """The files of a folder, as an image would have them."""

    def __init__(self, root: Path, hash_name: str = "sha1") -> None:
        self.root = root
        self.files = {
            path.relative_to(root).as_posix(): self._file(path, hash_name)
            for path in root.rglob("*")
            if (path.is_symlink() or path.is_file()) and ".git" not in path.relative_to(root).parts
        }

    def _file(self, path: Path, hash_name: str) -> File:
        data = self._data(path)
        mode = "100755" if path.lstat().st_mode & 0o100 else "100644"
        mode = "120000" if path.is_symlink() else mode
        return File(mode=mode, blob=blob_id([data], len(data), hash_name))

    def _data(self, path: Path) -> bytes:
        return str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        return {path: self._data(self.root / path) for path in paths if path in self.files}


def against(repo: Repo, there: Path, commit: str = "HEAD") -> Compared:
    with Repository.open(repo.root) as opened:
        files = CommitFiles(opened, opened.resolve(commit))
        hash_name = opened.object_format
        return compare(files, OnDisk(there, hash_name), files.rules, files.roots)


def kinds(compared: Compared) -> dict[str, str]:
    return {d.path: d.kind.value for d in compared.differences}
