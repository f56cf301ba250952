"""The files of a zip archive, as an upload may be one. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from landed.content.blob import blob_id
from landed.content.image.image import MAX_FILE
from landed.content.image.inflate import MAX_RATIO, REFUSED, SMALL
from landed.core.errors import DataError
from landed.core.probe import SYMLINK, File

MAX_MEMBERS = 200_000
_PIECE = 1 << 20
_HINT = "is it whole? upload it again"


class Zipped:
    """A zip archive as Content, of a file or of its bytes. Raises DataError where it is damaged, or
    hostile.
    """

    def __init__(self, place: Path | bytes, object_format: str) -> None:
        self._place = place
        self._size = len(place) if isinstance(place, bytes) else place.stat().st_size
        files: dict[str, File] = {}
        with self._opened() as archive:
            for name, member in _members(archive, self._size):
                data = self._bytes(archive, member)
                size = member.file_size
                files[name] = File(mode=_mode(member), blob=blob_id(data, size, object_format))
        self.files: Mapping[str, File] = files

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files; None for one that is absent or too large to read."""
        found: dict[str, bytes | None] = dict.fromkeys(paths)
        with self._opened() as archive:
            for name, member in _members(archive, self._size):
                if name in found and member.file_size <= MAX_FILE:
                    found[name] = b"".join(self._bytes(archive, member))
        return found

    def _opened(self) -> zipfile.ZipFile:
        try:
            place = self._place
            return zipfile.ZipFile(io.BytesIO(place) if isinstance(place, bytes) else place)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise self._damaged(error) from error

    def _bytes(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """A member's bytes, never more than it announces: its sum is checked at the end."""
        try:
            with archive.open(member) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as bad:
            raise self._damaged(bad) from bad

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"the zip archive cannot be read: {error}", _HINT)


def _members(archive: zipfile.ZipFile, size: int) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Files and links with their paths; refused is what leaves the archive, and what swells."""
    listed = archive.infolist()
    swollen = sum(member.file_size for member in listed)
    if len(listed) > MAX_MEMBERS or swollen > SMALL + MAX_RATIO * size:
        raise DataError("the zip archive unpacks to more than a real one would", REFUSED)
    for member in listed:
        parts = [part for part in member.filename.split("/") if part not in {"", "."}]
        if ".." in parts or "\\" in member.filename:
            raise DataError(f"the zip archive has a member `{member.filename[:100]}`", REFUSED)
        if parts and not member.is_dir():
            yield "/".join(parts), member


def _mode(member: zipfile.ZipInfo) -> str:
    """Git's mode; an archive from a system without modes has none."""
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode):
        return SYMLINK
    if not mode:
        return ""
    return "100755" if mode & 0o111 else "100644"
