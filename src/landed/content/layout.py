"""An OCI image layout on disk: blobs by digest, and the final files of an image.

Nothing is trusted: every blob is verified against its digest while it is read, names that leave
the image are refused, and sizes are bounded.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from landed.core.errors import DataError
from landed.core.model import Frozen
from landed.core.probe import File

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MAX_JSON = 16 << 20
MAX_FILE = 64 << 20
MAX_MEMBERS = 2_000_000
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


class ImageFile(Frozen):
    """A final file: by content, with the layer (from 0) and the member that hold its bytes."""

    file: File
    size: int
    layer: int
    member: str
    owner: tuple[int, int] = (0, 0)


class Layout:
    """A layout's blobs, read with verification."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def blob_path(self, digest: str) -> Path:
        """Where a blob lies. Raises DataError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise DataError(f"`{digest[:80]}` is no digest", "digests read sha256:<64 hex>")
        return self.root / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def read_json(self, digest: str) -> dict[str, Any]:
        """A manifest or config. Raises DataError where it is missing, altered or no JSON object."""
        with self._verified(digest) as stream:
            data = stream.read(MAX_JSON + 1)
        if len(data) > MAX_JSON:
            raise DataError(f"{digest} is larger than a manifest may be", "the image is damaged")
        try:
            document = json.loads(data)
        except ValueError as error:
            raise DataError(
                f"{digest} is no JSON", "the image is damaged; build it again"
            ) from error
        if not isinstance(document, dict):
            raise DataError(f"{digest} is no JSON object", "the image is damaged; build it again")
        return document

    def config(self, digest: str) -> dict[str, Any]:
        """The configuration of an image, by its manifest's digest."""
        return self.read_json(_descriptor(self.read_json(digest).get("config"), digest))

    def layers(self, digest: str) -> list[str]:
        """The digests of an image's layers, lowest first."""
        layers = self.read_json(digest).get("layers")
        if not isinstance(layers, list):
            raise DataError(f"{digest} lists no layers", "the image is damaged; build it again")
        return [_descriptor(layer, digest) for layer in layers]

    def files(self, digest: str, hash_name: str) -> dict[str, ImageFile]:
        """The final files of an image over all its layers: whiteouts, overwritten files and links
        resolved. `hash_name` is git's object format, `sha1` or `sha256`.
        """
        found: dict[str, ImageFile] = {}
        for number, layer in enumerate(self.layers(digest)):
            added: dict[str, ImageFile] = {}
            folders = {head for path in found for head in _heads(path)}
            for path, entry in self._members(layer, number, hash_name, {**found}, added):
                name = posixpath.basename(path)
                folder = posixpath.dirname(path)
                if name == _OPAQUE:
                    _drop_below(found, folder)
                elif name.startswith(_WHITEOUT):
                    gone = posixpath.join(folder, name.removeprefix(_WHITEOUT))
                    found.pop(gone, None)
                    _drop_below(found, gone)
                elif entry is None:
                    # A folder takes the place of a file, or of a link, of the layers below.
                    found.pop(path, None)
                    added.pop(path, None)
                else:
                    if path in folders:
                        _drop_below(found, path)
                    added[path] = entry
            found |= added
        return found

    def read(
        self, digest: str, files: Mapping[str, ImageFile], paths: Iterable[str]
    ) -> dict[str, bytes | None]:
        """The bytes of some files; None for what is absent or larger than MAX_FILE."""
        answers: dict[str, bytes | None] = {}
        wanted: dict[int, dict[str, list[str]]] = {}
        for path in paths:
            entry = files.get(path)
            answers[path] = None
            if entry is not None and entry.size <= MAX_FILE:
                wanted.setdefault(entry.layer, {}).setdefault(entry.member, []).append(path)
        layers = self.layers(digest) if wanted else []
        for number, members in wanted.items():
            with self._tar(layers[number]) as tar:
                for member in tar:
                    for path in members.get(_clean(member.name), []):
                        answers[path] = _bytes(tar, member)
        return answers

    def lay_out(self, digest: str, files: Mapping[str, ImageFile], folder: Path) -> None:
        """Writes the final files into an empty folder. Links come last, and nothing is written
        through one.
        """
        folder.mkdir(parents=True)
        wanted: dict[int, dict[str, list[str]]] = {}
        for path, entry in files.items():
            wanted.setdefault(entry.layer, {}).setdefault(entry.member, []).append(path)
        links: list[tuple[Path, str]] = []
        layers = self.layers(digest)
        for number, members in wanted.items():
            with self._tar(layers[number]) as tar:
                for member in tar:
                    for path in members.get(_clean(member.name), []):
                        place = folder / path
                        if member.issym():
                            links.append((place, member.linkname))
                            continue
                        place.parent.mkdir(parents=True, exist_ok=True)
                        source = tar.extractfile(member)
                        if source is not None:
                            with place.open("xb") as target:
                                shutil.copyfileobj(source, target, 1 << 18)
                            place.chmod(0o755 if member.mode & 0o111 else 0o644)
        for place, target_name in links:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists() and not place.is_symlink():
                place.symlink_to(target_name)

    def _members(
        self,
        layer: str,
        number: int,
        hash_name: str,
        below: Mapping[str, ImageFile],
        added: Mapping[str, ImageFile],
    ) -> Iterator[tuple[str, ImageFile | None]]:
        """Each member of a layer with its file; None for a folder."""
        with self._tar(layer) as tar:
            for count, member in enumerate(tar):
                path = _clean(member.name)
                if count >= MAX_MEMBERS:
                    raise DataError(f"layer {layer} has too many members", "refused as hostile")
                if not path or member.isdir():
                    if path:
                        yield path, None
                    continue
                if member.islnk():
                    target = _clean(member.linkname)
                    original = added.get(target) or below.get(target)
                    if original is None:
                        raise DataError(
                            f"layer {layer} links {path} to {target}, which is not there",
                            "the image is damaged; build it again",
                        )
                    yield path, original
                elif member.issym() or member.isreg():
                    yield path, _file(tar, member, number, path, hash_name)
                elif posixpath.basename(path).startswith(_WHITEOUT):
                    yield path, _nothing(number, path)
                # Devices and pipes hold no content that a commit could have.

    @contextmanager
    def _tar(self, layer: str) -> Iterator[tarfile.TarFile]:
        with self._verified(layer) as stream:
            try:
                with _unpacked(stream) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
                    yield tar
                    # To the end, so that the digest covers what follows the last member as well.
                    while plain.read(1 << 20):
                        pass
            except (tarfile.TarError, EOFError, gzip.BadGzipFile, OSError, ValueError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise DataError(
                    f"layer {layer} cannot be read: {error}", "the image is damaged; build it again"
                ) from error

    @contextmanager
    def _verified(self, digest: str) -> Iterator[IO[bytes]]:
        path = self.blob_path(digest)
        try:
            raw = path.open("rb")
        except OSError as error:
            raise DataError(
                f"blob {digest} is not there: {error.strerror}",
                "the image is damaged; build it again",
            ) from error
        with raw:
            stream = _Hashing(raw)
            yield stream  # type: ignore[misc]
            while stream.read(1 << 20):
                pass
            if f"sha256:{stream.hash.hexdigest()}" != digest:
                raise DataError(
                    f"blob {digest} holds other content than its name says",
                    "the image is damaged or was tampered with; build it again",
                )


class _Hashing(io.RawIOBase):
    """A stream that hashes what is read from it."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self.hash.update(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _unpacked(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The tar stream inside, gzip or plain."""
    buffered = io.BufferedReader(stream, 1 << 16)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=buffered) as plain:
            yield plain  # type: ignore[misc]
    else:
        yield buffered


