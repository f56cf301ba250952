"""Brings a source into the project's bucket of uploads, where Cloud Build takes it from."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import IO
from urllib.parse import urlencode

import msgspec

from landed.core.errors import DataError, ProviderError
from landed.http.addresses import address, origin
from landed.http.failures import PassingError
from landed.http.transport import Answer
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import Need
from landed.providers.gcp.place import Place
from landed.providers.gcp.shapes import storage
from landed.providers.gcp.waiting import patiently

BUCKETS = Need(
    api="storage.googleapis.com",
    permission="storage.buckets.list",
    role="roles/storage.bucketViewer",
)
LISTED = Need(
    api="storage.googleapis.com",
    permission="storage.objects.list",
    role="roles/storage.objectUser on the bucket of the uploads",
)
UPLOAD = Need(
    api="storage.googleapis.com",
    permission="storage.objects.create",
    role="roles/storage.objectUser on the bucket of the uploads",
    verb="write",
)
PIECE = 4 << 20
"""Bytes of one request: each is bounded in time, whatever the whole takes. A multiple of 256 KiB,
as Cloud Storage wants them.
"""
_TRIES = 4
"""How often an upload may come no further."""
_OVER = frozenset({200, 201, 404, 410, 412})
"""Written, by this or by somebody else meanwhile; or the upload is no more: the bucket tells."""
_TYPE = "application/gzip"


def bucket(place: Place) -> str:
    """The bucket of the settings, else the one that `gcloud builds submit` uploads to as well."""
    if place.staging_bucket:
        return place.staging_bucket
    safe = place.project.replace(":", "_").replace(".", "_").replace("google", "elgoog")
    return f"{safe}_cloudbuild"


def stage(api: Api, deeds: Api, source: IO[bytes], commit: str) -> storage.Stored:
    """The object with these bytes: it is named after them, so it is written once. Raises DataError
    where somebody else's bytes lie there, and ProviderError where it cannot be written.
    """
    into = bucket(api.place)
    must_be_ours(api, into)
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    source.seek(0)
    for piece in iter(lambda: source.read(PIECE), b""):
        sha256.update(piece)
        md5.update(piece)
    name = f"source/landed-{commit[:12]}-{sha256.hexdigest()}.tgz"
    known = _known(api, into, name)
    if known is None:
        _write(api, deeds, into, name, source)
        known = _known(api, into, name)
    if known is None:
        raise ProviderError(f"gs://{into}/{name} is not there after its upload", "ship once more")
    if _decoded(known.md5_hash) != md5.digest():
        raise DataError(
            f"gs://{into}/{name} is not what landed uploaded",
            "see who writes into that bucket, and delete it",
        )
    return storage.Stored(bucket=into, object=name, generation=known.generation)


def must_be_ours(api: Api, name: str) -> None:
    """Anybody may own a bucket whose name can be guessed: only one of this project gets source."""
    what = f"list of buckets that begin with {name}"
    query = {"project": api.place.project, "prefix": name}
    found = api.get(BUCKETS, what, path("storage", "v1", "b"), storage.Buckets, query)
    if name not in [one.name for one in found.items]:
        create = api.place.gcloud("storage", "buckets", "create", f"gs://{name}", "--location=US")
        raise ProviderError(
            f"project {api.place.project} has no bucket {name}, where uploads for Cloud Build lie; "
            "make it where your data has to stay",
            create,
        )


def _known(api: Api, into: str, name: str) -> storage.Object | None:
    """The object's record; None where it is not there. A list needs no right to read its bytes."""
    what = f"list of uploads in gs://{into}"
    where = path("storage", "v1", "b", into, "o")
    found = api.get(LISTED, what, where, storage.Objects, {"prefix": name})
    return next((one for one in found.items if one.name == name), None)


def _write(api: Api, deeds: Api, into: str, name: str, source: IO[bytes]) -> None:
    """Uploads it, piece by piece; where an answer is lost, the bucket says how far it came."""
    session, size = _session(api, into, name), source.seek(0, 2)
    at = furthest = stuck = 0
    while stuck < _TRIES:
        source.seek(at)
        piece = source.read(PIECE)
        try:
            answer = _piece(deeds, session, piece, f"bytes {at}-{at + len(piece) - 1}/{size}")
        except PassingError:
            answer = patiently(lambda: _piece(api, session, b"", f"bytes */{size}"))
        if answer.status in _OVER:
            return
        if answer.status != 308:
            api.judge(UPLOAD, f"upload gs://{into}/{name}", answer)
        come = _received(answer)
        stuck = 0 if come > furthest else stuck + 1
        at, furthest = come, max(come, furthest)
    raise PassingError(f"gs://{into}/{name}: the upload comes no further", "ship once more")


def _session(api: Api, into: str, name: str) -> str:
    """Begins an upload, and returns its address, which is as good as a password."""
    query = urlencode({"uploadType": "resumable", "name": name, "ifGenerationMatch": "0"})
    where = path("upload", "storage", "v1", "b", into, "o")
    url = f"{api.place.address('storage')}{where}?{query}"
    headers = {"content-type": "application/json", "x-upload-content-type": _TYPE}
    answer = api.ask("POST", url, headers, msgspec.json.encode({"contentType": _TYPE}))
    api.judge(UPLOAD, f"upload gs://{into}/{name}", answer)
    session = answer.headers.get("location", "")
    here, there = address(url), address(session)
    if here is None or there is None or origin(here) != origin(there):
        raise ProviderError("Cloud Storage sends the upload somewhere else", "is there a proxy?")
    return session


def _piece(api: Api, session: str, data: bytes, span: str) -> Answer:
    answer = api.ask("PUT", session, {"content-range": span}, data)
    if answer.status == 429 or answer.status >= 500:
        raise PassingError(f"Cloud Storage failed with status {answer.status}", "ship once more")
    return answer


def _received(answer: Answer) -> int:
    """How many bytes have come."""
    first, _, last = answer.headers.get("range", "").removeprefix("bytes=").partition("-")
    return int(last) + 1 if first == "0" and last.isascii() and last.isdigit() else 0


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
