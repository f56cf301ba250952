"""A message of the queue, and the rules it must keep."""

import json
import re
import uuid
from dataclasses import asdict, dataclass
from typing import Any, Self

_LONGEST = 200  # what the database's columns hold
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of characters


class MalformedMessageError(ValueError):
    """A message that no retry can mend."""


@dataclass(frozen=True)
class Message:
    """A request for a lesson on `topic`, made by `user` of `organization`."""

    request_id: uuid.UUID
    topic: str
    organization: str = ""
    user: str = "teacher"

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Return the message that `content` holds, or raise `MalformedMessageError`."""
        try:
            fields = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise MalformedMessageError(f"the message is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise MalformedMessageError("the message is not a JSON object")
        return cls(
            request_id=_uuid(fields.get("request_id")),
            topic=_text(fields, "topic"),
            organization=_text(fields, "organization", default=cls.organization),
            user=_text(fields, "user", default=cls.user),
        )

    def to_json(self) -> bytes:
        """Return the content that `parse` reads."""
        return json.dumps({**asdict(self), "request_id": str(self.request_id)}).encode()


def _uuid(value: object) -> uuid.UUID:
    """Return the UUID written as `value`: in the usual form only, as `UUID` reads many more."""
    try:
        found = uuid.UUID(str(value))
    except ValueError:
        found = None
    if found is None or str(found) != str(value).lower():
        raise MalformedMessageError(f"the request id is not a UUID: {value!r:.80}")
    return found


def _text(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return the field `name`: text that every database can store."""
    value = fields.get(name) or default
    if value is None:
        raise MalformedMessageError(f"the {name} is missing")
    if not isinstance(value, str) or len(value) > _LONGEST or _UNSTORABLE.search(value):
        raise MalformedMessageError(f"the {name} is not a short text: {value!r:.80}")
    return value
