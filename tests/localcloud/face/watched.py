"""A face whose every answer is held against Google's discovery documents while a test uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from landed.localcloud.cloud import LocalCloud
from landed.localcloud.face.face import Face, Project
from landed.localcloud.face.serving import Room, serving
from localcloud.face.discovery import error_faults, faults, method


class Watch:
    """An ASGI middleware that collects what the answers have wrong.

    Left alone are answers that Google documents elsewhere: the bytes of an object (`alt=media`,
    and the plain download path of Cloud Storage), and the docker registry.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.requests: list[str] = []
        self.losing: list[str] = []
        """Parts of `METHOD /PATH`: the answer to the next request that has one is lost, once
        it is done.
        """

    def around(self, inner: ASGIApp) -> ASGIApp:
        """The application with this watch around it."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            status, headers, body = 0, {}, b""
            lost = self._loses(scope)

            async def kept(message: Message) -> None:
                nonlocal status, headers, body
                if message["type"] == "http.response.start":
                    status = message["status"]
                    headers = dict(message["headers"])
                else:
                    body += message.get("body", b"")
                    if not message.get("more_body"):
                        # Before the client sees the end, so that the test that waits sees it too.
                        self._look(scope, status, headers, body)
                if not lost:
                    await send(message)

            await inner(scope, receive, kept)
            if lost:
                start = {"type": "http.response.start", "status": 502, "headers": []}
                await send(start)
                await send({"type": "http.response.body", "body": b""})

        return app

    def _loses(self, scope: Scope) -> bool:
        what = f"{scope['method']} {scope['path']}"
        part = next((one for one in self.losing if one in what), None)
        if part is not None:
            self.losing.remove(part)
        return part is not None

    def _look(self, scope: Scope, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode().partition(":")[0]
        path, verb = scope["path"], scope["method"]
        what = f"{verb} {host}{path}"
        self.requests.append(f"{what} {status}")
        found = self._judged(scope, host, status, headers, body)
        self.faults += [f"{what} ({status}): {fault}" for fault in found]

    def _judged(
        self, scope: Scope, host: str, status: int, headers: dict[bytes, bytes], body: bytes
    ) -> list[str]:
        path, verb = scope["path"], scope["method"]
        registry = path.startswith("/v2/") and not host.endswith(".googleapis.com")
        if registry and not path.startswith("/v2/projects/"):
            return []
        raw = scope.get("raw_path", path.encode()).decode().partition("?")[0]
        asked = _known(host, verb, raw)
        if status >= 400:
            return error_faults(_parsed(body)) if verb != "HEAD" and body else []
        query = scope["query_string"].decode()
        if "alt=media" in query or (host == "storage.googleapis.com" and asked is None):
            return []
        if asked is None:
            return ["Google documents no such method"]
        self.seen.add(asked.name)
        if asked.answer is None or status in (204, 308) or not body:
            return [] if status in (200, 204, 308) else [f"status {status}"]
        if b"json" not in headers.get(b"content-type", b""):
            return ["the answer is not JSON"]
        return faults(asked.api, asked.answer, _parsed(body))


def _known(host: str, verb: str, path: str) -> Any:
    if host not in ("127.0.0.1", "localhost"):
        return method(host, verb, path)
    names = ("storage", "cloudbuild", "cloudresourcemanager", "artifactregistry", "run", "logging")
    found = (method(f"{name}.googleapis.com", verb, path) for name in names)
    return next((one for one in found if one), None)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"not JSON": body[:200].decode(errors="replace")}


class Served:
    """A face that is being served, and what a test needs to talk to it."""

    def __init__(self, face: Face, room: Room, watch: Watch) -> None:
        self.face = face
        self.cloud = face.cloud
        self.room = room
        self.watch = watch
        self.url = room.address().url

    def client(self, token: str | None = None) -> httpx.Client:
        """A client through the door's proxy, as gcloud is one."""
        import ssl

        return httpx.Client(
            proxy=self.url,
            verify=ssl.create_default_context(cafile=str(self.room.authority)),
            headers={"Authorization": f"Bearer {token or self.face.token}"},
            trust_env=False,
            timeout=120,
        )

    def plain(self) -> httpx.Client:
        """A client with the endpoint on loopback."""
        headers = {"Authorization": f"Bearer {self.face.token}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=120)

    def environment(self, around: dict[str, str]) -> dict[str, str]:
        """An environment in which gcloud talks to this face."""
        env = dict(around)
        for name, value in self.room.variables().items():
            env.pop(name, None)
            if value is not None:
                env[name] = value
        return env


@contextmanager
def served(root: Path, project: Project | None = None) -> Iterator[Served]:
    """A face over a cloud in `root`. At the end every answer was as Google documents it."""
    watch = Watch()
    face = Face(LocalCloud(root), project)
    face.cloud.prepare()
    with serving(face, watch.around) as room:
        yield Served(face, room, watch)
    assert not watch.faults, "\n".join(watch.faults)
