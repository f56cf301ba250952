"""Cloud Storage through the face: uploads in all forms, generations, and hostile names."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.face.conftest import Gcloud
from localcloud.face.watched import Served

HOST = "https://storage.googleapis.com"
API = f"{HOST}/storage/v1"
BUCKET = "landed-local_cloudbuild"


@pytest.fixture(scope="module")
def http(face: Served) -> Iterator[httpx.Client]:
    with face.client() as client:
        made = client.post(f"{API}/b", params={"project": "landed-local"}, json={"name": BUCKET})
        assert made.status_code == 200, made.text
        yield client


def put(http: httpx.Client, name: str, data: bytes) -> dict[str, Any]:
    done = http.post(
        f"{HOST}/upload/storage/v1/b/{BUCKET}/o",
        params={"uploadType": "media", "name": name},
        content=data,
    )
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found


def media(http: httpx.Client, name: str, **query: str) -> httpx.Response:
    from urllib.parse import quote

    url = f"{API}/b/{BUCKET}/o/{quote(name, safe='')}"
    return http.get(url, params={"alt": "media", **query})


def test_every_generation_stays(http: httpx.Client) -> None:
    first, second = put(http, "twice/b.tgz", b"one"), put(http, "twice/b.tgz", b"two")
    assert int(first["generation"]) < int(second["generation"])
    assert media(http, "twice/b.tgz").content == b"two"
    assert media(http, "twice/b.tgz", generation=first["generation"]).content == b"one"
    assert first["md5Hash"] == base64.b64encode(hashlib.md5(b"one").digest()).decode()  # noqa: S324
    old = http.get(f"{API}/b/{BUCKET}/o/twice%2Fb.tgz", params={"generation": first["generation"]})
    assert old.json()["timeDeleted"]
    listed = http.get(f"{API}/b/{BUCKET}/o", params={"prefix": "twice/", "versions": "true"}).json()
    assert [one["generation"] for one in listed["items"]] == [
        first["generation"],
        second["generation"],
    ]


def test_a_resumable_upload_in_pieces_with_a_question_between(http: httpx.Client) -> None:
    begun = http.post(
        f"{HOST}/resumable/upload/storage/v1/b/{BUCKET}/o",
        params={"uploadType": "resumable", "name": "big"},
        json={"contentType": "application/x-tar"},
    )
    where = begun.headers["Location"]
    assert where.startswith(f"{HOST}/")
    first = http.put(where, content=b"abcd", headers={"Content-Range": "bytes 0-3/*"})
    assert (first.status_code, first.headers["Range"]) == (308, "bytes=0-3")
    wrong = http.put(where, content=b"xx", headers={"Content-Range": "bytes 9-10/11"})
    assert wrong.status_code == 400
    asked = http.put(where, headers={"Content-Range": "bytes */6"})
    assert (asked.status_code, asked.headers["Range"]) == (308, "bytes=0-3")
    last = http.put(where, content=b"ef", headers={"Content-Range": "bytes 4-5/6"})
    assert last.json()["size"] == "6"
    assert last.json()["contentType"] == "application/x-tar"
    assert media(http, "big").content == b"abcdef"
    assert http.put(where, content=b"").status_code == 404


def test_a_multipart_upload_keeps_bytes_as_they_are(http: httpx.Client) -> None:
    data = bytes(range(256)) + b"\r\n--not-the-boundary\r\n\n"
    about = json.dumps({"name": "parts"}).encode()
    body = (
        b"--bound\r\nContent-Type: application/json\r\n\r\n" + about + b"\r\n--bound\r\n"
        b"Content-Type: application/x-tar\r\n\r\n" + data + b"\r\n--bound--"
    )
    done = http.post(
        f"{HOST}/upload/storage/v1/b/{BUCKET}/o?uploadType=multipart",
        content=body,
        headers={"Content-Type": "multipart/related; boundary=bound"},
    )
    assert done.status_code == 200, done.text
    assert media(http, "parts").content == data


def test_a_log_is_read_from_an_offset(http: httpx.Client) -> None:
    put(http, "log-1.txt", b"hello world")
    url = f"{HOST}/{BUCKET}/log-1.txt"
    part = http.get(url, headers={"Range": "bytes=6-"})
    assert (part.status_code, part.content) == (206, b"world")
    assert http.get(url, headers={"Range": "bytes=11-"}).status_code == 416
    assert http.get(f"{HOST}/{BUCKET}/log-2.txt").status_code == 404


def test_a_copy_of_one_generation(http: httpx.Client) -> None:
    first = put(http, "source", b"1")
    put(http, "source", b"2")
    done = http.post(
        f"{API}/b/{BUCKET}/o/source/rewriteTo/b/{BUCKET}/o/target%2Fx",
        params={"sourceGeneration": first["generation"]},
    )
    assert done.json()["done"] is True
    assert media(http, "target/x").content == b"1"


def test_pages_and_folders(http: httpx.Client) -> None:
    for name in ("p/1", "p/2", "p/3", "p/q/4"):
        put(http, name, b"")
    seen: list[str] = []
    token = ""
    while True:
        query = {"prefix": "p/", "delimiter": "/", "maxResults": "2", "pageToken": token}
        answer = http.get(f"{API}/b/{BUCKET}/o", params=query).json()
        seen += [one["name"] for one in answer["items"]]
        assert answer["prefixes"] == ["p/q/"]
        token = answer.get("nextPageToken", "")
        if not token:
            break
    assert seen == ["p/1", "p/2", "p/3"]
    for wrong in ("xx", "####", base64.b64encode(b"at:-1").decode()):
        done = http.get(f"{API}/b/{BUCKET}/o", params={"pageToken": wrong})
        assert done.status_code == 400, wrong


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../b", "a\0b", "\N{SNOWMAN}", "a//b", "x" * 1024]
)
def test_a_name_is_never_a_path(face: Served, http: httpx.Client, name: str) -> None:
    put(http, name, name.encode())
    assert media(http, name).content == name.encode()
    inside = {path.resolve() for path in face.cloud.root.rglob("*")}
    assert all(path.is_relative_to(face.cloud.root.resolve()) for path in inside)
    assert not [path for path in inside if "passwd" in path.name]


@pytest.mark.parametrize(
    ("method", "url", "query", "body", "code"),
    [
        ("GET", f"{API}/b/..", {}, None, 404),
        ("GET", f"{API}/b/..%2F..%2Fface", {}, None, 404),
        ("GET", f"{API}/b/none-such", {}, None, 404),
        ("GET", f"{API}/b/{BUCKET}/o/none", {}, None, 404),
        ("GET", f"{API}/b/{BUCKET}/o/none", {"generation": "x"}, None, 400),
        ("GET", f"{API}/b/{BUCKET}/o/none", {"generation": "../../bucket"}, None, 400),
        ("GET", f"{API}/b", {"project": "another"}, None, 403),
        ("POST", f"{API}/b", {"project": "another"}, b'{"name":"another-one"}', 403),
        ("POST", f"{API}/b", {"project": "landed-local"}, b'{"name":"../up"}', 400),
        ("POST", f"{API}/b", {"project": "landed-local"}, b'{"name":', 400),
        ("POST", f"{API}/b", {"project": "landed-local"}, b'["name"]', 400),
        ("POST", f"{API}/b", {"project": "landed-local"}, b"[" * 100_000, 400),
        ("POST", f"{API}/b", {"project": "landed-local"}, b"x" * (5 << 20), 413),
        ("POST", f"{API}/b", {"project": "landed-local"}, b'{"name":"%s"}' % BUCKET.encode(), 409),
        ("POST", f"{HOST}/upload/storage/v1/b/{BUCKET}/o", {"uploadType": "media"}, b"x", 400),
        (
            "POST",
            f"{HOST}/upload/storage/v1/b/{BUCKET}/o",
            {"uploadType": "media", "name": ".."},
            b"x",
            400,
        ),
        ("POST", f"{HOST}/upload/storage/v1/b/{BUCKET}/o", {"uploadType": "odd"}, b"x", 400),
        ("POST", f"{HOST}/upload/storage/v1/b/{BUCKET}/o", {"uploadType": "multipart"}, b"x", 400),
        ("PUT", f"{HOST}/upload/storage/v1/b/{BUCKET}/o", {"upload_id": "../../x"}, b"x", 404),
    ],
)
def test_what_cannot_be_is_refused(
    http: httpx.Client, method: str, url: str, query: dict[str, str], body: bytes | None, code: int
) -> None:
    done = http.request(method, url, params=query, content=body)
    assert done.status_code == code, done.text
    assert set(done.json()) == {"error"}


def test_an_upload_that_stops_in_the_middle_leaves_nothing(
    face: Served, http: httpx.Client
) -> None:
    import socket

    port = face.room.address().port
    before = {path for path in (face.cloud.root / "storage").rglob("*") if path.is_file()}
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(
            f"POST /upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=half HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAuthorization: Bearer {face.face.token}\r\n"
            "Content-Length: 1000\r\n\r\nhalf".encode()
        )
    assert http.get(f"{API}/b/{BUCKET}/o/half").status_code == 404
    assert {path for path in (face.cloud.root / "storage").rglob("*") if path.is_file()} == before


def test_gcloud_copies_up_and_down(gcloud: Gcloud, http: httpx.Client, tmp_path: Path) -> None:
    assert http
    (tmp_path / "up").write_bytes(b"by gcloud")
    gcloud("storage", "cp", str(tmp_path / "up"), f"gs://{BUCKET}/cp/up")
    gcloud("storage", "cp", f"gs://{BUCKET}/cp/up", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == b"by gcloud"
