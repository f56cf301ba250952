"""Version 2, as it is written: jobs and services are changed, jobs run. All are operations, which
take their time.
"""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from landed.localcloud.face.answers import Refusal, absent, invalid
from landed.localcloud.face.calls import Call, route
from landed.localcloud.face.face import Face
from landed.localcloud.face.run import jobs_v1
from landed.localcloud.face.run.container import inside, noted, wanted
from landed.localcloud.face.run.v2 import (
    HOME,
    etag,
    execution_object,
    found_job,
    found_service,
    generation_of,
    here,
    job_object,
    parent,
    service_etag,
    service_object,
)
from landed.localcloud.records import ExecutionRecord, JobRecord, Notes, Share

_TYPES = "type.googleapis.com/google.cloud.run.v2"


def routes(face: Face) -> list[Route]:
    """Jobs and services are changed, jobs run; operations are looked at."""
    return [
        route(face, "PATCH", f"{HOME}/services/{{service}}", patch_service),
        route(face, "PATCH", f"{HOME}/jobs/{{job}}", patch_job),
        route(face, "POST", f"{HOME}/jobs/{{job}}:run", run_job),
        route(face, "GET", f"{HOME}/operations/{{operation}}", operation),
    ]


def patch_job(call: Call) -> dict[str, Any]:
    """Gives a job another spec; refused where the etag that is given is not the job's any more."""
    name, asked = found_job(call).name, call.json()
    if (inside(asked, "template", "taskCount") or 1) != 1:
        raise invalid("the local cloud runs one task an execution")
    if inside(asked, "template", "template", "volumes"):
        raise invalid("the local cloud does not play volumes")
    image, env = wanted(inside(asked, "template", "template", "containers"))
    notes = Notes(
        own=noted(asked.get("annotations")),
        made=noted(inside(asked, "template", "annotations")),
    )
    with call.face.changing:
        _must_match(asked, name, etag(found_job(call)))
        record = call.face.cloud.deploy(name, image, env, notes=notes)
    return _changing(call.face, record)


def patch_service(call: Call) -> dict[str, Any]:
    """Gives a service another template, and so a new revision; who gets its traffic as it is said.
    Refused where the etag that is given is not the service's any more.
    """
    service, asked = found_service(call), call.json()
    if inside(asked, "template", "revision"):
        raise invalid("the local cloud names revisions itself")
    if inside(asked, "template", "volumes"):
        raise invalid("the local cloud does not play volumes")
    image, env = wanted(inside(asked, "template", "containers"))
    notes = Notes(
        own=noted(asked.get("annotations")), made=noted(inside(asked, "template", "annotations"))
    )
    face, spec = call.face, service.record.spec
    if (image, env, notes.made) == (spec.image, spec.env, spec.notes.made):
        raise invalid("the local cloud changes a service by a new revision alone")
    name, shares = service.record.name, [_share(one) for one in asked.get("traffic") or []]
    with face.changing:
        _must_match(asked, name, service_etag(found_service(call)))
        face.cloud.services.deploy(
            name, image, env, runtime=face.runtime, traffic=shares or None, notes=notes
        )
        after = found_service(call)
    return {
        "name": f"{parent(face)}/operations/{name}.{generation_of(after.record)}",
        "metadata": {"@type": f"{_TYPES}.Service", **service_object(face, after)},
    }


def _share(target: Any) -> Share:
    """A share of the traffic. Raises Refusal for what is none."""
    if not isinstance(target, dict) or target.get("tag"):
        raise invalid("the local cloud does not play traffic tags")
    percent, revision = target.get("percent", 0), target.get("revision")
    if not isinstance(percent, int) or not isinstance(revision, str | None):
        raise invalid("a share of the traffic goes to the latest revision or to a named one")
    return Share(percent=percent, revision=revision)


def run_job(call: Call) -> dict[str, Any]:
    """Starts an execution, and returns at once."""
    name = found_job(call).name
    with call.face.changing:
        _must_match(call.json(), name, etag(found_job(call)))
        return _running(call.face, jobs_v1.begun(call, name))


def _must_match(asked: dict[str, Any], name: str, now: str) -> None:
    """Raises Refusal where an etag is given, and is another one than it is now."""
    given = asked.get("etag")
    if given and given != now:
        why = f"Conflict for resource '{name}': version '{given}' was specified"
        raise Refusal(409, why, "ABORTED")


def operation(call: Call) -> dict[str, Any]:
    """How far a change or an execution is. A change is over as soon as somebody looks."""
    here(call)
    face, name = call.face, call.path["operation"]
    for execution in jobs_v1.executions(face):
        if execution.id == name:
            return _running(face, execution)
    job, _, generation = name.rpartition(".")
    record = jobs_v1.found(face, job)
    if not generation.isdecimal() or int(generation) > int(generation_of(record)):
        raise absent(f"Operation {name!r}")
    shown = {"@type": f"{_TYPES}.Job", **job_object(face, record)}
    return {"name": f"{parent(face)}/operations/{name}", "done": True, "response": shown}


def _changing(face: Face, record: JobRecord) -> dict[str, Any]:
    return {
        "name": f"{parent(face)}/operations/{record.name}.{generation_of(record)}",
        "metadata": {"@type": f"{_TYPES}.Job", **job_object(face, record)},
    }


def _running(face: Face, one: ExecutionRecord) -> dict[str, Any]:
    shown = {"@type": f"{_TYPES}.Execution", **execution_object(face, one)}
    over = {} if one.status == "RUNNING" else {"done": True, "response": shown}
    return {"name": f"{parent(face)}/operations/{one.id}", "metadata": shown, **over}
