"""Cloud Resource Manager, as far as other commands ask it: the one project that there is."""

from __future__ import annotations

from typing import Any

from landed.localcloud.face.answers import allowed, moment
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import NUMBER, Face


def service(face: Face) -> Service:
    """The project, in version 1 as gcloud asks for it."""
    return Service(
        hosts=("cloudresourcemanager.googleapis.com",),
        routes=(
            route(face, "GET", "/v1/projects/{project}", get),
            route(face, "POST", "/v1/projects/{project}:testIamPermissions", permissions),
        ),
    )


def get(call: Call) -> dict[str, Any]:
    """The project, by its id or its number."""
    face = call.face
    face.must_be_mine(call.path["project"])
    return {
        "projectId": face.project.id,
        "projectNumber": NUMBER,
        "name": face.project.id,
        "lifecycleState": "ACTIVE",
        "createTime": moment(face.since),
    }


def permissions(call: Call) -> dict[str, Any]:
    """What may be done in the project."""
    call.face.must_be_mine(call.path["project"])
    return allowed(call.json().get("permissions"))
