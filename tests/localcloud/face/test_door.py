"""The door: who may come in, and what stands outside."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess

import httpx
import pytest

from landed.localcloud.face.serving import exports
from localcloud.face.conftest import Gcloud
from localcloud.face.watched import Served

HOST = "https://cloudresourcemanager.googleapis.com"
MINE = "/v1/projects/landed-local"


def test_a_request_through_the_tunnel_and_one_straight(face: Served) -> None:
    with face.client() as tunnel, face.plain() as plain:
        through = tunnel.get(f"{HOST}{MINE}")
        assert through.status_code == 200, through.text
        assert through.json()["projectId"] == "landed-local"
        assert plain.get(MINE).json() == through.json()


@pytest.mark.parametrize(
    "authorization", ["", "Bearer wrong", "Bearer", "Basic ???", "Bearer \xff"]
)
def test_without_the_token_nobody_comes_in(face: Served, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")} if authorization else {}
    done = httpx.get(f"{face.url}{MINE}", headers=headers, trust_env=False)
    assert done.status_code == 401
    assert done.json()["error"]["status"] == "UNAUTHENTICATED"
    assert face.face.token not in done.text


def test_docker_brings_the_token_as_a_password(face: Served) -> None:
    word = base64.b64encode(f"oauth2accesstoken:{face.face.token}".encode()).decode()
    done = httpx.get(
        f"{face.url}{MINE}", headers={"Authorization": f"Basic {word}"}, trust_env=False
    )
    assert done.status_code == 200


def test_another_project_is_refused(face: Served) -> None:
    with face.client() as client:
        done = client.get(f"{HOST}/v1/projects/another")
    assert (done.status_code, done.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_what_is_not_played_is_said_in_googles_shape(face: Served) -> None:
    with face.client() as client:
        done = client.get(f"{HOST}/v9/nothing")
    assert (done.status_code, done.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_another_host_is_never_dialled(face: Served) -> None:
    for words in (
        b"CONNECT example.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT storage.googleapis.com:22 HTTP/1.1\r\n\r\n",
        b"CONNECT 169.254.169.254:443 HTTP/1.1\r\n\r\n",
        b"CONNECT " + b"a" * 40_000,
    ):
        said = _said(face, words)
        assert said.startswith(b"HTTP/1.1 403 landed's local cloud dials no other host"), words[:60]


def test_a_client_hears_why_another_host_is_refused(face: Served) -> None:
    through = httpx.Client(proxy=face.room.address().url, trust_env=False)
    with through, pytest.raises(httpx.ProxyError, match="use another shell"):
        through.get("https://example.com/")


def test_the_printed_lines_say_it_to_the_shell_that_reads_them(face: Served) -> None:
    text = exports(face.room.variables())
    assert "HTTPS to any host that is not one of Google's is refused" in text
    done = subprocess.run(
        ["sh", "-euc", 'eval "$1"; echo "$HTTPS_PROXY"', "sh", text],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == face.room.address().url


def test_a_plain_request_for_a_foreign_host_finds_nothing(face: Served) -> None:
    headers = f"Host: evil.example\r\nAuthorization: Bearer {face.face.token}\r\n"
    words = f"GET {MINE} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
    assert _said(face, words.encode()).startswith(b"HTTP/1.1 404")


def test_a_tunnel_byte_by_byte(face: Served) -> None:
    port = face.room.address().port
    with socket.create_connection(("127.0.0.1", port), 10) as outer:
        for byte in b"CONNECT cloudresourcemanager.googleapis.com:443 HTTP/1.1\r\n\r\n":
            outer.send(bytes([byte]))
        assert outer.recv(1000).startswith(b"HTTP/1.1 200")
        context = ssl.create_default_context(cafile=str(face.room.authority))
        with context.wrap_socket(outer, server_hostname=HOST.removeprefix("https://")) as inner:
            inner.send(
                f"GET {MINE} HTTP/1.1\r\nHost: cloudresourcemanager.googleapis.com\r\n"
                f"Authorization: Bearer {face.face.token}\r\n\r\n".encode()
            )
            assert inner.recv(1000).startswith(b"HTTP/1.1 200")


def test_who_does_not_trust_the_authority_gets_no_answer(face: Served) -> None:
    with httpx.Client(proxy=face.url, trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{HOST}{MINE}")
    with face.client() as client:
        assert client.get(f"{HOST}{MINE}").status_code == 200


def test_what_the_face_keeps_is_its_owners_alone(face: Served) -> None:
    assert face.room.folder.stat().st_mode & 0o777 == 0o700
    for path in (face.room.token, face.room.authority):
        assert path.stat().st_mode & 0o777 == 0o600


def test_gcloud_comes_in(gcloud: Gcloud) -> None:
    done = gcloud("projects", "describe", "landed-local", "--format=value(projectId)")
    assert done.stdout.strip() == "landed-local"


def _said(face: Served, words: bytes) -> bytes:
    port = face.room.address().port
    with socket.create_connection(("127.0.0.1", port), 10) as outer:
        outer.sendall(words)
        return outer.recv(1000)
