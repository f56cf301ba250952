"""The application behind the door: the services by their hosts, and who may ask at all."""

from __future__ import annotations

import base64
import binascii

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from landed.localcloud.face import (
    artifacts,
    builds,
    enabled,
    logging,
    projects,
    run,
    storage,
    triggers,
)
from landed.localcloud.face.answers import Refusal
from landed.localcloud.face.calls import Service
from landed.localcloud.face.face import Face

LOOPBACK = ("127.0.0.1", "localhost")
_BASIC_USER = "oauth2accesstoken"


def services(face: Face) -> tuple[Service, ...]:
    """All that the face plays. On loopback a path belongs to the first that has it."""
    return (
        enabled.service(face),
        projects.service(face),
        builds.service(face),
        triggers.service(face),
        run.service(face),
        logging.service(face),
        artifacts.service(face),
        artifacts.notes(face),
        artifacts.registry(face),
        # Last: on loopback its plain download path would take those of others.
        storage.service(face),
    )


def played(face: Face) -> frozenset[str]:
    """Every host that the face plays."""
    return frozenset(host for one in services(face) for host in one.hosts)


def application(face: Face) -> ASGIApp:
    """The ASGI application of a face."""
    parts = services(face)
    by_host: dict[str, list[Route]] = {host: [] for host in sorted(played(face))}
    for part in parts:
        for host in part.hosts:
            by_host[host].extend(part.routes)
    everything = [one for part in parts for one in part.routes]
    by_host.update(dict.fromkeys(LOOPBACK, everything))
    routes = [Host(host, Router(mine, redirect_slashes=False)) for host, mine in by_host.items()]
    inner = Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing, 500: _bug})
    return _Guarded(inner, face)


async def _nothing(request: Request, _error: Exception) -> Response:
    # The path may be long, and it is the caller's own: it is not repeated.
    return Refusal(404, f"{request.method} at this path is not played here").response()


async def _bug(_request: Request, error: Exception) -> Response:
    return Refusal(500, f"a bug in landed: {type(error).__name__}").response()


class _Guarded:
    """Refuses everybody who does not have the token."""

    def __init__(self, inner: ASGIApp, face: Face) -> None:
        self._inner = inner
        self._face = face

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        request = Request(scope)
        if self._may(request.headers.get("authorization", "")):
            await self._inner(scope, receive, send)
            return
        await _stranger(request)(scope, receive, send)

    def _may(self, said: str) -> bool:
        kind, _, word = said.partition(" ")
        if kind.lower() == "bearer":
            return self._face.knows(word)
        if kind.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(word, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        return user == _BASIC_USER and self._face.knows(password)


def _stranger(request: Request) -> JSONResponse:
    refusal = Refusal(401, "Request had invalid authentication credentials.").response()
    if request.url.path.startswith("/v2/"):
        # A docker client asks without a token first, and learns from this how to bring it.
        here = f"{request.url.scheme}://{request.url.netloc}/v2/token"
        challenge = f'Bearer realm="{here}",service="{request.url.hostname}"'
        refusal.headers["WWW-Authenticate"] = challenge
        refusal.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
    return refusal
