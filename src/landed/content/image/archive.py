"""Tar archives on disk: what `docker save` wrote, an OCI layout in a tar, or plain files.

Nothing is unpacked: the archive's own members are listed once, and read where they lie. A
compressed archive is made plain in a temporary file first, because nothing can be found in it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from landed.content.image.image import Found, bytes_of, found
from landed.content.image.inflate import PIECE, REFUSED, Verified, unpacked
from landed.content.image.layer import ahead, clean, listed
from landed.content.image.layout import INDEX, read_manifest
from landed.content.image.layout import listed as named
from landed.content.image.manifest import MAX_JSON, checked_digest, document
from landed.content.image.pieces import Pieces
from landed.content.image.stack import ImageFile, plain
from landed.content.image.tar import BLOCK, Kind, Member, Reader, begins
from landed.core.errors import DataError, UsageError
from landed.core.probe import File

SAVED = "manifest.json"
_MAX_MEMBERS = 200_000
_HINT = "is it whole? make it again"
Span = tuple[int, int]
"""Where a member's bytes begin, and how many there are."""


class Archive:
    """A plain tar file, and where its members lie."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.spans = self._spans()

    def _spans(self) -> dict[str, Span]:
        pieces = Pieces(_pieces(self._file), self._name, _HINT)
        found: dict[str, Span] = {}
        links: dict[str, str] = {}
        for number, member in enumerate(Reader(pieces, self._name, _HINT)):
            if number > _MAX_MEMBERS:
                raise DataError(f"{self._name} has too many members to be an image", REFUSED)
            path = clean(member.name.removeprefix(b"/")).decode("utf-8", "surrogateescape")
            if member.kind is Kind.FILE and member.runs is None:
                found[path] = (pieces.at, member.size)
            elif member.kind in (Kind.LINK, Kind.HARD_LINK):
                links[path] = _target(path, member.kind, member.target)
            pieces.skip(member.size)
        # docker save once linked equal layers to each other.
        return found | {path: found[to] for path, to in links.items() if to in found}

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A member's bytes."""
        if path not in self.spans:
            raise DataError(f"{self._name} has no {path[:100]}", _HINT)
        begin, size = self.spans[path]
        self._file.seek(begin)
        yield _Part(self._file, size)  # type: ignore[misc]

    def read(self, path: str) -> bytes:
        """A small member's bytes. Raises DataError for one that is larger than MAX_JSON."""
        with self.open(path) as file:
            if self.spans[path][1] > MAX_JSON:
                raise DataError(f"{path} of {self._name} is larger than it may be", REFUSED)
            return file.read()


class _Part:
    """Some bytes of a file, from where it stands."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


class SavedLayout:
    """An OCI layout inside an archive, as Blobs."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.images = named(document(archive.read(INDEX), INDEX))

    def blob(self, digest: str) -> Any:
        """A blob's bytes, not verified."""
        return self._archive.open("blobs/sha256/" + checked_digest(digest).removeprefix("sha256:"))

    def manifest(self, digest: str) -> bytes:
        """A manifest or an index, verified."""
        with self.blob(digest) as raw:
            return read_manifest(raw, digest)


class SavedImages:
    """What older dockers save: layers by path and without digests, proved by the configuration's
    `diff_ids`. Manifests are made here, so that it reads as any other image.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._paths: dict[str, str] = {}
        self._manifests: dict[str, bytes] = {}
        self.images: dict[str, str] = {}
        try:
            entries = json.loads(archive.read(SAVED))
            for entry in entries:
                self._add(entry)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(f"its {SAVED} is not what docker writes", _HINT) from error

    def _add(self, entry: dict[str, Any]) -> None:
        config = self._archive.read(entry["Config"])
        diffs = document(config, entry["Config"])["rootfs"]["diff_ids"]
        layers = []
        for diff, path in zip(diffs, entry["Layers"], strict=True):
            self._paths[checked_digest(diff)] = path
            layers.append({"digest": diff, "size": self._archive.spans[path][1]})
        digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
        self._paths[digest] = entry["Config"]
        described = {"config": {"digest": digest, "size": len(config)}, "layers": layers}
        data = json.dumps({"schemaVersion": 2, **described}).encode()
        own = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._manifests[own] = data
        for name in entry.get("RepoTags") or [own]:
            self.images[str(name)] = own

    def blob(self, digest: str) -> Any:
        """A blob's bytes, not verified."""
        return self._archive.open(self._paths.get(digest, digest))

    def manifest(self, digest: str) -> bytes:
        """A manifest that was made here."""
        if digest not in self._manifests:
            raise DataError(f"there is no image {digest}", _HINT)
        return self._manifests[digest]


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A tar archive, plain or compressed. Raises UsageError where it cannot be read, DataError
    where it is damaged.
    """
    try:
        # A pipe or a device might never end.
        if not path.is_file():
            raise UsageError(
                f"{path} is neither a file nor a folder", "name an archive or a folder"
            )
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path") from error
    with file, tempfile.TemporaryFile() as made:
        head = file.read(BLOCK)
        file.seek(0)
        if head[:2] != b"\x1f\x8b" and head[:4] != b"\x28\xb5\x2f\xfd":
            if head and not begins(head):
                raise UsageError(
                    f"{path} is no archive of files",
                    "name a folder, a tar archive, an OCI layout, or an image in a registry",
                )
            yield Archive(file, str(path))
            return
        made.writelines(unpacked(Verified(file, ""), str(path)))
        made.seek(0)
        yield Archive(made, str(path))


def images(archive: Archive) -> SavedLayout | SavedImages | None:
    """The archive's images as Blobs, with their digests by name; None where it holds just files."""
    if INDEX in archive.spans and any(path.startswith("blobs/") for path in archive.spans):
        return SavedLayout(archive)
    if SAVED in archive.spans and any(path.endswith("/layer.tar") for path in archive.spans):
        return SavedImages(archive)
    return None


class Files:
    """The files of a plain archive as Content."""

    def __init__(self, path: Path, object_format: str) -> None:
        self._path = path
        with self._opened() as (reader, pieces):
            members = (_rooted(member) for member in reader)
            self._files = plain(listed(members, pieces, str(path), object_format), str(path))
        self.files: Mapping[str, File] = {path: one.file for path, one in self._files.items()}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of some files."""
        return bytes_of(self._found, self._files, paths)

    def _found(self, wanted: Mapping[str, ImageFile]) -> Iterator[Found]:
        with self._opened() as (reader, pieces):
            yield from found(reader, pieces, wanted)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Reader, Pieces]]:
        name = str(self._path)
        with (
            self._path.open("rb") as raw,
            closing(ahead(unpacked(Verified(raw, ""), name))) as made,
        ):
            pieces = Pieces(made, name, _HINT)
            yield Reader(pieces, name, _HINT), pieces


def _rooted(member: Member) -> Member:
    """`tar -P` writes absolute names, which every tar reads as if they were none."""
    return member._replace(name=member.name.lstrip(b"/"))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _target(path: str, kind: Kind, target: bytes) -> str:
    """Where a link inside the archive leads, as a path in it."""
    to = target.decode("utf-8", "surrogateescape")
    if kind is Kind.HARD_LINK:
        return to
    parts: list[str] = path.split("/")[:-1]
    for part in to.split("/"):
        parts = parts[:-1] if part == ".." else parts if part in ("", ".") else [*parts, part]
    return "/".join(parts)
