"""Cloud Build's triggers, version 1: global and of the region."""

from __future__ import annotations

from typing import Any

import msgspec

from landed.core.errors import LandedError
from landed.core.redact import redact
from landed.localcloud.cloudbuild.config import RepoSource
from landed.localcloud.cloudbuild.triggers import TriggerRecord
from landed.localcloud.face.answers import Refusal, absent, filled, invalid, moment, page
from landed.localcloud.face.builds import begun, location
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import NUMBER, Face

_MOST = 1000


def service(face: Face) -> Service:
    """Triggers under both of their paths."""
    return Service(
        hosts=("cloudbuild.googleapis.com",),
        routes=[
            one
            for top in ("/v1/projects/{project}", "/v1/projects/{project}/locations/{location}")
            for one in (
                route(face, "POST", f"{top}/triggers", create),
                route(face, "GET", f"{top}/triggers", list_),
                route(face, "POST", f"{top}/triggers/{{trigger}}:run", run),
                route(face, "GET", f"{top}/triggers/{{trigger}}", get),
                route(face, "PATCH", f"{top}/triggers/{{trigger}}", patch),
                route(face, "DELETE", f"{top}/triggers/{{trigger}}", delete),
            )
        ],
    )


def create(call: Call) -> dict[str, Any]:
    """A new trigger."""
    where = location(call)
    document = call.json()
    name = document.get("name")
    if isinstance(name, str) and name and call.face.triggers.get(where, name):
        raise Refusal(409, "A trigger with this name already exists.")
    return _shown(call.face.triggers.create(where, document))


def list_(call: Call) -> dict[str, Any]:
    """The triggers of a location."""
    found = [_shown(one) for one in call.face.triggers.all(location(call))]
    part, more = page(found, call.query.get("pageSize"), call.query.get("pageToken"), _MOST)
    return filled(triggers=[*part], nextPageToken=more)


def _found(call: Call) -> TriggerRecord:
    record = call.face.triggers.get(location(call), call.path["trigger"])
    if record is None:
        raise absent("Requested entity")
    return record


def get(call: Call) -> dict[str, Any]:
    """A trigger, by its id or its name."""
    return _shown(_found(call))


def patch(call: Call) -> dict[str, Any]:
    """Another trigger in its place; with a mask only those fields of it."""
    mask = call.query.get("updateMask")
    fields = [part.strip() for part in mask.split(",")] if mask else None
    return _shown(call.face.triggers.change(_found(call), call.json(), fields))


def delete(call: Call) -> dict[str, Any]:
    """Takes a trigger away."""
    call.face.triggers.delete(_found(call))
    return {}


def run(call: Call) -> dict[str, Any]:
    """Runs a trigger. The older path's body is the revision itself, the newer one wraps it."""
    record = _found(call)
    document = call.json()
    if "location" in call.path:
        document = document.get("source") or {}
    try:
        asked = msgspec.convert(document, RepoSource)
    except msgspec.ValidationError as error:
        raise invalid(f"Invalid value at 'source': {str(error)[:300]}") from error
    if record.shape.disabled:
        raise Refusal(400, "The trigger is disabled.", "FAILED_PRECONDITION")
    try:
        return begun(call.face, call.face.triggers.run(record, asked))
    except LandedError as error:
        # The remote may be what fails here. After a 500 gcloud would ask again and again.
        raise Refusal(
            400, redact(f"{error.message} ({error.hint})"), "FAILED_PRECONDITION"
        ) from error


def _shown(record: TriggerRecord) -> dict[str, Any]:
    own = record.shape
    name = f"projects/{NUMBER}/locations/{record.location}/triggers/{own.id}"
    return record.trigger | filled(createTime=moment(record.create_time), resourceName=name)
