"""What goes wrong with a registry, in words: each failure says what to do about it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx
import msgspec

from landed.core.errors import DataError, LandedError, ProviderError
from landed.core.redact import redact

_WORDS = 200


class MissingError(DataError):
    """The registry answered, and has no such repository, manifest or blob."""


class BrokenOffError(ProviderError):
    """A connection failed in a way that another try may mend."""


class _Said(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Said]


def said(body: bytes) -> _Said:
    """A registry's own first error; empty where the body is none."""
    try:
        found = msgspec.json.decode(body, type=_Errors).errors[:1]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = []
    return _Said(plain(found[0].code), plain(found[0].message)) if found else _Said()


def plain(words: str) -> str:
    """Somebody else's words on one line: bounded, printable, and without secrets."""
    printable = "".join(c if c.isprintable() else " " for c in words[: 4 * _WORDS])
    short = " ".join(redact(printable).split())
    return short if len(short) <= _WORDS else f"{short[:_WORDS]}…"


def refused(host: str, repository: str, what: str, status: int, body: bytes) -> LandedError:
    """The failure that an answer means. `what` is what was asked for: a tag, a digest."""
    own = said(body)
    words = f": {own.message or own.code}" if own.message or own.code else ""
    if status == 404 and own.code == "NAME_UNKNOWN":
        return MissingError(
            f"{host} has no repository {repository}{words}",
            "see that its name is right; some registries say so of private ones as well: "
            f"`docker login {host}`",
        )
    if status == 404:
        return MissingError(
            f"{host} has no {what} in {repository}{words}",
            "see that it was pushed there and not deleted since",
        )
    if status == 403:
        return ProviderError(
            f"{host} does not let you read {repository}{words}",
            "ask for the right to pull from it, or `docker login` as somebody who may",
        )
    if status == 429:
        return ProviderError(
            f"{host} was asked too often{words}",
            f"wait and ask again; `docker login {host}` often allows more",
        )
    if status >= 500:
        return ProviderError(f"{host} failed with status {status}{words}", "ask again later")
    return ProviderError(
        f"{host} answered {what} of {repository} with status {status}{words}",
        "see that this host is a registry, and the name right",
    )


def unauthorized(host: str, repository: str, *, known: bool, body: bytes = b"") -> ProviderError:
    """A 401 that stays; `known` tells whether there were credentials."""
    own = said(body)
    words = f": {own.message or own.code}" if own.message or own.code else ""
    if known:
        return ProviderError(
            f"{host} does not accept the credentials that are stored for it{words}",
            f"`docker login {host}` again, with somebody who may pull {repository}",
        )
    return ProviderError(
        f"{host} wants to know who asks for {repository}, and no credentials are stored{words}",
        f"`docker login {host}`; where it is done, see that the name is right",
    )


def stalled(host: str) -> ProviderError:
    """The watch ended it."""
    return ProviderError(f"{host} answers too slowly to be waited for", "ask again later")


def broken(host: str, error: httpx.TransportError) -> ProviderError:
    """What httpx could not do; BrokenOffError where another try may help."""
    reasons = list(_chain(error))
    tls = next((e for e in reasons if isinstance(e, ssl.SSLError)), None)
    if wrong := untrusted(error):
        return ProviderError(
            f"the certificate of {host} is not trusted: {plain(wrong.verify_message)}",
            "where it is signed by an authority of your own, name its file in SSL_CERT_FILE",
        )
    if tls:
        return ProviderError(
            f"{host} does not speak TLS as it should: {plain(tls.reason or 'no reason given')}",
            "registries are asked by https; plain http is for this machine alone",
        )
    if isinstance(error, httpx.TimeoutException):
        return ProviderError(
            f"{host} did not answer in time", "see whether it can be reached from here"
        )
    unknown = next((e for e in reasons if isinstance(e, socket.gaierror)), None)
    if unknown:
        kind = BrokenOffError if unknown.errno == socket.EAI_AGAIN else ProviderError
        return kind(f"no host {host} was found", "see that the name is right, and the network up")
    if isinstance(error, httpx.ProxyError):
        return ProviderError(
            f"the proxy does not lead to {host}", "see HTTPS_PROXY and NO_PROXY in the environment"
        )
    if any(isinstance(e, ConnectionRefusedError) for e in reasons):
        return BrokenOffError(
            f"nobody listens at {host}", "see that the registry runs, and that the port is right"
        )
    if isinstance(error, httpx.ConnectError):
        return BrokenOffError(f"{host} cannot be reached", "see whether the network leads there")
    return BrokenOffError(f"{host} broke off its answer", "ask again; if it stays, ask its keeper")


def untrusted(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """What is wrong with the certificate; None where that is not why it failed."""
    found = (e for e in _chain(error) if isinstance(e, ssl.SSLCertVerificationError))
    return next(found, None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error with all that led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
