"""Layers one upon the other: the final files of an image."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from landed.content.image.inflate import AGAIN
from landed.content.image.layer import Entry
from landed.content.image.tar import Kind
from landed.content.names import prefix_of
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


def stacked(layers: Iterable[tuple[str, Iterable[Entry]]]) -> dict[str, ImageFile]:
    """The final files of layers, lowest first, each with its name for messages: whiteouts,
    overwritten files and hard links resolved. Devices and pipes are no files.
    """
    found: dict[str, ImageFile] = {}
    for number, (name, entries) in enumerate(layers):
        stage = _Stage(found, name, number)
        for entry in entries:
            stage.take(entry)
        found |= stage.added
    return found


def plain(entries: Iterable[Entry], name: str) -> dict[str, ImageFile]:
    """The files of an archive that is no layer: `.wh.` is a name like others there."""
    stage = _Stage({}, name, 0, whiteouts=False)
    for entry in entries:
        stage.take(entry)
    return stage.added


class _Stage:
    """The files below a layer, and those that the layer adds."""

    def __init__(
        self, below: dict[str, ImageFile], layer: str, number: int, *, whiteouts: bool = True
    ) -> None:
        self._below, self._layer, self._number = below, layer, number
        self._before = dict(below)
        self._folders = {head for path in below for head in heads(path)} if below else set()
        self._own_folders: set[str] = set()
        self._whiteouts = whiteouts
        self.added: dict[str, ImageFile] = {}

    def take(self, entry: Entry) -> None:
        """One entry, in the layer's order."""
        path = os.fsdecode(entry.path)
        if not path:
            return
        folder, _, name = path.rpartition("/")
        if folder and folder not in self._own_folders:
            self._enter(folder, path)
        if self._whiteouts and name.startswith(_WHITEOUT):
            self._white_out(name, folder)
            return
        if entry.kind == Kind.FOLDER:
            # A folder takes the place of a file, or of a link, of the layers below.
            self._below.pop(path, None)
            self._own_folders.add(path)
            self.added.pop(path, None)
            return
        found = self._file(entry, path)
        self._clear(path)
        if found is not None:
            self.added[path] = found

    def _enter(self, folder: str, path: str) -> None:
        """The folders above a path are folders now."""
        above = [folder, *heads(folder)]
        if any(head in self.added for head in above):
            raise DataError(f"layer {self._layer} has {path!r} below a file", AGAIN)
        for head in above:
            self._below.pop(head, None)
        self._own_folders.update(above)

    def _file(self, entry: Entry, path: str) -> ImageFile | None:
        if entry.kind == Kind.HARD_LINK:
            target = os.fsdecode(entry.content)
            original = self.added.get(target) or self._before.get(target)
            if original is None:
                raise DataError(
                    f"layer {self._layer} links {path!r} to {target!r}, which is not there", AGAIN
                )
            return original
        if entry.kind == Kind.OTHER:
            return None
        mode = "100755" if entry.runs else "100644"
        return ImageFile(
            file=File(mode="120000" if entry.kind == Kind.LINK else mode, blob=entry.content.hex()),
            size=entry.size,
            layer=self._number,
            member=entry.member,
            owner=(0, 0) if entry.kind == Kind.LINK else (entry.owner, entry.group),
        )

    def _white_out(self, name: str, folder: str) -> None:
        """Whiteouts count for the layers below only."""
        if name == _OPAQUE:
            _drop_below(self._below, folder)
        elif not name.startswith(_OTHER):
            gone = f"{folder}/{name.removeprefix(_WHITEOUT)}".removeprefix("/")
            self._below.pop(gone, None)
            if gone in self._folders:
                _drop_below(self._below, gone)

    def _clear(self, path: str) -> None:
        """What is no folder takes the place of one, and of what had its name before."""
        self._below.pop(path, None)
        self.added.pop(path, None)
        if path in self._folders:
            _drop_below(self._below, path)
        if path in self._own_folders:
            _drop_below(self.added, path)
            self._own_folders = {
                own for own in self._own_folders if own != path and not own.startswith(f"{path}/")
            }


def _drop_below(files: dict[str, ImageFile], folder: str) -> None:
    prefix = prefix_of(folder)
    for path in [path for path in files if path.startswith(prefix)]:
        del files[path]


def heads(path: str) -> Iterator[str]:
    """The folders above a path, nearest first."""
    while path := path.rpartition("/")[0]:
        yield path
