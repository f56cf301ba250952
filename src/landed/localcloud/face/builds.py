"""Cloud Build, version 1: builds and their operations, global and of the region."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from landed.localcloud.cloudbuild.builds import NO_BUCKET
from landed.localcloud.cloudbuild.config import parse
from landed.localcloud.face import filters
from landed.localcloud.face.answers import Refusal, absent, filled, moment, page
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import NUMBER, Face
from landed.localcloud.records import BuildRecord, SourceRecord, StepRecord

GLOBAL = "global"
_TYPES = "type.googleapis.com/google.devtools.cloudbuild.v1"
_MOST = 1000
_STATUS = {"LOST": "INTERNAL_ERROR"}
_CODES = {"FAILURE": 2, "LOST": 13, "CANCELLED": 1, "TIMEOUT": 4}
"""The codes of google.rpc.Status."""


def service(face: Face) -> Service:
    """Builds under both of their paths."""
    everywhere = [
        one
        for top in ("/v1/projects/{project}", "/v1/projects/{project}/locations/{location}")
        for one in (
            route(face, "POST", f"{top}/builds", create),
            route(face, "GET", f"{top}/builds", list_),
            route(face, "POST", f"{top}/builds/{{build}}:cancel", cancel),
            route(face, "GET", f"{top}/builds/{{build}}", get),
        )
    ]
    return Service(
        hosts=("cloudbuild.googleapis.com",),
        routes=(
            *everywhere,
            route(
                face,
                "GET",
                "/v1/projects/{project}/locations/{location}/operations/{id}",
                operation,
            ),
            route(face, "GET", "/v1/operations/build/{project}/{id}", operation),
        ),
    )


def location(call: Call) -> str:
    """The location that a path names, checked with its project. Raises Refusal."""
    call.face.must_be_mine(call.path["project"])
    where = call.path.get("location", GLOBAL)
    if where != GLOBAL:
        call.face.must_be_here(where)
    return where


def create(call: Call) -> dict[str, Any]:
    """Begins a build."""
    where = location(call)
    record = call.face.builds.create(parse(call.json()), where)
    return begun(call.face, record)


def list_(call: Call) -> dict[str, Any]:
    """Builds of a location, newest first, through the filter."""
    where = location(call)
    wanted = filters.parse(call.query["filter"]) if call.query.get("filter") else None
    found = [one for one in call.face.builds.all() if one.location == where]
    if wanted is not None:
        found = [one for one in found if wanted(shown(call.face, one))]
    part, more = page(found, call.query.get("pageSize"), call.query.get("pageToken"), _MOST)
    return filled(builds=[shown(call.face, one) for one in part], nextPageToken=more)


def _found(call: Call, build: str) -> BuildRecord:
    where = location(call)
    record = call.face.builds.get(build)
    if record is None or record.location != where:
        raise absent("Requested entity")
    return record


def get(call: Call) -> dict[str, Any]:
    """A build."""
    return shown(call.face, _found(call, call.path["build"]))


def cancel(call: Call) -> dict[str, Any]:
    """Ends a build before its next step."""
    record = _found(call, call.path["build"])
    if not call.face.builds.cancel(record.id):
        raise Refusal(400, "The build is not running.", "FAILED_PRECONDITION")
    return shown(call.face, _found(call, record.id))


def operation(call: Call) -> dict[str, Any]:
    """The operation that a build is; its id is the build's, in base64 where that is global."""
    name = call.path["id"]
    if "location" not in call.path:
        try:
            name = base64.b64decode(name, validate=True).decode()
        except (binascii.Error, ValueError):
            raise absent("The operation") from None
    return begun(call.face, _found(call, name))


def begun(face: Face, record: BuildRecord) -> dict[str, Any]:
    """A build as the operation that it is."""
    build = shown(face, record)
    if record.location == GLOBAL:
        id_ = base64.b64encode(record.id.encode()).decode()
        name = f"operations/build/{face.project.id}/{id_}"
    else:
        name = f"projects/{face.project.id}/locations/{record.location}/operations/{record.id}"
    found: dict[str, Any] = {
        "name": name,
        "metadata": {"@type": f"{_TYPES}.BuildOperationMetadata", "build": build},
    }
    if record.status == "SUCCESS":
        found |= {"done": True, "response": {"@type": f"{_TYPES}.Build", **build}}
    elif record.status in _CODES:
        message = record.failure or "the builder was lost"
        found |= {"done": True, "error": {"code": _CODES[record.status], "message": message}}
    return found


