"""google-auth over landed's own client, so that `requests` is not loaded, and every wait ends."""

from __future__ import annotations

from collections.abc import Mapping

from google.auth import transport
from google.auth.exceptions import TransportError

from landed.core.errors import LandedError
from landed.http.transport import Transport


class Response(transport.Response):
    """An answer as google-auth reads it."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """Its status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers."""
        return self._headers

    @property
    def data(self) -> bytes:
        """Its body."""
        return self._data


class Request(transport.Request):
    """Asks for a token. It is waited for as long as for everything else."""

    def __init__(self, client: Transport) -> None:
        self._client = client

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Response:
        """The answer. Raises TransportError where none comes."""
        del timeout
        data = body.encode() if isinstance(body, str) else body
        try:
            answer = self._client.ask(method, url, dict(headers or {}), data, limit=1 << 20)
        except LandedError as error:
            failed: Exception = TransportError(error.message)  # type: ignore[no-untyped-call] # theirs
            raise failed from error
        return Response(answer.status, answer.headers, answer.body)
