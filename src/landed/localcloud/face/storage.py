"""Cloud Storage, as far as builds need it: buckets, uploads in all forms, every generation."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import io
import json
import re
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from landed.localcloud.face.answers import Refusal, absent, allowed, filled, invalid, moment, page
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import NUMBER, Face
from landed.localcloud.face.uploads import LARGE
from landed.localcloud.objects import BucketRecord, ObjectRecord

_MOST = 1000
_OBJECT = "/storage/v1/b/{bucket}/o/{object:path}"
_UPLOADS = ("/upload/storage/v1/b/{bucket}/o", "/resumable/upload/storage/v1/b/{bucket}/o")
_SINCE = re.compile(r"bytes=(\d{1,19})-")
PLAIN = "application/octet-stream"


def service(face: Face) -> Service:
    """The JSON API, and the plain download path that build logs are read by."""
    uploads = [
        one
        for path in _UPLOADS
        for one in (
            route(face, "POST", path, upload, LARGE),
            route(face, "PUT", path, go_on, LARGE),
        )
    ]
    return Service(
        hosts=("storage.googleapis.com", "www.googleapis.com"),
        routes=(
            route(face, "GET", "/storage/v1/b", list_buckets),
            route(face, "POST", "/storage/v1/b", insert_bucket),
            route(face, "GET", "/storage/v1/b/{bucket}", get_bucket),
            route(face, "GET", "/storage/v1/b/{bucket}/iam/testPermissions", permissions),
            route(face, "GET", "/storage/v1/b/{bucket}/o", list_objects),
            route(
                face, "POST", f"{_OBJECT}/rewriteTo/b/{{to_bucket}}/o/{{to_object:path}}", rewrite
            ),
            route(face, "POST", f"{_OBJECT}/copyTo/b/{{to_bucket}}/o/{{to_object:path}}", copy),
            route(face, "GET", _OBJECT, get),
            *uploads,
            route(face, "GET", "/download/storage/v1/b/{bucket}/o/{object:path}", download),
            route(face, "GET", "/{bucket}/{object:path}", download),
        ),
    )


def list_buckets(call: Call) -> dict[str, Any]:
    """The project's buckets."""
    call.face.must_be_mine(call.query.get("project", ""))
    prefix = call.query.get("prefix", "")
    found = [one for one in call.face.objects.buckets() if one.name.startswith(prefix)]
    part, more = page(found, call.query.get("maxResults"), call.query.get("pageToken"), _MOST)
    items = [_bucket(one) for one in part]
    return filled(kind="storage#buckets", nextPageToken=more, items=items)


def insert_bucket(call: Call) -> dict[str, Any]:
    """A new bucket."""
    call.face.must_be_mine(call.query.get("project", ""))
    asked = call.json()
    name = asked.get("name")
    if not isinstance(name, str):
        raise invalid("Required parameter: name")
    if call.face.objects.bucket(name):
        raise Refusal(409, "Your previous request to create the named bucket succeeded.")
    location = asked.get("location") or "US"
    return _bucket(call.face.objects.make_bucket(name, str(location).upper()[:40]))


def get_bucket(call: Call) -> dict[str, Any]:
    """A bucket."""
    return _bucket(_there(call, call.path["bucket"]))


def permissions(call: Call) -> dict[str, Any]:
    """What may be done with a bucket."""
    _there(call, call.path["bucket"])
    asked = call.query.getlist("permissions")
    return filled(kind="storage#testIamPermissionsResponse", **allowed(asked))


def _there(call: Call, name: str) -> BucketRecord:
    found = call.face.objects.bucket(name)
    if found is None:
        raise absent("The specified bucket")
    return found


def list_objects(call: Call) -> dict[str, Any]:
    """The objects of a bucket; with a delimiter also the folders that their names make."""
    bucket = _there(call, call.path["bucket"])
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    versions = call.query.get("versions") == "true"
    prefixes: dict[str, None] = {}
    found = []
    for one in call.face.objects.list(bucket.name, prefix, versions=versions):
        inner, cut, _ = one.name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if cut:
            prefixes[f"{prefix}{inner}{cut}"] = None
        else:
            found.append(one)
    part, more = page(found, call.query.get("maxResults"), call.query.get("pageToken"), _MOST)
    return filled(
        kind="storage#objects",
        nextPageToken=more,
        prefixes=[*prefixes],
        items=[_object(call.face, one) for one in part],
    )


def _found(call: Call, generation: str | None = None) -> ObjectRecord:
    """The object that the path names. Raises Refusal where it is not there, or another one is."""
    asked = generation if generation is not None else call.query.get("generation")
    number = _number(asked) if asked else None
    record = call.face.objects.get(call.path["bucket"], call.path["object"], number)
    if record is None:
        raise absent("No such object: it")
    expected = call.query.get("ifGenerationMatch")
    if expected and _number(expected) != record.generation:
        raise Refusal(412, "At least one of the pre-conditions you specified did not hold.")
    return record


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,19}", text):
        raise invalid("a generation is a number")
    return int(text)


def get(call: Call) -> dict[str, Any] | Response:
    """An object's record, or its bytes with `alt=media`."""
    if call.query.get("alt") == "media":
        return download(call)
    return _object(call.face, _found(call))


def download(call: Call) -> Response:
    """An object's bytes, from an offset on if one is asked for."""
    record = _found(call)
    since = _SINCE.match(call.headers.get("range", ""))
    if since and int(since[1]) >= record.size:
        raise Refusal(416, "The requested range cannot be satisfied.")
    headers = {
        "X-Goog-Generation": str(record.generation),
        "X-Goog-Hash": f"md5={_md5(record)}",
        "X-Goog-Stored-Content-Length": str(record.size),
    }
    path = call.face.objects.bytes_of(record)
    return FileResponse(path, headers=headers, media_type=record.content_type)


