"""Asks Google's APIs: who asks is sent along, answers are read strictly, lists page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from landed.core.errors import DataError, ProviderError
from landed.http.failures import PassingError, plain
from landed.http.transport import SMALL, Answer, Transport
from landed.providers.gcp.credentials import Who
from landed.providers.gcp.failures import Need, no_answer, refused
from landed.providers.gcp.place import Place

PAGES = 20
"""The most pages of a list that are read."""
LIST_SECONDS = 120.0
"""How long all pages of a list may take: each of them alone may be slow, and is asked again."""


class Page(Protocol):
    """An answer that may go on."""

    @property
    def next_page_token(self) -> str:
        """What asks for the next page; empty where this is the last."""


Shape = TypeVar("Shape")
Paged = TypeVar("Paged", bound=Page)


class Api:
    """Google's APIs, as one user. Every method raises ProviderError where they fail, refuse or do
    not answer, DataError for an answer that is none, MissingError for what is not there.
    """

    def __init__(self, transport: Transport, who: Who, place: Place) -> None:
        self.transport, self.who, self.place = transport, who, place

    def get(
        self,
        need: Need,
        what: str,
        path: str,
        shape: type[Shape],
        query: Mapping[str, str] | None = None,
    ) -> Shape:
        """One resource. `path` is quoted already: see `path`."""
        asked = f"?{urlencode(query)}" if query else ""
        return self._read(need, what, self._asked(need, what, "GET", path + asked, None), shape)

    def document(self, need: Need, what: str, path: str) -> dict[str, Any]:
        """One resource word for word, to be sent back with a change. It may hold secrets: it is
        kept nowhere, and never shown.
        """
        answer = self._asked(need, what, "GET", path, None)
        return _decoded(need, what, answer.body, dict[str, Any], str)

    def post(
        self, need: Need, what: str, path: str, shape: type[Shape], body: Mapping[str, object]
    ) -> Shape:
        """A question that is too long for an address. It changes nothing either."""
        data = msgspec.json.encode(body)
        return self._read(need, what, self._asked(need, what, "POST", path, data), shape)

    def send(
        self,
        need: Need,
        what: str,
        method: str,
        path: str,
        shape: type[Shape],
        body: object,
    ) -> Shape:
        """A deed. Raises PassingError where nobody can tell from the answer whether it was done:
        who gets that has to look. The transport of a deed tries once.
        """
        # First: whoever has no credentials has sent nothing.
        self.who.header()
        answer = self._asked(need, what, method, path, msgspec.json.encode(body))
        try:
            return self._read(need, what, answer, shape)
        except DataError as error:
            raise PassingError(error.message, error.hint) from error

    def pages(
        self,
        need: Need,
        what: str,
        path: str,
        shape: type[Paged],
        query: Mapping[str, str],
    ) -> Iterator[Paged]:
        """A list, page by page, to its end. Raises DataError for one of more than PAGES pages."""
        token, begun = "", time.monotonic()
        for _ in range(PAGES):
            in_time(what, begun)
            more = {"pageToken": token} if token else {}
            page = self.get(need, what, path, shape, {**query, **more})
            yield page
            token = page.next_page_token
            if not token:
                return
        raise DataError(f"{what}: there are more than {PAGES} pages of them", "ask for less")

    def judge(self, need: Need, what: str, answer: Answer) -> None:
        """Raises what an answer means, where it is not what was asked for."""
        if answer.status != 200:
            raise refused(need, self.place.project, what, answer.status, answer.body, self.who)

    def _asked(self, need: Need, what: str, method: str, path: str, body: bytes | None) -> Answer:
        """What was asked for. Whatever else is answered is raised."""
        url = self.place.address(need.api.split(".", 1)[0]) + path
        headers = {"content-type": "application/json"} if body is not None else {}
        answer = self.ask(method, url, headers, body)
        self.judge(need, what, answer)
        return answer

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer of an address of Google's, unjudged; after a 401, once more with a new
        token.
        """
        sent = self.who.header()
        answer = self.transport.ask(method, url, {**headers, **sent}, body, limit=4 * SMALL)
        if answer.status == 401:
            sent = self.who.renewed(sent)
            answer = self.transport.ask(method, url, {**headers, **sent}, body, limit=4 * SMALL)
        return answer

    def _read(self, need: Need, what: str, answer: Answer, shape: type[Shape]) -> Shape:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != "application/json":
            kind = plain(self.who.hidden(kind))
            raise no_answer(need, what, f"it is {kind or 'of no kind'}, and no JSON")
        return _decoded(need, what, answer.body, shape, self.who.hidden)


def in_time(what: str, begun: float) -> None:
    """Raises ProviderError where a list that was begun then takes too long."""
    if time.monotonic() - begun > LIST_SECONDS:
        raise ProviderError(
            f"{what}: its pages did not come within {LIST_SECONDS:g} s", "try again later"
        )


def _decoded(
    need: Need, what: str, body: bytes, shape: type[Shape], hidden: Callable[[str], str]
) -> Shape:
    try:
        return msgspec.json.decode(hidden(body.decode()), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # What is wrong, and where; never a value out of the answer.
        raise no_answer(need, what, str(error)[:200]) from error


def path(*parts: str) -> str:
    """A path of an API from its parts, each quoted: a name never becomes a path."""
    return "".join(f"/{quote(part, safe=':@')}" for part in parts)
