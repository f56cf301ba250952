"""A registry at a server that does wrong, and the answers that it gives."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from msgspec.structs import replace

from landed.content.image.reference import Reference
from landed.http.patience import Patience
from landed.providers.oci.registry import Registry
from providers.oci.faults import Answering, Asked, Faults

QUICK = Patience(connect=60, read=60, stall=60, pause=0.01, longest=1, helper=60)
"""For a server that answers, however busy the machine is."""
HASTY = replace(QUICK, stall=0.6)
"""For one that drips: here the end of patience is waited for."""
BODY = json.dumps({"schemaVersion": 2, "layers": []}).encode()
BLOB = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(250)) * 100
SECRET = "c2VjcmV0LW9mLWFubg"  # noqa: S105 - of these tests alone


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


DIGEST = digest_of(BODY)


def reference(host: str, digest: str | None = None) -> Reference:
    return Reference(host=host, repository="shop/worker", tag="v1", digest=digest)


def of(faults: Faults, answer: Answering) -> Any:
    """A registry that answers like this."""
    faults.answer = answer
    return Registry.open(reference(faults.host), QUICK)


def in_turn(*answers: Answering) -> Answering:
    """Each request is answered by the next one, and by the last one at the end."""
    left = list(answers)

    def answer(asked: Asked) -> None:
        turn = left.pop(0) if len(left) > 1 else left[0]
        turn(asked)

    return answer


def fine(asked: Asked) -> None:
    asked.say(200, BODY, docker_content_digest=DIGEST)


def whole_blob(asked: Asked) -> None:
    start = int(asked.headers.get("range", "bytes=0-")[6:-1])
    end = len(BLOB) - 1
    if start:
        asked.say(206, BLOB[start:], content_range=f"bytes {start}-{end}/{len(BLOB)}")
    else:
        asked.say(200, BLOB)


def half(body: bytes, size: int) -> Answering:
    """The beginning of an answer, and then the end of the connection."""

    def answer(asked: Asked) -> None:
        asked.handler.send_response(206 if "range" in asked.headers else 200)
        start = int(asked.headers.get("range", "bytes=0-")[6:-1])
        if start:
            place = f"bytes {start}-{len(body) - 1}/{len(body)}"
            asked.handler.send_header("content-range", place)
        asked.handler.send_header("content-length", str(len(body) - start))
        asked.handler.end_headers()
        asked.handler.wfile.write(body[start : start + size])

    return answer
