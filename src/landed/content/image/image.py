"""An image: its configuration, its final files by content, and their bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from landed.content.image import cache as layer_cache
from landed.content.image import layer as layers
from landed.content.image import manifest as manifests
from landed.content.image.blobs import Blobs
from landed.content.image.history import Recorded, history
from landed.content.image.inflate import AGAIN, REFUSED
from landed.content.image.layer import Entry, expanded
from landed.content.image.manifest import Descriptor, Manifest, Settings
from landed.content.image.pieces import Pieces
from landed.content.image.reading import side_by_side
from landed.content.image.stack import ImageFile, heads, stacked
from landed.content.image.tar import Kind, Member, Reader
from landed.core.errors import DataError
from landed.core.probe import File, Layer, Start

MAX_FILE = 64 << 20
MAX_MEMBERS = 2_000_000
_READING: dict[str, Lock] = {}
"""Images that are read side by side have layers in common: one reads, the others find it kept."""
Found = tuple[list[str], Pieces, Member]
"""The names of a member in an image, and where its content is taken from."""


class Image:
    """One image of some blobs, by its manifest's digest. Everything that is read is verified."""

    def __init__(self, blobs: Blobs, digest: str) -> None:
        self.blobs, self.digest = blobs, digest

    @cached_property
    def manifest(self) -> Manifest:
        """Its configuration's digest, and those of its layers."""
        return manifests.manifest(self.blobs, self.digest)

    @cached_property
    def config(self) -> dict[str, Any]:
        """The whole configuration."""
        return manifests.config(self.blobs, self.manifest.config)

    @cached_property
    def settings(self) -> Settings:
        """What the configuration says about running it."""
        try:
            return msgspec.convert(self.config.get("config") or {}, Settings)
        except msgspec.ValidationError as error:
            raise DataError(
                f"the configuration of {self.digest} is wrong: {error}", AGAIN
            ) from error

    @property
    def diffs(self) -> list[str]:
        """The digests of the layers' plain bytes, as the configuration has them."""
        rootfs = self.config.get("rootfs")
        found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        if not isinstance(found, list) or len(found) != len(self.manifest.layers):
            raise DataError(f"{self.digest} lists other layers than its configuration", AGAIN)
        return [str(diff) for diff in found]

    def files(
        self, object_format: str, cache: Path | None = None, at_once: int = 1
    ) -> dict[str, ImageFile]:
        """The final files over all layers. `object_format` is git's: `sha1` or `sha256`. What the
        `cache` folder knows of a layer is not read again. Up to `at_once` layers are read side by
        side: worth it where each has to be asked for.
        """

        def read(layer: Descriptor, stopped: Callable[[], bool]) -> list[Entry]:
            with _READING.setdefault(layer.digest, Lock()):
                found = layer_cache.load(cache, layer.digest, object_format)
                if found is None:
                    found = layers.entries(self.blobs, layer, object_format, stopped)
                    layer_cache.save(cache, layer.digest, object_format, found)
            return found

        with closing(side_by_side(read, self.manifest.layers, at_once)) as found:
            return stacked(self._counted(found))

    def _counted(self, found: Iterable[list[Entry]]) -> Iterator[tuple[str, list[Entry]]]:
        count = 0
        for layer, entries in zip(self.manifest.layers, found, strict=True):
            count += len(entries)
            if count > MAX_MEMBERS:
                raise DataError(f"{self.digest} has too many members", REFUSED)
            yield layer.digest, entries
        # Last, because a configuration may come from afar, and no layer needs it.
        _ = self.diffs

    def read(self, files: Mapping[str, ImageFile], paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of some files; None for what is absent or larger than MAX_FILE."""
        return bytes_of(self._found, files, paths)

    def lay_out(self, files: Mapping[str, ImageFile], folder: Path) -> None:
        """Writes the final files into a new folder. Links come last, and nothing is written
        through one. As container engines do, it holds the plain bytes against the configuration's
        digests as well.
        """
        if any(head in files for path in files for head in heads(path)):
            raise DataError(f"{self.digest} has a file below a file", AGAIN)
        folder.mkdir(parents=True)
        links: list[tuple[Path, bytes]] = []
        for names, pieces, member in self._found(files, self.diffs):
            first, *others = (folder / name for name in names)
            for place in (first, *others):
                place.parent.mkdir(parents=True, exist_ok=True)
            if member.kind is Kind.LINK:
                links += [(place, member.target) for place in (first, *others)]
                continue
            with first.open("xb") as target:
                target.writelines(content(pieces, member))
            first.chmod(0o755 if member.mode & 0o111 else 0o644)
            for place in others:
                shutil.copy(first, place)
        for place, link in links:
            place.symlink_to(os.fsdecode(link))

    def _found(self, files: Mapping[str, ImageFile], diffs: Sequence[str] = ()) -> Iterator[Found]:
        """The members that hold these files, each layer gone through once."""
        by_layer: dict[int, dict[str, ImageFile]] = {}
        for path, entry in files.items():
            by_layer.setdefault(entry.layer, {})[path] = entry
        for number, wanted in sorted(by_layer.items()):
            layer, diff = self.manifest.layers[number], diffs[number] if diffs else None
            with layers.opened(self.blobs, layer, diff) as (reader, pieces):
                yield from found(reader, pieces, wanted)


def found(reader: Reader, pieces: Pieces, files: Mapping[str, ImageFile]) -> Iterator[Found]:
    """The members of one layer or archive that hold these files, with the files' names. Each
    member's content has to be taken before the next.
    """
    wanted: dict[int, list[str]] = {}
    for path, entry in files.items():
        wanted.setdefault(entry.member, []).append(path)
    for position, member in enumerate(reader):
        if position in wanted:
            yield wanted[position], pieces, member
        else:
            pieces.skip(member.size)


def bytes_of(
    read: Callable[[Mapping[str, ImageFile]], Iterable[Found]],
    files: Mapping[str, ImageFile],
    paths: Iterable[str],
) -> dict[str, bytes | None]:
    """The bytes of some files; None for what is absent or larger than MAX_FILE."""
    answers: dict[str, bytes | None] = dict.fromkeys(paths)
    wanted = {path: files[path] for path in answers if path in files}
    small = {path: entry for path, entry in wanted.items() if entry.size <= MAX_FILE}
    for names, pieces, member in read(small) if small else ():
        answers |= dict.fromkeys(names, b"".join(content(pieces, member)))
    return answers


def content(pieces: Pieces, member: Member) -> Iterator[memoryview | bytes]:
    """What git would hash of a member: a file's bytes, or where a link leads."""
    if member.kind is Kind.LINK:
        yield member.target
    else:
        yield from expanded(pieces, member)


class Contents:
    """An image's final files as Content, and what its configuration says."""

    def __init__(self, image: Image, files: Mapping[str, ImageFile]) -> None:
        self._image, self._files = image, files
        self.files: Mapping[str, File] = {path: one.file for path, one in files.items()}
        said = image.settings
        self.labels: Mapping[str, str] = said.labels or {}
        self.start = Start(
            entrypoint=said.entrypoint or (),
            cmd=said.cmd or (),
            env=said.env or (),
            working_dir=said.working_dir or "",
            user=said.user or "",
        )

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of some files."""
        return self._image.read(self._files, paths)

    @cached_property
    def _recorded(self) -> tuple[Recorded, ...]:
        return history(self._image.config, len(self._image.manifest.layers))

    def layer(self, path: str) -> Layer | None:
        """The layer that a file lies in."""
        if path not in self._files:
            return None
        number = self._files[path].layer
        recorded = self._recorded[number]
        return Layer(number=number, made_by=recorded.by, by_run=recorded.run, made_at=recorded.at)
