"""The files of a folder on disk, by git blob id, as git itself would take them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from io import BufferedReader, FileIO
from itertools import chain
from pathlib import Path

from landed.content.blob import blob_id
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.probe import File

LARGEST_READ = 64 << 20
_CHUNK = 1 << 20
_BATCH = 128


class Folder(Frozen, dict=True):
    """A folder as Content. Repositories' own `.git` is left out, what is no file or link, and what
    lies on another file system: below `/` that is the system's own, such as `/proc`.
    """

    root: Path
    object_format: str = "sha1"

    @cached_property
    def files(self) -> dict[str, File]:
        """Every file by its path. Raises UsageError where the folder cannot be read."""
        try:
            paths = sorted(_walk(self.root))
        except OSError as error:
            raise UsageError(
                f"{error.filename} cannot be read: {error.strerror}", "check its permissions"
            ) from error
        # By the batch: handing over one small file costs more than reading it.
        batches = [paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH)]
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            found = chain.from_iterable(threads.map(self._files, batches))
            return {path: file for path, file in zip(paths, found, strict=True) if file}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files; None for one that is absent or larger than LARGEST_READ."""
        return {path: self._bytes(self.root / path) for path in paths}

    def left_out(self) -> list[str]:
        """What is there and is not among the files; the folder's own `.git` as well."""
        return sorted(_walk(self.root, left_out=True))

    def _bytes(self, path: Path) -> bytes | None:
        try:
            if path.is_symlink():
                return os.fsencode(path.readlink())
            with BufferedReader(_opened(path)) as file:
                data = file.read(LARGEST_READ + 1)
        except OSError:
            return None
        return data if len(data) <= LARGEST_READ else None

    def _files(self, names: list[str]) -> list[File | None]:
        return [self._file(name) for name in names]

    def _file(self, name: str) -> File | None:
        path = self.root / name
        try:
            about = path.lstat()
            if stat.S_ISLNK(about.st_mode):
                target = os.fsencode(path.readlink())
                return File(mode="120000", blob=blob_id([target], len(target), self.object_format))
            with _opened(path) as file:
                size = os.fstat(file.fileno()).st_size
                chunks = iter(lambda: file.read(_CHUNK), b"")
                blob = blob_id(chunks, size, self.object_format)
        except FileNotFoundError:  # it went while we looked
            return None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", "check it") from error
        return File(mode="100755" if about.st_mode & 0o111 else "100644", blob=blob)


def _opened(path: Path) -> FileIO:
    """A plain file, open. Raises OSError for all else: a pipe would keep us waiting for ever."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    # Without a buffer: a file is read in large pieces, and most are small.
    file = FileIO(number)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "no plain file", str(path))
    return file


def _walk(root: Path, *, left_out: bool = False) -> Iterator[str]:
    """The files and links below a folder, or all else that is there but folders. Folders are not
    followed through links.
    """
    device = root.stat().st_dev
    open_ = [""]
    while open_:
        inner = open_.pop()
        try:
            listed = os.scandir(root / inner)
        except FileNotFoundError:  # it went while we looked
            continue
        with listed as entries:
            for entry in entries:
                path = f"{inner}/{entry.name}" if inner else entry.name
                if _is_folder(entry, device):
                    open_.append(path)
                elif _is_file(entry) is not left_out:
                    yield path


def _is_folder(entry: os.DirEntry[str], device: int) -> bool:
    if entry.name == ".git" or not entry.is_dir(follow_symlinks=False):
        return False
    return entry.stat(follow_symlinks=False).st_dev == device


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.name != ".git" and (entry.is_symlink() or entry.is_file(follow_symlinks=False))
