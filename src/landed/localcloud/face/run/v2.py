"""Version 2, as it is read: what Google's client libraries and landed's provider ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.routing import Route

from landed.localcloud.face.answers import absent, allowed, filled, moment, page
from landed.localcloud.face.calls import Call, route
from landed.localcloud.face.face import Face
from landed.localcloud.face.run import jobs_v1, services_v1
from landed.localcloud.face.run.container import container
from landed.localcloud.face.run.knative import MOST, Standing, uid
from landed.localcloud.records import ExecutionRecord, JobRecord, ServiceRecord, Share
from landed.localcloud.standing import Revision, Service

HOME = "/v2/projects/{project}/locations/{location}"
_STATES = {
    "True": "CONDITION_SUCCEEDED",
    "False": "CONDITION_FAILED",
    "Unknown": "CONDITION_RECONCILING",
}
_REASONS = {"Cancelled": "CANCELLED", "NonZeroExitCode": "NON_ZERO_EXIT_CODE"}
_ALLOCATION = "TRAFFIC_TARGET_ALLOCATION_TYPE_"


def routes(face: Face) -> list[Route]:
    """Jobs with their executions, services with their revisions: get and list."""
    jobs, services = f"{HOME}/jobs", f"{HOME}/services"
    functions: dict[str, Callable[[Call], dict[str, Any]]] = {
        jobs: list_jobs,
        f"{jobs}/{{job}}": lambda call: job_object(call.face, found_job(call)),
        f"{jobs}/{{job}}/executions": list_executions,
        f"{jobs}/{{job}}/executions/{{execution}}": get_execution,
        services: list_services,
        f"{services}/{{service}}": lambda call: service_object(call.face, found_service(call)),
        f"{services}/{{service}}/revisions": list_revisions,
        f"{services}/{{service}}/revisions/{{revision}}": get_revision,
    }
    tests: dict[str, Callable[[Call], object]] = {
        f"{jobs}/{{job}}:testIamPermissions": found_job,
        f"{services}/{{service}}:testIamPermissions": found_service,
    }
    return [
        *(route(face, "GET", path, function) for path, function in functions.items()),
        *(route(face, "POST", path, _permissions(found)) for path, found in tests.items()),
    ]


def _permissions(found: Callable[[Call], object]) -> Callable[[Call], dict[str, Any]]:
    """What may be done with something that has to be there."""

    def permissions(call: Call) -> dict[str, Any]:
        found(call)
        return allowed(call.json().get("permissions"))

    return permissions


def here(call: Call) -> str:
    """The parent of what is asked for, which this face plays. Raises Refusal."""
    call.face.must_be_mine(call.path["project"])
    call.face.must_be_here(call.path["location"])
    return parent(call.face)


def parent(face: Face) -> str:
    """What all names of the face begin with."""
    return f"projects/{face.project.id}/locations/{face.project.region}"


def _page(call: Call, kind: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    size, token = call.query.get("pageSize"), call.query.get("pageToken")
    some, following = page(items, size, token, MOST)
    return filled(**{kind: list(some)}, nextPageToken=following)


def list_jobs(call: Call) -> dict[str, Any]:
    """All jobs."""
    here(call)
    face = call.face
    return _page(
        call, "jobs", [job_object(face, jobs_v1.found(face, n)) for n in face.cloud.jobs()]
    )


def found_job(call: Call) -> JobRecord:
    """The job that a path names. Raises Refusal where there is none."""
    here(call)
    return jobs_v1.found(call.face, call.path["job"])


def found_service(call: Call) -> Service:
    """The service that a path names. Raises Refusal where there is none."""
    here(call)
    return services_v1.found(call.face, call.path["service"])


def list_executions(call: Call) -> dict[str, Any]:
    """The executions of a job, or of all (`-`), newest first."""
    face = call.face
    if call.path["job"] == "-":
        here(call)
        every = jobs_v1.executions(face)
    else:
        every = face.cloud.executions(found_job(call).name)
    return _page(call, "executions", [execution_object(face, one) for one in every])


def get_execution(call: Call) -> dict[str, Any]:
    """One execution."""
    for one in call.face.cloud.executions(found_job(call).name):
        if one.id == call.path["execution"]:
            return execution_object(call.face, one)
    raise absent(f"Execution {call.path['execution']!r}")


def list_services(call: Call) -> dict[str, Any]:
    """All services."""
    here(call)
    face = call.face
    found = [services_v1.found(face, name) for name in face.cloud.services.names()]
    return _page(call, "services", [service_object(face, one) for one in found])


def list_revisions(call: Call) -> dict[str, Any]:
    """The revisions of a service, or of all (`-`), newest first."""
    face, name = call.face, call.path["service"]
    here(call)
    pairs = [
        (service, one)
        for service, one in services_v1.revisions(face)
        if name in ("-", service.record.name)
    ]
    if not pairs and name != "-":
        raise absent(f"Service {name!r}")
    return _page(call, "revisions", [_revision(face, of, one) for of, one in pairs])


def get_revision(call: Call) -> dict[str, Any]:
    """One revision."""
    service = found_service(call)
    for one in service.revisions:
        if one.record.name == call.path["revision"]:
            return _revision(call.face, service, one)
    raise absent(f"Revision {call.path['revision']!r}")


def etag(*parts: object) -> str:
    """The same for the same state."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"'


def _condition(
    kind: str, status: Standing, at: datetime, message: str = "", **reason: str
) -> dict[str, Any]:
    return filled(
        type=kind,
        state=_STATES[status],
        lastTransitionTime=moment(at),
        message=message,
        **reason,
    )


def generation_of(record: JobRecord | ServiceRecord) -> str:
    """How often it was changed, and once more."""
    return str(len(record.history) + 1)


