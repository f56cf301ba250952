"""Container Analysis: nobody looked into an image here, so there is nothing to tell."""

from __future__ import annotations

from typing import Any

from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import Face


def notes(face: Face) -> Service:
    """The occurrences of the project, in the versions that gcloud asks for."""
    paths = [f"/{version}/projects/{{project}}/occurrences" for version in ("v1", "v1beta1")]
    return Service(
        hosts=("containeranalysis.googleapis.com",),
        routes=[route(face, "GET", path, occurrences) for path in paths],
    )


def occurrences(call: Call) -> dict[str, Any]:
    """None: an empty list is the truth."""
    call.face.must_be_mine(call.path["project"])
    return {}