def rewrite(call: Call) -> dict[str, Any]:
    """A copy, in the words of `rewriteTo`: it is always done at once."""
    copied = copy(call)
    size = copied["size"]
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": size,
        "objectSize": size,
        "done": True,
        "resource": copied,
    }


def copy(call: Call) -> dict[str, Any]:
    """A copy of an object under another name."""
    record = _found(call, call.query.get("sourceGeneration"))
    _there(call, call.path["to_bucket"])
    objects = call.face.objects
    with objects.bytes_of(record).open("rb") as data:
        kept = objects.put(
            call.path["to_bucket"],
            call.path["to_object"],
            data,
            record.content_type,
            record.metadata,
        )
    return _object(call.face, kept)


def upload(call: Call) -> dict[str, Any] | Response:
    """A new generation of an object, in one request or as the beginning of several."""
    bucket = _there(call, call.path["bucket"])
    _must_be_new(call, bucket.name)
    kind = call.query.get("uploadType", "")
    if kind == "media":
        call.file.seek(0)
        content_type = call.headers.get("content-type", PLAIN)
        name = call.query.get("name", "")
        return _object(call.face, call.face.objects.put(bucket.name, name, call.file, content_type))
    if kind == "multipart":
        about, content_type, data = _parts(call)
        name = call.query.get("name") or str(about.get("name") or "")
        content_type = str(about.get("contentType") or content_type)
        kept = call.face.objects.put(bucket.name, name, io.BytesIO(data), content_type)
        return _object(call.face, kept)
    if kind != "resumable":
        raise invalid("uploadType is media, multipart or resumable")
    about = call.json()
    name = call.query.get("name") or str(about.get("name") or "")
    content_type = about.get("contentType") or call.headers.get("x-upload-content-type") or PLAIN
    begun = call.face.uploads.begin(bucket.name, name, str(content_type))
    location = call.url.include_query_params(upload_id=begun)
    return Response(headers={"Location": str(location), "X-GUploader-UploadID": begun})


def _must_be_new(call: Call, bucket: str) -> None:
    """Raises Refusal where only a new object was to be written, and there is one already."""
    name = call.query.get("name", "")
    if call.query.get("ifGenerationMatch") == "0" and call.face.objects.get(bucket, name):
        raise Refusal(412, "At least one of the pre-conditions you specified did not hold.")


def _parts(call: Call) -> tuple[dict[str, Any], str, bytes]:
    """The two parts of a multipart body: the object's record, and its bytes with their type."""
    # gcloud puts the boundary between single quotes: Google takes that, the standard does not.
    content_type = call.headers.get("content-type", "").replace("'", '"')
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + call.body())
    parts = [*message.iter_parts()] if message.is_multipart() else []
    if len(parts) != 2:
        raise invalid("a multipart upload has two parts")
    first = parts[0].get_payload(decode=True)
    try:
        about = json.loads(first) if isinstance(first, bytes) else {}
    except (ValueError, RecursionError):
        raise invalid("Invalid JSON payload received") from None
    if not isinstance(about, dict):
        raise invalid("Invalid JSON payload received: the root must be an object")
    data = parts[1].get_payload(decode=True)
    return about, parts[1].get_content_type(), data if isinstance(data, bytes) else b""


def go_on(call: Call) -> dict[str, Any] | Response:
    """The next bytes of a resumable upload, or the question how many came in so far."""
    call.file.seek(0)
    state = call.face.uploads.go_on(
        call.query.get("upload_id", ""), call.headers.get("content-range"), call.file, call.size
    )
    if isinstance(state, ObjectRecord):
        return _object(call.face, state)
    headers = {"Range": f"bytes=0-{state - 1}"} if state else {}
    return Response(status_code=308, headers=headers)


def _bucket(record: BucketRecord) -> dict[str, Any]:
    made = moment(record.create_time)
    return {
        "kind": "storage#bucket",
        "id": record.name,
        "name": record.name,
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{record.name}",
        "projectNumber": NUMBER,
        "location": record.location,
        "storageClass": "STANDARD",
        "timeCreated": made,
        "updated": made,
        "metageneration": "1",
        "etag": "CAE=",
        "versioning": {"enabled": True},
    }


def _object(face: Face, record: ObjectRecord) -> dict[str, Any]:
    made = moment(record.create_time)
    place = f"storage/v1/b/{record.bucket}/o/{quote(record.name, safe='')}"
    newest = face.objects.get(record.bucket, record.name)
    replaced = newest and newest.generation != record.generation
    return filled(
        kind="storage#object",
        id=f"{record.bucket}/{record.name}/{record.generation}",
        selfLink=f"https://www.googleapis.com/{place}",
        mediaLink=f"https://storage.googleapis.com/download/{place}"
        f"?generation={record.generation}&alt=media",
        name=record.name,
        bucket=record.bucket,
        generation=str(record.generation),
        metageneration="1",
        contentType=record.content_type,
        storageClass="STANDARD",
        size=str(record.size),
        md5Hash=_md5(record),
        etag=_md5(record),
        timeCreated=made,
        updated=made,
        timeDeleted=moment(newest.create_time) if newest and replaced else None,
        metadata=record.metadata,
    )


def _md5(record: ObjectRecord) -> str:
    return base64.b64encode(bytes.fromhex(record.md5)).decode()
