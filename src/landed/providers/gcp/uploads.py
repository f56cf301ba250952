"""The upload that a build was given: that very generation of the object, and no later one."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.parse import urlencode

from landed.content.image.archive import Files
from landed.content.zipped import Zipped
from landed.core.errors import DataError
from landed.core.probe import Content, File
from landed.http.blob import Blob
from landed.http.transport import Answer
from landed.providers.gcp import identity
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.builds import Found
from landed.providers.gcp.failures import MissingError, Need
from landed.providers.gcp.shapes.cloud_build import Hashes
from landed.providers.gcp.shapes.storage import Stored

OBJECTS = Need(
    api="storage.googleapis.com",
    permission="storage.objects.get",
    role="roles/storage.objectViewer on the bucket of the uploads",
)
LARGEST = 2 << 30
"""The most bytes of an upload that are taken."""
_TRIES = 3
_PIECE = 1 << 20
_ZIP = b"PK\x03\x04"


class Upload:
    """An upload's files, and the temporary folder that they are read from."""

    def __init__(self, folder: TemporaryDirectory[str], content: Content) -> None:
        self._folder, self._content = folder, content
        self.files: Mapping[str, File] = content.files

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files; None for one that is absent or too large to read."""
        return self._content.read(paths)


def upload(api: Api, found: Found, object_format: str) -> Content:
    """The files of a build's upload. Raises ProviderError and DataError as `Api` does."""
    build, stored = found.record.build.id, found.given.stored
    if found.given.unread or stored is None:
        raise DataError(
            f"build {build}: {found.given.unread or 'it was given no upload'}", "see its record"
        )
    if not stored.generation:
        raise DataError(
            f"build {build} does not say which generation of its upload it took",
            "the object may have been written again since; build again",
        )
    # A folder and no file: it goes with the process, however quickly that leaves.
    folder = TemporaryDirectory(prefix="landed-upload-", ignore_cleanup_errors=True)
    with ExitStack() as held:
        held.callback(folder.cleanup)
        place = Path(folder.name) / "upload"
        with place.open("wb") as file:
            _take(api, build, stored, found.hashes, file)
        with place.open("rb") as begun:
            zipped = begun.read(4) == _ZIP
        files = Zipped(place, object_format) if zipped else Files(place, object_format)
        held.pop_all()
    return Upload(folder, files)


def _take(
    api: Api, build: str, stored: Stored, hashes: Mapping[str, Hashes], file: IO[bytes]
) -> None:
    """Downloads the object, and holds it against the digest in the build's record."""
    digest, size = hashlib.sha256(), 0
    with Blob(lambda start: _stream(api, build, stored, start), _TRIES) as blob:
        while piece := blob.read(_PIECE):
            size += len(piece)
            if size > LARGEST:
                raise DataError(
                    f"the upload of build {build} has more than {LARGEST >> 30} GiB",
                    "landed does not read it; build from the remote",
                )
            digest.update(piece)
            file.write(piece)
    known = _sha256(stored, hashes)
    if known and known != digest.digest():
        raise DataError(
            f"the upload of build {build} is not what its record says",
            "somebody wrote the object again; build again",
        )


@contextmanager
def _stream(api: Api, build: str, stored: Stored, start: int) -> Iterator[Answer]:
    """The object from the byte `start` on; after a 401, with a new token."""
    what = f"upload of build {build} in gs://{stored.bucket}/{stored.object}"
    query = urlencode({"alt": "media", "generation": stored.generation})
    where = path("storage", "v1", "b", stored.bucket, "o", stored.object)
    url = f"{api.place.address('storage')}{where}?{query}"
    part = {"range": f"bytes={start}-"} if start else {}
    sent = api.who.header()
    with ExitStack() as held:
        answer = held.enter_context(api.transport.stream(url, {**part, **sent}))
        if answer.status == 401:
            sent = api.who.renewed(sent)
            answer = held.enter_context(api.transport.stream(url, {**part, **sent}))
        if not (start and answer.status == 206):
            try:
                api.judge(OBJECTS, what, answer)
            except MissingError as error:
                raise MissingError(
                    f"the {what} is gone",
                    "buckets of uploads are often emptied by age; build again",
                ) from error
        said = answer.headers.get("x-goog-generation", stored.generation)
        if said != stored.generation:
            raise identity.other(OBJECTS, what, f"its generation {said}")
        yield answer


def _sha256(stored: Stored, hashes: Mapping[str, Hashes]) -> bytes | None:
    """The digest that the record has for the object, None where it has none."""
    name = f"gs://{stored.bucket}/{stored.object}#{stored.generation}"
    for one in hashes.get(name, Hashes()).file_hash:
        if one.type == "SHA256":
            try:
                return base64.b64decode(one.value + "==", altchars=b"-_")
            except binascii.Error:
                return None
    return None
