"""Service Usage, as far as other commands ask it: an API that is played here is switched on."""

from __future__ import annotations

from typing import Any

from landed.localcloud.face.answers import absent
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import NUMBER, Face

_ON = ("artifactregistry", "cloudbuild", "containeranalysis", "logging", "run", "storage")


def service(face: Face) -> Service:
    """One API of the project, as gcloud asks for it before it deploys."""
    path = "/v1/projects/{project}/services/{api}"
    return Service(hosts=("serviceusage.googleapis.com",), routes=(route(face, "GET", path, get),))


def get(call: Call) -> dict[str, Any]:
    """Whether an API is switched on. Raises Refusal for one that is not played here."""
    call.face.must_be_mine(call.path["project"])
    api = call.path["api"]
    if api not in {f"{name}.googleapis.com" for name in _ON}:
        raise absent(f"Service {api!r}")
    parent = f"projects/{NUMBER}"
    return {
        "name": f"{parent}/services/{api}",
        "parent": parent,
        "config": {"name": api},
        "state": "ENABLED",
    }
