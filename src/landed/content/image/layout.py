"""An OCI image layout on disk."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from landed.content.image.image import Image
from landed.content.image.inflate import AGAIN, Verified
from landed.content.image.manifest import MAX_JSON, checked_digest, document
from landed.core.errors import DataError

INDEX = "index.json"
REF_NAME = "org.opencontainers.image.ref.name"


class Layout:
    """A layout's blobs, as `landed.content.image.blobs.Blobs` has them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def blob_path(self, digest: str) -> Path:
        """Where a blob lies. Raises DataError for what is no digest."""
        name = checked_digest(digest).removeprefix("sha256:")
        return self.root / "blobs" / "sha256" / name

    def blob(self, digest: str) -> AbstractContextManager[IO[bytes]]:
        """A blob's bytes, not verified."""
        try:
            return self.blob_path(digest).open("rb")
        except OSError as error:
            raise DataError(f"blob {digest} is not there: {error.strerror}", AGAIN) from error

    def manifest(self, digest: str) -> bytes:
        """A manifest or an index, verified."""
        with self.blob(digest) as raw:
            return read_manifest(raw, digest)

    def image(self, digest: str) -> Image:
        """An image of this layout, by its manifest's digest."""
        return Image(self, digest)

    def images(self) -> dict[str, str]:
        """What the layout lists: digests by name, or by themselves where they have none."""
        try:
            data = (self.root / INDEX).read_bytes()
        except OSError as error:
            raise DataError(f"{self.root} lists no images: {error.strerror}", AGAIN) from error
        return listed(document(data, INDEX))


def read_manifest(raw: IO[bytes], digest: str) -> bytes:
    """A manifest's bytes, bounded and verified."""
    blob = Verified(raw, digest)
    data = blob.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        raise DataError(f"{digest} is larger than a manifest may be", AGAIN)
    blob.check()
    return data


def listed(index: dict[str, object]) -> dict[str, str]:
    """The images that an `index.json` names, with their digests."""
    found: dict[str, str] = {}
    manifests = index.get("manifests")
    for entry in manifests if isinstance(manifests, list) else []:
        digest = entry.get("digest") if isinstance(entry, dict) else None
        if isinstance(digest, str):
            notes = entry.get("annotations")
            name = notes.get(REF_NAME) if isinstance(notes, dict) else None
            found[name if isinstance(name, str) else digest] = checked_digest(digest)
    return found
