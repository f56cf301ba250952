"""What every service of the face says alike: errors in Google's shape, moments, pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from starlette.responses import JSONResponse

Item = TypeVar("Item")

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    413: "OUT_OF_RANGE",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
}


class Refusal(Exception):  # noqa: N818 - it is an answer, and no fault of the face
    """A request that is answered with an error. `code` is the HTTP status, `status` Google's word
    for it, where the usual one does not fit.
    """

    def __init__(self, code: int, message: str, status: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUS[code]

    def document(self) -> dict[str, Any]:
        """The error as all of Google's services write it."""
        return {"error": {"code": self.code, "message": self.message, "status": self.status}}

    def response(self) -> JSONResponse:
        """The error as an answer."""
        headers = {"WWW-Authenticate": 'Bearer realm="landed"'} if self.code == 401 else {}
        return JSONResponse(self.document(), self.code, headers)


def absent(what: str) -> Refusal:
    """404: what was asked for is not there."""
    return Refusal(404, f"{what} was not found")


def invalid(why: str) -> Refusal:
    """400: the request is not one that can be answered."""
    return Refusal(400, why)


def moment(at: datetime) -> str:
    """A moment as Google writes it: UTC, with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def filled(**fields: Any) -> dict[str, Any]:
    """A JSON object without its empty fields, as Google's services leave them out."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, ())}


def allowed(asked: object) -> dict[str, Any]:
    """Which of the permissions that were asked for are there: all. Who has the token may do
    everything.
    """
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise invalid("permissions must be a list of names")
    return filled(permissions=asked)


def page(
    items: Sequence[Item], size: str | None, token: str | None, most: int
) -> tuple[Sequence[Item], str | None]:
    """One page of `items`, and the token of the next one, None at the end.

    `size` and `token` are what the client sent; `most` is the service's own largest page.
    Raises Refusal for what is no number and for a token that was not given out.
    """
    wanted = _number(size, "page size") if size else most
    start = _offset(token) if token else 0
    end = start + (min(wanted, most) or most)
    return items[start:end], _token(end) if end < len(items) else None


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise invalid(f"{what} must be a number that is not negative")
    return int(text)


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).decode()


def _offset(token: str) -> int:
    try:
        head, number = base64.b64decode(token, altchars=b"-_", validate=True).split(b":")
    except (binascii.Error, ValueError):
        raise invalid("the page token is invalid") from None
    if head != b"at":
        raise invalid("the page token is invalid")
    return _number(number.decode("ascii", "replace"), "the page token")
