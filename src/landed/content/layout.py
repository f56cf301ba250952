"""An OCI image layout on disk: blobs by digest, and the final files of an image.

Nothing is trusted: every blob is verified against its digest while it is read, names that leave
the image are refused, and sizes are bounded.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from landed.content.layer import AGAIN, opened, verified
from landed.content.stage import ImageFile, Stage, heads
from landed.core.errors import DataError
from landed.core.model import Frozen

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MAX_JSON = 16 << 20
MAX_FILE = 64 << 20
MAX_MEMBERS = 2_000_000
MAX_LAYERS = 512
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Settings(Frozen, rename="pascal"):
    """What an image's configuration says about running it."""

    env: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    labels: dict[str, str] | None = None
    working_dir: str | None = None
    user: str | None = None


class Descriptor(Frozen, rename="camel"):
    """A manifest's word for a blob."""

    digest: str
    size: int
    media_type: str = ""


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
        with verified(self.blob_path(digest), digest) as stream:
            data = stream.read(MAX_JSON + 1)
        if len(data) > MAX_JSON:
            raise DataError(f"{digest} is larger than a manifest may be", AGAIN)
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{digest} is no JSON", AGAIN) from error
        if not isinstance(document, dict):
            raise DataError(f"{digest} is no JSON object", AGAIN)
        return document

    def config(self, digest: str) -> dict[str, Any]:
        """The whole configuration of an image, by its manifest's digest."""
        return self.read_json(self._descriptor(self.read_json(digest).get("config"), digest).digest)

    def settings(self, digest: str) -> Settings:
        """What the configuration says about running it."""
        try:
            return msgspec.convert(self.config(digest).get("config") or {}, Settings)
        except msgspec.ValidationError as error:
            raise DataError(f"the configuration of {digest} is wrong: {error}", AGAIN) from error

    def layers(self, digest: str) -> list[str]:
        """The digests of an image's layers, lowest first."""
        layers = self.read_json(digest).get("layers")
        if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
            raise DataError(f"{digest} lists no layers", AGAIN)
        return [self._descriptor(layer, digest).digest for layer in layers]

    def _descriptor(self, value: Any, digest: str) -> Descriptor:
        try:
            found = msgspec.convert(value, Descriptor)
        except msgspec.ValidationError as error:
            raise DataError(f"{digest} is no image manifest: {error}", AGAIN) from error
        path = self.blob_path(found.digest)
        if path.is_file() and path.stat().st_size != found.size:
            raise DataError(f"{digest} gives {found.digest} a size that it does not have", AGAIN)
        return found

    def diffs(self, digest: str, layers: list[str]) -> list[str]:
        """The digests of the layers' unpacked bytes, as the configuration has them."""
        rootfs = self.config(digest).get("rootfs")
        diffs = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        if not isinstance(diffs, list) or len(diffs) != len(layers):
            raise DataError(f"{digest} lists other layers than its configuration", AGAIN)
        return [str(diff) for diff in diffs]

    def files(self, digest: str, hash_name: str) -> dict[str, ImageFile]:
        """The final files of an image over all its layers: whiteouts, overwritten files and links
        resolved. `hash_name` is git's object format, `sha1` or `sha256`.
        """
        found: dict[str, ImageFile] = {}
        layers = self.layers(digest)
        count = 0
        for number, (layer, diff) in enumerate(
            zip(layers, self.diffs(digest, layers), strict=True)
        ):
            stage = Stage(found, layer, number, hash_name)
            with opened(self.blob_path(layer), layer, diff) as tar:
                for position, member in enumerate(tar):
                    count += 1
                    if count > MAX_MEMBERS:
                        raise DataError(f"{digest} has too many members", "refused as hostile")
                    stage.take(tar, member, position)
            found |= stage.added
        return found

    def read(
        self, digest: str, files: Mapping[str, ImageFile], paths: Iterable[str]
    ) -> dict[str, bytes | None]:
        """The bytes of some files; None for what is absent or larger than MAX_FILE."""
        answers: dict[str, bytes | None] = {}
        wanted: dict[str, ImageFile] = {}
        for path in paths:
            entry = files.get(path)
            answers[path] = None
            if entry is not None and entry.size <= MAX_FILE:
                wanted[path] = entry
        for names, tar, member in self._found(digest, wanted):
            answers |= dict.fromkeys(names, _bytes(tar, member))
        return answers

    def lay_out(self, digest: str, files: Mapping[str, ImageFile], folder: Path) -> None:
        """Writes the final files into a new folder. Links come last, and nothing is written
        through one.
        """
        if any(head in files for path in files for head in heads(path)):
            raise DataError(f"{digest} has a file below a file", AGAIN)
        folder.mkdir(parents=True)
        links: list[tuple[Path, str]] = []
        for names, tar, member in self._found(digest, files):
            first, *others = (folder / name for name in names)
            for place in (first, *others):
                place.parent.mkdir(parents=True, exist_ok=True)
            if member.issym():
                links += [(place, member.linkname) for place in (first, *others)]
                continue
            source = tar.extractfile(member)
            with first.open("xb") as target:
                if source is not None:
                    shutil.copyfileobj(source, target, 1 << 18)
            first.chmod(0o755 if member.mode & 0o111 else 0o644)
            for place in others:
                shutil.copy(first, place)
        for place, target_name in links:
            place.symlink_to(target_name)

    def _found(
        self, digest: str, files: Mapping[str, ImageFile]
    ) -> Iterator[tuple[list[str], tarfile.TarFile, tarfile.TarInfo]]:
        """The members that hold these files, with their names, each layer gone through once."""
        wanted: dict[int, dict[int, list[str]]] = {}
        for path, entry in files.items():
            wanted.setdefault(entry.layer, {}).setdefault(entry.member, []).append(path)
        layers = self.layers(digest) if wanted else []
        for number, members in sorted(wanted.items()):
            layer = layers[number]
            with opened(self.blob_path(layer), layer, None) as tar:
                for position, member in enumerate(tar):
                    if position in members:
                        yield members[position], tar, member


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    if member.issym():
        return member.linkname.encode("utf-8", "surrogateescape")
    source = tar.extractfile(member)
    return source.read() if source else None