def shown(face: Face, record: BuildRecord) -> dict[str, Any]:
    """A build as Cloud Build shows it."""
    asked = record.asked
    options = asked.get("options", {})
    logs = "" if options.get("logging") in NO_BUCKET else _logs_bucket(face, record)
    status = _STATUS.get(record.status, record.status)
    if record.status == "WORKING" and record.start_time is None:
        status = "QUEUED"
    return {
        **{key: value for key, value in asked.items() if value},
        **filled(
            id=record.id,
            name=f"projects/{NUMBER}/locations/{record.location}/builds/{record.id}",
            projectId=face.project.id,
            status=status,
            statusDetail=record.failure,
            failureInfo=_failure(record),
            createTime=moment(record.create_time),
            startTime=record.start_time and moment(record.start_time),
            finishTime=record.finish_time and moment(record.finish_time),
            timeout=asked.get("timeout") or "600s",
            queueTtl=asked.get("queueTtl") or "3600s",
            steps=[_step(*pair) for pair in zip(asked.get("steps", ()), record.steps, strict=True)],
            results=_results(record),
            images=list(record.tags),
            artifacts=filled(images=list(record.tags)),
            buildTriggerId=record.trigger,
            substitutions=record.substitutions,
            sourceProvenance=_provenance(face, record),
            timing=_timing(record),
            logsBucket=logs and f"gs://{logs}",
            logUrl=logs and f"https://storage.googleapis.com/{logs}/log-{record.id}.txt",
            warnings=[{"priority": "INFO", "text": text} for text in record.warnings],
        ),
    }


def _logs_bucket(face: Face, record: BuildRecord) -> str:
    given = str(record.asked.get("logsBucket", "")).removeprefix("gs://").rstrip("/")
    # A build of `landed cloud build` keeps no log anywhere.
    return given or (face.builds.where.logs_bucket if record.asked else "")


def _span(start: Any, end: Any) -> dict[str, str]:
    return filled(startTime=start and moment(start), endTime=end and moment(end))


def _step(asked: dict[str, Any], record: StepRecord) -> dict[str, Any]:
    timing = _span(record.start_time, record.finish_time)
    return asked | filled(status=record.status, timing=timing, exitCode=record.exit_code)


def _failure(record: BuildRecord) -> dict[str, str]:
    return filled(type=record.failure_type, detail=record.failure if record.failure_type else "")


def _results(record: BuildRecord) -> dict[str, Any]:
    end = record.finish_time
    images = [
        {"name": image.name, "digest": image.digest, "pushTiming": _span(end, end)}
        for image in record.images
    ]
    return filled(images=images, buildStepImages=["" for _ in record.steps])


def _timing(record: BuildRecord) -> dict[str, Any]:
    ran = [one for one in record.steps if one.start_time]
    if not ran:
        return {}
    last = ran[-1].finish_time
    found = {
        "FETCHSOURCE": _span(record.start_time, ran[0].start_time),
        "BUILD": _span(ran[0].start_time, last),
    }
    if record.images:
        found["PUSH"] = _span(last, record.finish_time)
    return found


def _provenance(face: Face, record: BuildRecord) -> dict[str, Any]:
    """What the source really was. Cloud Build has no word for a link of Developer Connect here, and
    knows nothing of what a step has cloned.
    """
    asked = record.asked.get("source", {})
    source = record.fetched or record.source
    if source is None or not asked:
        return {}
    if source.stored:
        return {"resolvedStorageSource": _stored(source)}
    commit = source.resolved_commit or ""
    if "gitSource" in asked:
        return {"resolvedGitSource": {**asked["gitSource"], "revision": commit}}
    if "connectedRepository" in asked:
        return {"resolvedConnectedRepository": {**asked["connectedRepository"], "revision": commit}}
    if "repoSource" in asked:
        name = asked["repoSource"].get("repoName", "")
        repo = filled(projectId=face.project.id, repoName=name, commitSha=commit)
        return {"resolvedRepoSource": repo}
    return {}


def _stored(source: SourceRecord) -> dict[str, str]:
    stored = source.stored
    if stored is None:
        return {}
    return {"bucket": stored.bucket, "object": stored.name, "generation": str(stored.generation)}
