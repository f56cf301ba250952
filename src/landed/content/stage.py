"""What one layer does to the files of the layers below it."""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
from collections.abc import Iterable, Iterator

from landed.content.layer import AGAIN, clean_name
from landed.core.errors import DataError
from landed.core.model import Frozen
from landed.core.probe import File

_WHITEOUT, _OPAQUE, _OTHER = ".wh.", ".wh..wh..opq", ".wh..wh."


class ImageFile(Frozen):
    """A final file: by content, with the layer and the member (both from 0) that hold its bytes."""

    file: File
    size: int
    layer: int
    member: int
    owner: tuple[int, int] = (0, 0)


class Stage:
    """The files below a layer, and those that the layer adds."""

    def __init__(
        self, below: dict[str, ImageFile], layer: str, number: int, hash_name: str
    ) -> None:
        self._below, self._layer, self._number = below, layer, number
        self._before = dict(below)
        self._folders = {head for path in below for head in heads(path)}
        self._own_folders: set[str] = set()
        self._hash_name = hash_name
        self.added: dict[str, ImageFile] = {}

    def take(self, tar: tarfile.TarFile, member: tarfile.TarInfo, position: int) -> None:
        """One member, in the layer's order."""
        path = clean_name(member.name)
        if not path:
            return
        above = list(heads(path))
        blocked = next((head for head in above if head in self.added), None)
        if blocked is not None:
            raise DataError(f"layer {self._layer} has {path!r} below a file", AGAIN)
        name = posixpath.basename(path)
        if name.startswith(_WHITEOUT):
            self._white_out(name, posixpath.dirname(path))
            return
        # A folder takes the place of a file, or of a link, of the layers below.
        for folder in [*above, path] if member.isdir() else above:
            self._below.pop(folder, None)
            self._own_folders.add(folder)
        if member.isdir():
            self.added.pop(path, None)
            return
        entry = self._entry(tar, member, position, path)
        self._clear(path)
        self.added[path] = entry

    def _entry(
        self, tar: tarfile.TarFile, member: tarfile.TarInfo, position: int, path: str
    ) -> ImageFile:
        if member.islnk():
            target = clean_name(member.linkname)
            original = self.added.get(target) or self._before.get(target)
            if original is None:
                raise DataError(
                    f"layer {self._layer} links {path!r} to {target!r}, which is not there", AGAIN
                )
            return original
        if not (member.issym() or member.isreg()) or member.sparse is not None:
            raise DataError(
                f"layer {self._layer} holds {path!r}, which is no file, folder or link",
                "make the image without devices, pipes and sparse files",
            )
        return _file(tar, member, self._number, position, self._hash_name)

    def _white_out(self, name: str, folder: str) -> None:
        """Whiteouts count for the layers below only."""
        if name == _OPAQUE:
            _drop_below(self._below, folder)
        elif not name.startswith(_OTHER):
            gone = posixpath.join(folder, name.removeprefix(_WHITEOUT))
            self._below.pop(gone, None)
            if gone in self._folders:
                _drop_below(self._below, gone)

    def _clear(self, path: str) -> None:
        """A file takes the place of a folder."""
        if path in self._folders:
            _drop_below(self._below, path)
        if path in self._own_folders:
            _drop_below(self.added, path)


def _drop_below(files: dict[str, ImageFile], folder: str) -> None:
    prefix = f"{folder}/" if folder else ""
    for path in [path for path in files if path.startswith(prefix)]:
        del files[path]


def heads(path: str) -> Iterator[str]:
    """The folders above a path, nearest first."""
    while path := posixpath.dirname(path):
        yield path


def _file(
    tar: tarfile.TarFile, member: tarfile.TarInfo, layer: int, position: int, hash_name: str
) -> ImageFile:
    if member.issym():
        target = member.linkname.encode("utf-8", "surrogateescape")
        return ImageFile(
            file=File(mode="120000", blob=blob_id([target], len(target), hash_name)),
            size=len(target),
            layer=layer,
            member=position,
        )
    source = tar.extractfile(member)
    chunks = iter(lambda: source.read(1 << 18), b"") if source else iter(())
    return ImageFile(
        file=File(
            mode="100755" if member.mode & 0o111 else "100644",
            blob=blob_id(chunks, member.size, hash_name),
        ),
        size=member.size,
        layer=layer,
        member=position,
        owner=(member.uid, member.gid),
    )


def blob_id(chunks: Iterable[bytes], size: int, hash_name: str) -> str:
    """Git's id of a blob."""
    digest = hashlib.new(hash_name, b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
