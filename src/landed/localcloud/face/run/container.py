"""The one container of a job or service: the image and the variables, which is all that is kept."""

from __future__ import annotations

import re
from typing import Any

from landed.localcloud.face.answers import filled, invalid

_UNHEARD = ("command", "args", "envFrom", "volumeMounts", "workingDir")
"""What a client may ask of a container and the local cloud cannot do: it is refused, for an answer
that leaves it out would be a lie.
"""
_GOOGLES = re.compile(r"(?:^|\.)(?:googleapis\.com|knative\.dev)/")


def container(owner: str, image: str, env: dict[str, str]) -> dict[str, Any]:
    """The container of a job or service, in both versions of the API."""
    return filled(
        name=f"{owner}-1", image=image, env=[{"name": k, "value": v} for k, v in env.items()]
    )


def wanted(containers: Any) -> tuple[str, dict[str, str]]:
    """The image and the variables that a client asks for. Raises Refusal for what is not kept."""
    if not isinstance(containers, list) or len(containers) != 1:
        raise invalid("the local cloud runs exactly one container")
    (one,) = containers
    if not isinstance(one, dict) or not isinstance(one.get("image"), str) or not one["image"]:
        raise invalid("the container names no image")
    asked = [name for name in _UNHEARD if one.get(name)]
    if asked:
        raise invalid(f"the local cloud does not play a container's {', '.join(asked)}")
    return one["image"], _variables(one.get("env") or [])


def _variables(env: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in env if isinstance(env, list) else [env]:
        if not isinstance(pair, dict) or not isinstance(pair.get("name"), str):
            raise invalid("a variable has no name")
        value = pair.get("value", "")
        if "valueFrom" in pair or not isinstance(value, str):
            raise invalid(f"the local cloud does not play secrets: {pair['name']}")
        found[pair["name"]] = value
    return found


def noted(annotations: Any) -> dict[str, str]:
    """The annotations that a client keeps with us. Those of Google's own are not played."""
    found = annotations if isinstance(annotations, dict) else {}
    if not all(isinstance(value, str) for value in found.values()):
        raise invalid("an annotation is no text")
    return {name: value for name, value in found.items() if not _GOOGLES.search(name)}


def inside(document: Any, *path: str) -> Any:
    """What lies at a path of a client's document, None where it does not lead there."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document
