"""The docker registry of the region: version 2 of docker's API. Tags are moved, and nothing else
is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from starlette.responses import FileResponse, JSONResponse, Response

from landed.content.image.manifest import MANIFEST
from landed.content.image.reference import TAG
from landed.core.errors import DataError
from landed.localcloud.face.answers import Refusal
from landed.localcloud.face.artifacts.shelf import Shelf, docker_host
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import Face

_INDEX = "application/vnd.oci.image.index.v1+json"
_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
_MANIFEST = "/v2/{name:path}/manifests/{reference}"
_UNKNOWN = {"/manifests/": "MANIFEST_UNKNOWN", "/blobs/": "BLOB_UNKNOWN"}
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


def registry(face: Face) -> Service:
    """Manifests, blobs, tags and referrers; each is asked with HEAD as well."""
    functions: dict[str, Callable[[Call], Response]] = {
        "/v2/": ping,
        "/v2/token": token,
        _MANIFEST: manifest,
        "/v2/{name:path}/blobs/{digest}": blob,
        "/v2/{name:path}/tags/list": tags,
        "/v2/{name:path}/referrers/{digest}": referrers,
    }
    return Service(
        hosts=(docker_host(face),),
        routes=[
            *(route(face, "GET", path, _docker(known)) for path, known in functions.items()),
            route(face, "PUT", _MANIFEST, _docker(tag)),
        ],
    )


def _docker(function: Callable[[Call], Response]) -> Callable[[Call], Response]:
    """Says a refusal in the words of docker's API."""

    def answer(call: Call) -> Response:
        try:
            return function(call)
        except Refusal as refusal:
            known = [code for part, code in _UNKNOWN.items() if part in call.url.path]
            errors = [{"code": (known or ["NAME_UNKNOWN"])[0], "message": refusal.message}]
            return JSONResponse({"errors": errors}, refusal.code, _VERSION)

    return answer


def ping(_call: Call) -> Response:
    """There is a registry here, and the caller may ask it."""
    return JSONResponse({}, headers=_VERSION)


def token(call: Call) -> Response:
    """The token that the caller has brought already, as a client fetches it before it asks."""
    return JSONResponse({"token": call.face.token, "expires_in": 3600}, headers=_VERSION)


def manifest(call: Call) -> Response:
    """A manifest by a tag or a digest, its bytes as they were stored."""
    digest, data, found = Shelf(call.face).manifest(call.path["name"], call.path["reference"])
    headers = {**_VERSION, "Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
    return Response(data, headers=headers, media_type=str(found.get("mediaType") or MANIFEST))


def tag(call: Call) -> Response:
    """Points a tag to a manifest that is here already: nothing else is taken."""
    name, reference = call.path["name"], call.path["reference"]
    digest = f"sha256:{hashlib.sha256(call.body()).hexdigest()}"
    if not TAG.fullmatch(reference):
        raise Refusal(400, f"{reference!r} is no tag")
    Shelf(call.face).tag(name, reference, digest)
    headers = {**_VERSION, "Docker-Content-Digest": digest, "Location": call.url.path}
    return Response(status_code=201, headers=headers)


def blob(call: Call) -> Response:
    """A blob, or the range of it that is asked for. It is not verified: who fetches it does."""
    digest = call.path["digest"]
    layout = Shelf(call.face).layout(call.path["name"])
    try:
        place = layout.blob_path(digest)
    except DataError:
        raise Refusal(400, f"{digest!r} is no digest") from None
    if not place.is_file():
        raise Refusal(404, f"blob {digest} is not there")
    headers = {**_VERSION, **_FOR_EVER, "Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
    return FileResponse(place, headers=headers, media_type="application/octet-stream")


def tags(call: Call) -> Response:
    """The tags of an image, by name."""
    name = call.path["name"]
    found = {"name": name, "tags": sorted(Shelf(call.face).tags_of(name))}
    return JSONResponse(found, headers=_VERSION)


def referrers(call: Call) -> Response:
    """What says that it belongs to an image: signatures, provenance."""
    found = Shelf(call.face).referrers(call.path["name"], call.path["digest"])
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": found}
    return JSONResponse(document, headers=_VERSION, media_type=_INDEX)
