"""An upload: a folder packed as `gcloud builds submit` does, and read again from its archive."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from landed.content.blob import blob_id
from landed.content.ignore import UploadRules
from landed.content.image.image import MAX_FILE
from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.probe import File


def pack_folder(folder: Path, never: Path) -> tuple[bytes, int]:
    """The archive of a folder, and the number of files in it.

    The upload's ignore rules apply; git is not asked. Links stay links and are never followed.
    `never` is landed's own folder: it does not upload itself.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "name the folder to upload")
    rules = UploadRules.read(folder)
    if rules.problems:
        raise UsageError(rules.problems[0], "mend the file; gcloud refuses it as well")
    plain = io.BytesIO()
    count = 0
    with tarfile.open(
        fileobj=plain,
        mode="w",
        format=tarfile.PAX_FORMAT,
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        for path in _walk(folder, "", rules, never.resolve()):
            place = folder / path
            entry = tarfile.TarInfo(path)
            with _said(path):
                mode = place.lstat().st_mode
                if stat.S_ISLNK(mode):
                    entry.type, entry.linkname = tarfile.SYMTYPE, str(place.readlink())
                    tar.addfile(entry)
                elif stat.S_ISREG(mode):
                    data = place.read_bytes()
                    entry.mode, entry.size = mode & 0o777, len(data)
                    tar.addfile(entry, io.BytesIO(data))
                else:
                    # A pipe or a socket has no content.
                    continue
            count += 1
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0), count


def _walk(folder: Path, inner: str, rules: UploadRules, never: Path) -> Iterable[str]:
    with _said(inner or str(folder)), os.scandir(folder / inner) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{inner}/{entry.name}" if inner else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and Path(entry.path).resolve() == never:
            continue
        # For the rules, a link to a folder is a folder.
        if rules.rule(f"{path}/" if is_folder or Path(entry.path).is_dir() else path):
            continue
        if is_folder:
            yield from _walk(folder, path, rules, never)
        else:
            yield path


@contextmanager
def _said(path: str) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ProviderError(
            f"{path} vanished while it was uploaded", "build again when the folder is still"
        ) from error
    except PermissionError as error:
        raise ProviderError(
            f"{path} cannot be read: {error.strerror}", "make it readable, or ignore it"
        ) from error


class Archive:
    """The files of an upload, read from its archive and never laid on disk."""

    def __init__(self, path: Path, sha256: str, hash_name: str) -> None:
        self._path = path
        self._sha256 = sha256
        self._hash_name = hash_name

    @cached_property
    def _data(self) -> bytes:
        try:
            data = self._path.read_bytes()
        except OSError as error:
            raise DataError(
                f"the upload {self._path} is gone: {error.strerror}", "build again"
            ) from error
        if hashlib.sha256(data).hexdigest() != self._sha256:
            raise DataError(f"the upload {self._path} was changed after the build", "build again")
        return data

    @cached_property
    def files(self) -> Mapping[str, File]:
        """Every file by its path in the upload."""
        found: dict[str, File] = {}
        for member, data in self._members(None):
            mode = "120000" if member.issym() else "100755" if member.mode & 0o111 else "100644"
            found[member.name] = File(mode=mode, blob=blob_id([data], len(data), self._hash_name))
        return found

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of some files; None for what is absent or too large."""
        wanted = set(paths)
        found = {member.name: data for member, data in self._members(wanted)}
        return {path: found.get(path) for path in wanted}

    def _members(self, wanted: set[str] | None) -> Iterable[tuple[tarfile.TarInfo, bytes]]:
        try:
            with tarfile.open(fileobj=io.BytesIO(self._data), mode="r:gz") as tar:
                for member in tar:
                    if wanted is not None and member.name not in wanted:
                        continue
                    if member.issym():
                        yield member, os.fsencode(member.linkname)
                    elif member.isreg() and (wanted is None or member.size <= MAX_FILE):
                        stream = tar.extractfile(member)
                        yield member, stream.read() if stream else b""
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(
                f"the upload {self._path} cannot be read: {error}", "build again"
            ) from error
