"""Services and revisions in version 1: what `gcloud run deploy`, `services` and `revisions` ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.routing import Route

from landed.core.errors import UsageError
from landed.localcloud.face.answers import Refusal, absent, filled, invalid
from landed.localcloud.face.calls import Call, route
from landed.localcloud.face.face import Face
from landed.localcloud.face.run.container import container, inside, noted, wanted
from landed.localcloud.face.run.knative import (
    Standing,
    asked,
    condition,
    listing,
    metadata,
    selected,
)
from landed.localcloud.images import parse
from landed.localcloud.records import Notes, RevisionRecord, Share
from landed.localcloud.standing import Revision, Service

GROUP = "serving.knative.dev"
VERSION = f"{GROUP}/v1"
_BASE = f"/apis/{VERSION}/namespaces/{{namespace}}"
_NONCE = "client.knative.dev/nonce"
NOT_LISTENING = "HealthCheckContainerError"
READY: dict[str, Standing] = {"READY": "True", "FAILED": "False", "DEPLOYING": "Unknown"}


def routes(face: Face) -> list[Route]:
    """The routes of services and revisions."""
    return [
        route(face, "GET", f"{_BASE}/services", list_services),
        route(face, "GET", "/v1/projects/{namespace}/locations/{location}/services", list_services),
        route(
            face,
            "POST",
            "/v1/projects/{namespace}/locations/{location}/services/{service}:testIamPermissions",
            permissions,
        ),
        route(face, "POST", f"{_BASE}/services", create),
        route(face, "GET", f"{_BASE}/services/{{service}}", get),
        route(face, "PUT", f"{_BASE}/services/{{service}}", replace),
        route(face, "GET", f"{_BASE}/revisions", list_revisions),
        route(face, "GET", f"{_BASE}/revisions/{{revision}}", get_revision),
    ]


def found(face: Face, name: str) -> Service:
    """A service. Raises Refusal where there is none."""
    try:
        service = face.cloud.services.find(name)
    except UsageError:
        # What cannot be a name is the name of nothing.
        service = None
    if service is None:
        raise absent(f"Service {name!r}")
    return service


def list_services(call: Call) -> dict[str, Any]:
    """All services; gcloud asks for those of all regions (`-`) where none was named."""
    face = call.face
    face.must_be_mine(call.path["namespace"])
    if call.path.get("location", "-") != "-":
        face.must_be_here(call.path["location"])
    items = [service_object(face, found(face, name)) for name in face.cloud.services.names()]
    return listing(call, VERSION, "Service", selected(call, items))


def permissions(call: Call) -> dict[str, Any]:
    """What the caller may do with who may call a service: nothing, for that is not played. gcloud
    asks before it offers to let everybody in; the service may not be there yet.
    """
    call.face.must_be_mine(call.path["namespace"])
    call.face.must_be_here(call.path["location"])
    return {}


def get(call: Call) -> dict[str, Any]:
    """One service."""
    return service_object(call.face, found(call.face, asked(call, "service")))


def create(call: Call) -> dict[str, Any]:
    """Makes a service that is not there yet, and its first revision."""
    call.face.must_be_mine(call.path["namespace"])
    name = inside(call.json(), "metadata", "name")
    if not isinstance(name, str) or not name:
        raise invalid("the service has no name")
    if call.face.cloud.services.find(name) is not None:
        raise Refusal(409, f"Service {name!r} already exists")
    return _deployed(call, name)


def replace(call: Call) -> dict[str, Any]:
    """Makes a revision, where the template asks for one; else only moves the traffic."""
    name = asked(call, "service")
    record = found(call.face, name).record
    document = call.json()
    template = inside(document, "spec", "template") or {}
    image, env = wanted(inside(template, "spec", "containers"))
    # gcloud asks for a new revision of the same by a number that it never used before.
    anew = (inside(template, "metadata", "labels") or {}).get(_NONCE)
    if anew or (image, env) != (record.spec.image, record.spec.env):
        return _deployed(call, name)
    call.face.cloud.services.route(name, _shares(document) or record.spec.traffic)
    return service_object(call.face, found(call.face, name))


def _deployed(call: Call, name: str) -> dict[str, Any]:
    face, document = call.face, call.json()
    template = inside(document, "spec", "template") or {}
    if inside(template, "metadata", "name"):
        raise invalid("the local cloud names revisions itself")
    if inside(template, "spec", "volumes"):
        raise invalid("the local cloud does not play volumes")
    image, env = wanted(inside(template, "spec", "containers"))
    notes = Notes(
        own=noted(inside(document, "metadata", "annotations")),
        made=noted(inside(template, "metadata", "annotations")),
    )
    with face.changing:
        face.cloud.services.deploy(
            name, image, env, runtime=face.runtime, traffic=_shares(document) or None, notes=notes
        )
    return service_object(face, found(face, name))


def _shares(document: dict[str, Any]) -> list[Share]:
    """The traffic that a client asks for. Raises Refusal for what is none."""
    shares = []
    for target in inside(document, "spec", "traffic") or []:
        if not isinstance(target, dict) or target.get("tag"):
            raise invalid("the local cloud does not play traffic tags")
        percent, revision = target.get("percent", 0), target.get("revisionName")
        latest = bool(target.get("latestRevision"))
        if not isinstance(percent, int) or latest is bool(revision):
            raise invalid("a share of the traffic goes to the latest revision or to a named one")
        shares.append(Share(percent=percent, revision=None if latest else str(revision)))
    return shares


def list_revisions(call: Call) -> dict[str, Any]:
    """The revisions of all services, newest first."""
    face = call.face
    face.must_be_mine(call.path["namespace"])
    items = [revision_object(face, of, one) for of, one in revisions(face)]
    return listing(call, VERSION, "Revision", selected(call, items))


def revisions(face: Face) -> list[tuple[Service, Revision]]:
    """Every revision with its service, newest first."""
    services = [found(face, name) for name in face.cloud.services.names()]
    every = [(service, one) for service in services for one in service.revisions]
    return sorted(every, key=lambda pair: pair[1].record.create_time, reverse=True)


def get_revision(call: Call) -> dict[str, Any]:
    """One revision."""
    name = asked(call, "revision")
    for service, one in revisions(call.face):
        if one.record.name == name:
            return revision_object(call.face, service, one)
    raise absent(f"Revision {name!r}")


def url(service: Service) -> str | None:
    """Where a service listens now, None where no instance runs."""
    running = [one.running for _, one in service.serving() if one.running]
    return f"http://127.0.0.1:{running[0].port}" if running else None


def service_object(face: Face, service: Service) -> dict[str, Any]:
    """A service. Where its newest revision has failed it is not ready, and what served serves."""
    record, latest = service.record, service.latest
    first = (*record.history, record.spec)[0]
    generation = len(record.history) + 1
    made = _made(latest)
    address = url(service)
    containers = [container(record.name, record.spec.image, record.spec.env)]
    return {
        "apiVersion": VERSION,
        "kind": "Service",
        "metadata": metadata(
            face, GROUP, "services", record.name, first.update_time, generation, {},
            {
                **record.spec.notes.own,
                f"{GROUP}/creator": first.updated_by,
                f"{GROUP}/lastModifier": record.spec.updated_by,
            },
        ),
        "spec": {
            "template": {
                "metadata": filled(annotations=record.spec.notes.made),
                "spec": {"containers": containers},
            },
            "traffic": [_target(share) for share in record.spec.traffic],
        },
        "status": filled(
            observedGeneration=generation,
            conditions=[
                condition("Ready", *made),
                condition("ConfigurationsReady", *made),
                condition("RoutesReady", routed(service), latest.since),
            ],
            latestCreatedRevisionName=latest.record.name,
            latestReadyRevisionName=(
                service.latest_ready.record.name if service.latest_ready else None
            ),
            traffic=[
                {**_target(share), "revisionName": one.record.name}
                for share, one in service.serving()
            ],
            url=address,
            address={"url": address} if address else None,
        ),
    }  # fmt: skip


def routed(service: Service) -> Standing:
    """Whether the traffic goes to something: to what served before, where the newest failed."""
    return "True" if service.serving() else READY[service.latest.state]


def _target(share: Share) -> dict[str, Any]:
    which = {"revisionName": share.revision} if share.revision else {"latestRevision": True}
    return {"percent": share.percent, **which}


def _made(one: Revision) -> tuple[Standing, datetime, str, str]:
    """What a condition says of whether a revision is ready."""
    if one.state != "FAILED":
        return READY[one.state], one.since, "", ""
    because = f"{one.why[:1].upper()}{one.why[1:]}."
    message = f"Revision {one.record.name!r} is not ready and cannot serve traffic. {because}"
    return "False", one.since, NOT_LISTENING, message


def resolved(record: RevisionRecord) -> str:
    """The image of a revision by its digest."""
    return f"{parse(record.image).repository}@{record.digest}"


def statuses(service: Service, record: RevisionRecord) -> list[dict[str, Any]]:
    """What each container of a revision runs: there is one."""
    return [{"name": f"{service.record.name}-1", "imageDigest": resolved(record)}]


def revision_object(face: Face, service: Service, one: Revision) -> dict[str, Any]:
    """A revision: the image as it was named, and the digest that it was resolved to."""
    record = one.record
    made = _made(one)
    number = [other.record.name for other in service.revisions].index(record.name) + 1
    return {
        "apiVersion": VERSION,
        "kind": "Revision",
        "metadata": metadata(
            face, GROUP, "revisions", record.name, record.create_time, 1,
            {
                f"{GROUP}/service": service.record.name,
                f"{GROUP}/configuration": service.record.name,
                f"{GROUP}/configurationGeneration": str(number),
            },
            {**record.annotations, f"{GROUP}/creator": record.creator},
        ),
        "spec": {"containers": [container(service.record.name, record.image, record.env)]},
        "status": {
            "observedGeneration": 1,
            "serviceName": service.record.name,
            "imageDigest": resolved(record),
            "containerStatuses": statuses(service, record),
            "conditions": [
                condition("Ready", *made),
                condition("ContainerHealthy", *made),
                condition("Active", "True" if one.running else "False", one.since),
            ],
        },
    }  # fmt: skip
