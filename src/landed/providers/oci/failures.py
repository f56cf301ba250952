"""What a registry refuses, in words: each failure says what to do about it."""

from __future__ import annotations

import msgspec

from landed.core.errors import DataError, LandedError, ProviderError
from landed.core.model import learned
from landed.http.failures import plain


class MissingError(DataError):
    """The registry answered, and has no such repository, manifest or blob."""


class _Said(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Said]


learned(_Errors)


def said(body: bytes) -> _Said:
    """A registry's own first error; empty where the body is none."""
    try:
        found = msgspec.json.decode(body, type=_Errors).errors[:1]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = []
    return _Said(plain(found[0].code), plain(found[0].message)) if found else _Said()


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
