"""What all objects of version 1 have: metadata, conditions, lists, and who is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from landed.localcloud.face.answers import filled, invalid, moment, page
from landed.localcloud.face.calls import Call
from landed.localcloud.face.face import NUMBER, Face

MOST = 1000
LOCATION = "cloud.googleapis.com/location"


def uid(kind: str, name: str, made: datetime) -> str:
    """The id of an object, the same at each look: made from its kind, name and first moment."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{name}/{made.isoformat()}"))


def metadata(
    face: Face,
    group: str,
    kind: str,
    name: str,
    made: datetime,
    generation: int,
    labels: dict[str, str],
    annotations: dict[str, str],
) -> dict[str, Any]:
    """An object's metadata. `kind` is the word of its path, as `jobs`."""
    return {
        "name": name,
        "namespace": NUMBER,
        "selfLink": f"/apis/{group}/v1/namespaces/{NUMBER}/{kind}/{name}",
        "uid": uid(kind, name, made),
        "resourceVersion": f"v{generation}",
        "generation": generation,
        "creationTimestamp": moment(made),
        "labels": {**labels, LOCATION: face.project.region},
        "annotations": annotations,
    }


Standing = Literal["True", "False", "Unknown"]


def condition(
    kind: str, status: Standing, at: datetime, reason: str = "", message: str = ""
) -> dict[str, Any]:
    """A condition, and since when it is so."""
    return filled(
        type=kind,
        status=status,
        lastTransitionTime=moment(at),
        reason=reason,
        message=message,
    )


def listing(call: Call, version: str, kind: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One page of a list; `kind` is that of its items."""
    some, token = page(items, call.query.get("limit"), call.query.get("continue"), MOST)
    return {
        "apiVersion": version,
        "kind": f"{kind}List",
        "metadata": filled(**{"continue": token}),
        "items": list(some),
    }


def selected(call: Call, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with the labels that the request asks for. Raises Refusal for a selector that is more
    than a list of equalities.
    """
    selector = call.query.get("labelSelector") or ""
    pairs = [_pair(words) for words in selector.split(",") if words.strip()]
    return [
        item
        for item in items
        if all(item["metadata"]["labels"].get(name) == value for name, value in pairs)
    ]


def _pair(words: str) -> tuple[str, str]:
    name, equals, value = words.replace("==", "=").partition("=")
    if not equals or not name.strip() or name.rstrip().endswith("!"):
        raise invalid(f"the label selector {words!r} is not played here: only NAME=VALUE is")
    return name.strip(), value.strip()


def asked(call: Call, what: str) -> str:
    """The name in a request's path. Raises Refusal for another project than the face's."""
    call.face.must_be_mine(call.path["namespace"])
    return call.path[what]
