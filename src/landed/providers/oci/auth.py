"""Tells a registry who asks: a password, or a token that another server gives for one."""

from __future__ import annotations

import base64
import re
from threading import RLock
from time import monotonic
from typing import Protocol
from urllib.parse import urlencode

import httpx
import msgspec

from landed.content.image.reference import Reference
from landed.core.errors import LandedError, ProviderError
from landed.core.model import Frozen, learned
from landed.http.addresses import address, private
from landed.http.transport import Answer, Transport
from landed.providers.oci import credentials, failures
from landed.providers.oci.credentials import Credentials

_CHALLENGE = re.compile(
    r"[\s,]*(?:(?P<key>[\w-]+)\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<plain>[^\s,\"]+))"
    r"|(?P<scheme>[\w-]+)(?=[\s,]|$))"
)
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
_LEAST_SECONDS = 60.0
_EARLY = 5.0
_LARGEST = 1 << 20


class Challenge(Frozen):
    """One way in which a server wants to be told who asks."""

    scheme: str
    parameters: dict[str, str]


class _Given(msgspec.Struct):
    token: str | None = None
    access_token: str | None = None
    expires_in: float | None = None

    def __repr__(self) -> str:
        return "_Given(…)"


learned(_Given)


class _Key(Frozen):
    """What a token is good for, and whose it is."""

    realm: str
    service: str
    scope: str
    whose: Credentials | None


class _Token(Frozen):
    value: str
    until: float

    def __repr__(self) -> str:
        return "_Token(…)"


_TOKENS: dict[_Key, _Token] = {}
"""Tokens that this process has, so that several images of one repository ask for one."""


def challenges(header: str) -> list[Challenge]:
    """The challenges of a WWW-Authenticate header, as far as it can be read."""
    found: list[Challenge] = []
    position = 0
    while part := _CHALLENGE.match(header, position):
        position = part.end()
        if part["scheme"]:
            found.append(Challenge(scheme=part["scheme"].lower(), parameters={}))
        elif found:
            value = part["plain"] or re.sub(r"\\(.)", r"\1", part["quoted"] or "")
            found[-1].parameters[part["key"].lower()] = value
    return found


class Asker(Protocol):
    """Tells a registry who asks, and says in words what its refusals mean."""

    def header(self) -> dict[str, str]:
        """What to send along with each request."""

    def answer(self, refused: Answer, sent: dict[str, str]) -> dict[str, str]:
        """What to send after a 401. Raises ProviderError where nothing is better than `sent`."""

    def unauthorized(self, body: bytes) -> LandedError:
        """A 401 that stays."""

    def refused(self, host: str, what: str, status: int, body: bytes) -> LandedError:
        """Any other refusal; `what` is what was asked for: a tag, a digest."""


class Auth:
    """Who asks one repository's registry. Credentials are only looked for where it wants them, and
    by one thread at a time.
    """

    def __init__(
        self, transport: Transport, reference: Reference, base: str, seconds: float
    ) -> None:
        self._transport, self._reference, self._base = transport, reference, base
        self._seconds = seconds
        self._looked = False
        self._credentials: Credentials | None = None
        self._challenge: Challenge | None = None
        self._lock = RLock()

    def header(self) -> dict[str, str]:
        """What to send along; empty as long as the registry has not asked for anything."""
        with self._lock:
            if self._challenge is None:
                return {}
            if self._challenge.scheme == "basic":
                return {"authorization": _basic(self._credentials)} if self._credentials else {}
            return {"authorization": f"Bearer {self._token(self._challenge)}"}

    def answer(self, refused: Answer, sent: dict[str, str]) -> dict[str, str]:
        """What to send after a 401. Raises ProviderError where nothing is better than `sent`."""
        with self._lock:
            return self._better(refused, sent)

    def _better(self, refused: Answer, sent: dict[str, str]) -> dict[str, str]:
        offered = {challenge.scheme: challenge for challenge in challenges(refused.challenges())}
        self._challenge = offered.get("bearer") or offered.get("basic")
        if not self._looked:
            self._credentials = credentials.find(self._reference, self._seconds)
            self._looked = True
        if self._challenge and self._challenge.scheme == "bearer" and sent:
            _TOKENS.pop(self._key(self._challenge), None)
        header = self.header()
        if not header or header == sent:
            raise self.unauthorized(refused.body)
        return header

    def unauthorized(self, body: bytes) -> ProviderError:
        """A 401 that stays."""
        return failures.unauthorized(
            self._reference.host,
            self._reference.repository,
            known=self._credentials is not None,
            body=body,
        )

    def refused(self, host: str, what: str, status: int, body: bytes) -> LandedError:
        """Any other refusal."""
        return failures.refused(host, self._reference.repository, what, status, body)

    def _key(self, challenge: Challenge) -> _Key:
        own = f"repository:{self._reference.repository}:pull"
        return _Key(
            realm=challenge.parameters.get("realm", ""),
            service=challenge.parameters.get("service", ""),
            scope=challenge.parameters.get("scope") or own,
            whose=self._credentials,
        )

    def _token(self, challenge: Challenge) -> str:
        key = self._key(challenge)
        held = _TOKENS.get(key)
        if held is None or held.until < monotonic():
            held = self._fetch(key)
            _TOKENS[key] = held
        return held.value

    def _fetch(self, key: _Key) -> _Token:
        realm = self._trusted(key.realm)
        asked = {"service": key.service, "scope": key.scope}
        if key.whose and key.whose.identity:
            form = {
                "grant_type": "refresh_token",
                "client_id": "landed",
                **asked,
                "refresh_token": key.whose.identity,
            }
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
            answer = self._transport.ask(
                "POST", str(realm), {"content-type": kind}, body, limit=_LARGEST
            )
        else:
            header = {"authorization": _basic(key.whose)} if key.whose else {}
            url = str(realm.copy_merge_params(asked))
            answer = self._transport.ask("GET", url, header, limit=_LARGEST)
        if answer.status in {400, 401, 403}:
            raise self.unauthorized(answer.body)
        if answer.status != 200:
            raise ProviderError(
                f"{answer.host}, which gives tokens for {self._reference.host}, failed with "
                f"status {answer.status}",
                "ask again later",
            )
        return _given(answer)

    def _trusted(self, realm: str) -> httpx.URL:
        """Where tokens are given. Raises ProviderError where a password would not be safe there."""
        url = address(realm)
        if url is None or not private(url, httpx.URL(self._base)):
            raise ProviderError(
                f"{self._reference.host} sends for a token to where a password would not be safe",
                "landed asks https addresses alone for tokens: ask the registry's keeper",
            )
        return url


def _given(answer: Answer) -> _Token:
    """A token from the answer that gives it; none of its words are shown."""
    try:
        given = msgspec.json.decode(answer.body, type=_Given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        given = _Given()
    value = given.token or given.access_token or ""
    if not _TOKEN.fullmatch(value):
        raise ProviderError(
            f"{answer.host} answered without a token", "ask again; then ask its keeper"
        )
    seconds = max(_LEAST_SECONDS, given.expires_in or 0.0)
    return _Token(value=value, until=monotonic() + seconds - _EARLY)


def _basic(who: Credentials | None) -> str:
    pair = f"{who.username}:{who.password}" if who else ":"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
