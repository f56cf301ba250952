"""Asks over HTTP: bounded in time and size, with further tries, and careful about redirects.

The further tries are written here: httpx repeats failed connects alone, and the libraries that
repeat calls know nothing of Retry-After, which is half of the matter.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep

import httpx

from landed.core.errors import DataError, ProviderError, UsageError
from landed.http import failures
from landed.http.addresses import (
    address,
    host_of,
    joined,
    loopback,
    nowhere,
    origin,
    private,
)
from landed.http.patience import Patience, Watch

SMALL = 16 << 20
"""The most bytes of an answer that is held in memory: a manifest, a token."""
_ERROR = 64 << 10
_REDIRECTS = 5
_AGAIN = frozenset({429, 500, 502, 503, 504})
_AUTHORIZATION = "authorization"

Headers = Mapping[str, str]


class Answer:
    """A server's answer. `body` is there where the answer was asked for as a whole, or refuses."""

    def __init__(self, response: httpx.Response, watch: Watch) -> None:
        self.status = response.status_code
        self.headers: Headers = response.headers
        self.url = response.url
        self.body = b""
        self.elsewhere = False
        """Whether a redirect led to another host, who is not told who asks."""
        self._response, self._watch = response, watch

    @property
    def host(self) -> str:
        """Who answered: after a redirect not who was asked."""
        return host_of(self.url)

    def challenges(self) -> str:
        """How the server wants to be told who asks."""
        return str(self._response.headers.get("www-authenticate", ""))

    def next_page(self) -> str | None:
        """The path of the next page, at the same server; None where this is the last."""
        link = self._response.links.get("next", {}).get("url")
        return joined(self.url, link).raw_path.decode("ascii") if link else None

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes, not unpacked. Raises ProviderError where it does not come whole."""
        for chunk in self._coming():
            self._watch.gained(len(chunk))
            yield chunk

    def _coming(self) -> Iterator[bytes]:
        coming = self._response.iter_raw()
        while True:
            with translated(self.host, self._watch), self._watch.waiting():
                chunk = next(coming, b"")
            if not chunk:
                return
            yield chunk

    def load(self, limit: int) -> None:
        """Reads the body and ends the connection. Raises DataError for more than `limit` bytes.

        Of a refusal only the beginning is read.
        """
        parts, size = [], 0
        try:
            for chunk in self._coming():
                parts.append(chunk)
                size += len(chunk)
                if size > limit and self.status < 400:
                    raise DataError(
                        f"{self.host} answered with more than {limit >> 20} MiB",
                        "no such answer is that large: refused as hostile",
                    )
                if size > limit:
                    break
        finally:
            self.close()
        self.body = b"".join(parts)[:limit]

    def close(self) -> None:
        """Ends the connection."""
        self._watch.end()
        self._response.close()


class Transport:
    """A client for one server and the hosts that it leads to."""

    def __init__(self, patience: Patience, authorities: str = "") -> None:
        """`authorities` is a file with certificates to trust beside the usual ones."""
        # At their lower levels these show addresses, and signed ones are as good as passwords.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            trusted = httpx.create_ssl_context()
            if authorities:
                trusted.load_verify_locations(authorities)
        except OSError as error:
            raise UsageError(
                f"the trusted certificates cannot be read: {error.strerror or 'the file has none'}",
                f"see {authorities or 'SSL_CERT_FILE and SSL_CERT_DIR in the environment'}",
            ) from error
        self._patience = patience
        self._client = httpx.Client(
            verify=trusted,
            timeout=httpx.Timeout(patience.read, connect=patience.connect),
            # A connection for each request: so the watch knows whose it ends.
            limits=httpx.Limits(max_keepalive_connections=0),
            # Plain http stays on this machine, whatever proxy there is.
            mounts={"http://": None},
            headers={"user-agent": "landed", "accept-encoding": "identity"},
        )

    def close(self) -> None:
        """Ends all connections."""
        self._client.close()

    def base(self, host: str) -> str:
        """A server's address: https, and on this machine plain http where nobody speaks TLS."""
        secure = address(f"https://{host}/v2/")
        if secure is None:
            raise UsageError(f"`{host}` is no host", "see that its name is right")
        if not loopback(secure.host):
            return f"https://{host}"
        try:
            self._once("HEAD", secure, {}, None).close()
        except ProviderError as error:
            cause = error.__cause__
            if isinstance(cause, httpx.ConnectError) and not failures.untrusted(cause):
                return f"http://{host}"
            raise
        return f"https://{host}"

    def ask(
        self,
        method: str,
        url: str,
        headers: Headers,
        body: bytes | None = None,
        limit: int = SMALL,
    ) -> Answer:
        """An answer with its whole body. Raises ProviderError where none comes, DataError where it
        is larger than `limit` bytes. A refusal is an answer.
        """

        def once() -> Answer:
            answer = self._led(method, url, headers, body)
            answer.load(limit if answer.status < 400 else _ERROR)
            return answer

        return self._patiently(once)

    @contextmanager
    def stream(self, url: str, headers: Headers) -> Iterator[Answer]:
        """An answer whose body is yet to be read, but for a refusal. Raises ProviderError."""

        def once() -> Answer:
            answer = self._led("GET", url, headers, None)
            if answer.status >= 400:
                answer.load(_ERROR)
            return answer

        answer = self._patiently(once)
        try:
            yield answer
        finally:
            answer.close()

    def _patiently(self, once: Callable[[], Answer]) -> Answer:
        """Tries again after failures that may pass. The last failure is the one that counts."""
        pause = self._patience.pause
        for left in range(self._patience.tries - 1, -1, -1):
            wait = pause
            try:
                answer = once()
            except failures.BrokenOffError:
                if not left:
                    raise
            else:
                if answer.status in _AGAIN:
                    wait = asked_wait(answer.headers, pause)
                if answer.status not in _AGAIN or not left or wait > self._patience.longest:
                    return answer
            sleep(wait)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _led(self, method: str, url: str, headers: Headers, body: bytes | None) -> Answer:
        """Follows redirects: never to plain http, and who asks is only told to whom was asked."""
        asked = httpx.URL(url)
        where, told = asked, dict(headers)
        for _ in range(_REDIRECTS + 1):
            answer = self._once(method, where, told, body)
            answer.elsewhere = origin(where) != origin(asked)
            target = answer.headers.get("location")
            if answer.status not in {301, 302, 303, 307, 308} or not target:
                return answer
            answer.close()
            if body is not None:
                raise ProviderError(
                    f"{answer.host} redirects what was sent to it alone",
                    "landed does not follow: ask its keeper",
                )
            where = joined(answer.url, target)
            if not private(where, answer.url):
                raise ProviderError(
                    f"{answer.host} redirects to where the connection would not be safe",
                    "landed follows to https addresses alone: ask its keeper",
                )
            if origin(where) != origin(asked):
                told = {k: v for k, v in told.items() if k.lower() != _AUTHORIZATION}
        raise ProviderError(
            f"{host_of(asked)} redirects more than {_REDIRECTS} times", "ask its keeper"
        )

    def _once(self, method: str, url: httpx.URL, headers: Headers, body: bytes | None) -> Answer:
        watch = Watch(self._patience.stall)
        try:
            with translated(host_of(url), watch), watch.waiting():
                request = self._client.build_request(
                    method, url, headers=headers, content=body, extensions={"trace": watch.heed}
                )
                return Answer(self._client.send(request, stream=True), watch)
        except BaseException:
            watch.end()
            raise


@contextmanager
def translated(host: str, watch: Watch) -> Iterator[None]:
    """Failures of httpx become ours."""
    try:
        yield
    except httpx.TransportError as error:
        raise (failures.stalled(host) if watch.over else failures.broken(host, error)) from error
    except UnicodeError as error:
        # httpx reads where a redirect leads even where it does not follow.
        raise nowhere(host) from error


def asked_wait(headers: Headers, otherwise: float) -> float:
    """Seconds that a Retry-After asks for, in either of its forms."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        moment = parsedate_to_datetime(asked)
        return max(otherwise, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return otherwise