def _clean(name: str) -> str:
    """A member's path in the image. Raises DataError where it would leave it."""
    if "\0" in name or ".." in name.split("/"):
        raise DataError(f"a layer holds the path {name[:80]!r}", "refused as hostile")
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _descriptor(value: Any, digest: str) -> str:
    found = value.get("digest") if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise DataError(f"{digest} is no image manifest", "the image is damaged; build it again")
    return found


def _drop_below(files: dict[str, ImageFile], folder: str) -> None:
    prefix = f"{folder}/" if folder else ""
    for path in [path for path in files if path.startswith(prefix)]:
        del files[path]


def _heads(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _nothing(layer: int, member: str) -> ImageFile:
    return ImageFile(file=File(mode="", blob=""), size=0, layer=layer, member=member)


def _file(
    tar: tarfile.TarFile, member: tarfile.TarInfo, layer: int, path: str, hash_name: str
) -> ImageFile:
    if member.issym():
        target = member.linkname.encode("utf-8", "surrogateescape")
        return ImageFile(
            file=File(mode="120000", blob=blob_id([target], len(target), hash_name)),
            size=len(target),
            layer=layer,
            member=path,
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
        member=path,
        owner=(member.uid, member.gid),
    )


def blob_id(chunks: Iterable[bytes], size: int, hash_name: str) -> str:
    """Git's id of a blob."""
    digest = hashlib.new(hash_name, b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    if member.issym():
        return member.linkname.encode("utf-8", "surrogateescape")
    source = tar.extractfile(member)
    return source.read() if source else None
