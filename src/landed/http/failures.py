"""What goes wrong between here and a server, in words: each failure says what to do about it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from landed.core.errors import ProviderError
from landed.core.redact import redact

_WORDS = 200
_READ = 32 << 10


class PassingError(ProviderError):
    """It may pass. Nobody knows whether what was asked for was done."""


class BrokenOffError(PassingError):
    """A connection failed in a way that another try may mend."""


def plain(words: str) -> str:
    """Somebody else's words on one line: bounded, printable, and without secrets."""
    # Redacted before it is cut: half a secret is not known as one.
    printable = "".join(c if c.isprintable() else " " for c in redact(words[:_READ])[: 4 * _WORDS])
    short = " ".join(printable.split())
    return short if len(short) <= _WORDS else f"{short[:_WORDS]}…"


def stalled(host: str) -> ProviderError:
    """The watch ended it."""
    return PassingError(f"{host} answers too slowly to be waited for", "ask again later")


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
            "servers are asked by https; plain http is for this machine alone",
        )
    if isinstance(error, httpx.TimeoutException):
        return PassingError(
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
            f"nobody listens at {host}",
            "see that it runs, and that the port is right; the same of a proxy in HTTPS_PROXY",
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