def job_object(face: Face, record: JobRecord) -> dict[str, Any]:
    """A job."""
    spec, first = record.spec, (*record.history, record.spec)[0]
    generation = generation_of(record)
    ran = face.cloud.executions(record.name)
    ready = _condition("Ready", "True", spec.update_time)
    return filled(
        name=f"{parent(face)}/jobs/{record.name}",
        uid=uid("jobs", record.name, first.update_time),
        generation=generation,
        observedGeneration=generation,
        createTime=moment(first.update_time),
        updateTime=moment(spec.update_time),
        creator=first.updated_by,
        lastModifier=spec.updated_by,
        launchStage="GA",
        annotations=spec.notes.own,
        template=filled(
            annotations=spec.notes.made,
            taskCount=1,
            template=jobs_v1.task(record.name, spec.image, spec.env),
        ),
        terminalCondition=ready,
        conditions=[ready],
        executionCount=len(ran),
        latestCreatedExecution=_reference(ran[0]) if ran else None,
        etag=etag(record),
    )


def _reference(one: ExecutionRecord) -> dict[str, Any]:
    return filled(
        name=one.id,
        createTime=moment(one.start_time),
        completionTime=moment(one.finish_time) if one.finish_time else None,
        completionStatus=jobs_v1.COMPLETION.get(one.status, "EXECUTION_FAILED"),
    )


def execution_object(face: Face, one: ExecutionRecord) -> dict[str, Any]:
    """An execution."""
    end = one.finish_time
    return filled(
        name=f"{parent(face)}/jobs/{one.job}/executions/{one.id}",
        uid=uid("executions", one.id, one.start_time),
        creator=one.creator,
        annotations=one.annotations,
        generation="1",
        observedGeneration="1",
        createTime=moment(one.start_time),
        startTime=moment(one.start_time),
        completionTime=moment(end) if end else None,
        updateTime=moment(end or one.start_time),
        launchStage="GA",
        job=one.job,
        parallelism=1,
        taskCount=1,
        template=jobs_v1.task(one.job, one.image, one.env),
        reconciling=True if one.status == "RUNNING" else None,
        conditions=[_completed(one), _condition("Started", "True", one.start_time)],
        etag=etag(one),
        **{jobs_v1.TASKS.get(one.status, "failedCount"): 1},
    )


def _completed(one: ExecutionRecord) -> dict[str, Any]:
    if one.status == "RUNNING":
        return _condition("Completed", "Unknown", one.start_time)
    at = one.finish_time or one.start_time
    if one.status == "SUCCEEDED":
        return _condition("Completed", "True", at)
    reason, message = jobs_v1.why(one)
    if reason in _REASONS:
        return _condition("Completed", "False", at, message, executionReason=_REASONS[reason])
    return _condition("Completed", "False", at, message, reason="INTERNAL")


def service_object(face: Face, service: Service) -> dict[str, Any]:
    """A service."""
    record, latest, ready = service.record, service.latest, service.latest_ready
    first = (*record.history, record.spec)[0]
    name = f"{parent(face)}/services/{record.name}"
    generation = generation_of(record)
    state = _listens("Ready", latest)
    return filled(
        name=name,
        annotations=record.spec.notes.own,
        uid=uid("services", record.name, first.update_time),
        generation=generation,
        observedGeneration=generation,
        createTime=moment(first.update_time),
        updateTime=moment(record.spec.update_time),
        creator=first.updated_by,
        lastModifier=record.spec.updated_by,
        launchStage="GA",
        template=filled(
            annotations=record.spec.notes.made,
            containers=[container(record.name, record.spec.image, record.spec.env)],
        ),
        traffic=[_target(share) for share in record.spec.traffic],
        trafficStatuses=[
            {**_target(share), "revision": one.record.name} for share, one in service.serving()
        ],
        terminalCondition=state,
        conditions=[
            _condition("RoutesReady", services_v1.routed(service), latest.since),
            _listens("ConfigurationsReady", latest),
        ],
        latestCreatedRevision=f"{name}/revisions/{latest.record.name}",
        latestReadyRevision=f"{name}/revisions/{ready.record.name}" if ready else None,
        uri=services_v1.url(service),
        reconciling=True if latest.state == "DEPLOYING" else None,
        etag=service_etag(service),
    )


def service_etag(service: Service) -> str:
    """It is another one after each change, and once the newest revision is ready."""
    return etag(service.record, service.latest.state)


def _target(share: Share) -> dict[str, Any]:
    if share.revision is None:
        return {"type": f"{_ALLOCATION}LATEST", "percent": share.percent}
    return {
        "type": f"{_ALLOCATION}REVISION",
        "revision": share.revision,
        "percent": share.percent,
    }


def _listens(kind: str, one: Revision) -> dict[str, Any]:
    if one.state != "FAILED":
        return _condition(kind, services_v1.READY[one.state], one.since)
    reason = {"revisionReason": "HEALTH_CHECK_CONTAINER_ERROR"}
    return _condition(kind, "False", one.since, f"{one.why}.", **reason)


def _revision(face: Face, service: Service, one: Revision) -> dict[str, Any]:
    record = one.record
    return filled(
        name=f"{parent(face)}/services/{service.record.name}/revisions/{record.name}",
        uid=uid("revisions", record.name, record.create_time),
        annotations=record.annotations,
        generation="1",
        observedGeneration="1",
        createTime=moment(record.create_time),
        updateTime=moment(one.since),
        creator=record.creator,
        launchStage="GA",
        service=service.record.name,
        containers=[container(service.record.name, record.image, record.env)],
        containerStatuses=services_v1.statuses(service, record),
        conditions=[_listens("Ready", one)],
        reconciling=True if one.state == "DEPLOYING" else None,
        etag=etag(record, one.state),
    )
