"""Real registries, and a small server that gives the tokens one of them asks for."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "ann", "right-pass:word"
HTPASSWD = "ann:$2y$05$jRQBD0ZQIAxrcg0g1e2MOuHHAAVQyVlgjbkw16UjQldGBsVj57WrS\n"
REFRESH = "an-identity-token-of-ann"
STARTS = 60.0
TURNS = count()


@dataclass
class Served:
    """A registry that runs: `host` as in a reference, and where it keeps its blobs."""

    host: str
    root: Path
    log: Path
    certificate: Path | None = None


@dataclass(frozen=True)
class Pair:
    """A key with its self-signed certificate for this machine."""

    key: Path
    certificate: Path


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, and none of those that systems give to whoever asks for
    any: nobody is given it before the server has it.
    """
    while True:
        port = 10_000 + (os.getpid() * 101 + next(TURNS)) % 9_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def certificate(stem: Path) -> Pair:
    """A new key and certificate, made by openssl."""
    pair = Pair(stem.with_suffix(".key"), stem.with_suffix(".pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", pair.key, "-out", pair.certificate],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return pair


@contextmanager
def registry(
    folder: Path, settings: dict[str, Any], blobs_of: Served | None = None
) -> Iterator[Served]:
    """Debian's docker-registry, as long as this lasts; with the blobs of another one."""
    port = free_port()
    host = f"127.0.0.1:{port}"
    root = blobs_of.root if blobs_of else folder / f"blobs-{port}"
    document = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(root)}},
        "log": {"level": "warn"},
        **settings,
    }
    document["http"] = {"addr": host, **document.get("http", {})}
    written = folder / f"registry-{port}.yml"
    written.write_text(json.dumps(document))  # JSON is YAML
    log = folder / f"registry-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(written)], stdout=out, stderr=out, cwd=folder
        )
    try:
        until_listening(process, port, log)
        yield Served(host, root, log)
    finally:
        process.terminate()
        process.wait(30)


def until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Waits for the server; fails with its own words where it ends before."""
    end = time.monotonic() + STARTS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"not started within {STARTS} s: {log.read_text()}")


@dataclass
class TokenServer:
    """Gives tokens that a real registry verifies: signed with a key, the certificate along."""

    pair: Pair
    life: int = 300
    public: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                who = self.headers.get("authorization", "")
                self._give(parse_qs(urlsplit(self.path).query), who)

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                self._give(parse_qs(self.rfile.read(size).decode()), "")

            def _give(self, asked: dict[str, list[str]], who: str) -> None:
                server.asked.append({"method": self.command, "who": who, **asked})
                status, body = server.answer(asked, who)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def settings(self) -> dict[str, str]:
        """What the registry has to know of this server."""
        return {
            "realm": f"http://127.0.0.1:{self._http.server_port}/token",
            "service": "the-registry",
            "issuer": "the-issuer",
            "rootcertbundle": str(self.pair.certificate),
        }

    def answer(self, asked: dict[str, list[str]], who: str) -> tuple[int, dict[str, Any]]:
        """A token for who gives the right password or none; without access for the latter."""
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        known = who == f"Basic {basic}" or asked.get("refresh_token") == [REFRESH]
        if (who or "refresh_token" in asked) and not known:
            refusal = {"code": "UNAUTHORIZED", "message": "wrong\x1b[31m name or password"}
            return 401, {"errors": [refusal]}
        kind, name, actions = asked["scope"][0].split(":")
        may = actions.split(",") if known or self.public else []
        access = [{"type": kind, "name": name, "actions": may}] if may else []
        key = "access_token" if "refresh_token" in asked else "token"
        return 200, {key: self.signed(access), "expires_in": self.life}

    def signed(self, access: list[dict[str, Any]]) -> str:
        """A JSON web token, signed by openssl."""
        now = int(time.time())
        claims = {
            "iss": "the-issuer", "aud": "the-registry", "sub": USER, "jti": str(time.time_ns()),
            "iat": now - 5, "nbf": now - 5, "exp": now + self.life, "access": access,
        }  # fmt: skip
        lines = self.pair.certificate.read_text().split("-----")[2].split()
        head = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines)]}
        text = f"{_url64(json.dumps(head).encode())}.{_url64(json.dumps(claims).encode())}"
        signature = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.pair.key],
            input=text.encode(), check=True, capture_output=True, timeout=60,
        ).stdout  # fmt: skip
        return f"{text}.{_url64(signature)}"


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
