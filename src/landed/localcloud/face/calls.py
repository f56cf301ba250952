"""A request as the services see it, and how a service's function becomes an endpoint."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from landed.core.errors import LandedError, UsageError
from landed.core.redact import redact
from landed.localcloud.face.answers import Refusal, invalid
from landed.localcloud.face.face import Face

SMALL = 4 << 20
"""Bytes that a JSON body may have."""
_IN_MEMORY = 1 << 20


class Call:
    """One request, its body taken in already."""

    def __init__(self, face: Face, request: Request, file: IO[bytes], size: int) -> None:
        self.face = face
        self.method = request.method
        self.url = request.url
        self.path: dict[str, str] = dict(request.path_params)
        self.query = request.query_params
        self.headers = request.headers
        self.file = file
        self.size = size

    def body(self) -> bytes:
        """All bytes of the body."""
        self.file.seek(0)
        return self.file.read()

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, an empty one where there is none. Raises Refusal."""
        data = self.body()
        try:
            document = json.loads(data) if data.strip() else {}
        except (ValueError, RecursionError):
            raise invalid("Invalid JSON payload received") from None
        if not isinstance(document, dict):
            raise invalid("Invalid JSON payload received: the root must be an object")
        return document


Answer = dict[str, Any] | Response
Function = Callable[[Call], Answer]


class Service(NamedTuple):
    """One of Google's services: the hosts it has there, and its routes."""

    hosts: tuple[str, ...]
    routes: Sequence[Route]


def route(face: Face, method: str, path: str, function: Function, limit: int = SMALL) -> Route:
    """A route to a function that takes a call and gives a JSON object or a response.

    The function runs in a thread of its own, so it may wait for the disk or for git. It raises
    Refusal for an error of Google's; a UsageError becomes a 400, any other LandedError a 500.
    """

    async def endpoint(request: Request) -> Response:
        with face.busy(), tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            try:
                size = await _take_in(request, file, limit)
                call = Call(face, request, file, size)
                answer = await run_in_threadpool(partial(function, call))
            except Refusal as refusal:
                return refusal.response()
            except LandedError as error:
                code = 400 if isinstance(error, UsageError) else 500
                hint = f" ({error.hint})" if error.hint else ""
                return Refusal(code, redact(f"{error.message}{hint}")).response()
            except OSError as error:
                return Refusal(500, f"the disk refuses: {error.strerror or error}").response()
            return answer if isinstance(answer, Response) else JSONResponse(answer)

    return Route(path, endpoint, methods=[method])


async def _take_in(request: Request, file: IO[bytes], limit: int) -> int:
    """The body into `file`; its size. Raises Refusal as soon as it is larger than `limit`."""
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Refusal(413, f"the request is larger than {limit} bytes")
            await run_in_threadpool(file.write, chunk)
    except ClientDisconnect:
        raise invalid("the request ended before its body did") from None
    return size
