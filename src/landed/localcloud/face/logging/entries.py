"""`entries:list`: what jobs and services wrote, filtered, by time, in pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from landed.localcloud.cloudbuild.running import LogEntry
from landed.localcloud.face.answers import Refusal, filled, invalid
from landed.localcloud.face.calls import Call, Service, route
from landed.localcloud.face.face import Face
from landed.localcloud.face.logging.filters import compiled
from landed.localcloud.logbook import HERE, stamp
from landed.localcloud.records import BuildRecord

_MOST = 1000
_USUAL = 50
_NEWEST, _OLDEST = "timestamp desc", "timestamp asc"


def service(face: Face) -> Service:
    """Version 2, as far as entries are read."""
    return Service(
        hosts=("logging.googleapis.com",),
        routes=(route(face, "POST", "/v2/entries:list", list_entries),),
    )


def list_entries(call: Call) -> dict[str, Any]:
    """One page of the entries that a filter means, oldest first unless the order is said."""
    face, document = call.face, call.json()
    _must_be_mine(face, document)
    words = document.get("filter") or ""
    order = document.get("orderBy") or _OLDEST
    size = document.get("pageSize") or _USUAL
    if not isinstance(words, str):
        raise invalid("filter must be text")
    if order not in (_NEWEST, _OLDEST, "timestamp"):
        raise invalid(f"orderBy must be {_OLDEST!r} or {_NEWEST!r}")
    if not isinstance(size, int) or size < 0:
        raise invalid("pageSize must be a number that is not negative")
    wanted = compiled(words)
    found = sorted(filter(wanted, everything(face)), key=_place, reverse=order == _NEWEST)
    if token := document.get("pageToken"):
        # A page goes on behind an entry, not at a number: new entries may have come between.
        last = _behind(token)
        found = [e for e in found if (_place(e) < last if order == _NEWEST else _place(e) > last)]
    some = found[: min(size, _MOST)]
    following = _token(some[-1]) if len(some) < len(found) else None
    return filled(entries=some, nextPageToken=following)


def _place(entry: dict[str, Any]) -> tuple[str, ...]:
    """Where an entry stands among all: by time, and where times are the same, by who wrote it."""
    return str(entry["timestamp"]), str(entry["insertId"]), *map(str, entry["labels"].values())


def _token(entry: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(_place(entry)).encode()).decode()


def _behind(token: Any) -> tuple[str, ...]:
    """The place of the entry that a page ended with. Raises Refusal for no token of ours."""
    try:
        words = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (ValueError, TypeError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise invalid("the page token is invalid")
    return tuple(words)


def _must_be_mine(face: Face, document: dict[str, Any]) -> None:
    """Raises Refusal where another project's entries are asked for, or nobody's."""
    names = [*_words(document, "resourceNames"), *_words(document, "projectIds", "projects/")]
    if not names:
        raise invalid("resourceNames names no project")
    for name in names:
        kind, _, project = name.partition("/")
        project = project.partition("/")[0]
        if kind != "projects":
            raise Refusal(403, f"There is nothing at {name!r} that the caller may see")
        face.must_be_mine(project)


def _words(document: dict[str, Any], field: str, before: str = "") -> list[str]:
    found = document.get(field) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise invalid(f"{field} must be a list of names")
    return [f"{before}{one}" for one in found]


def everything(face: Face) -> Iterator[dict[str, Any]]:
    """Every entry of every job, service and build, as the face's project has it."""
    cloud = face.cloud
    for job in cloud.jobs():
        yield from (_here(face, entry) for entry in cloud.logs(job))
    for name in cloud.services.names():
        yield from (_here(face, entry) for entry in cloud.services.logs(name))
    for build in face.builds.all():
        for number, said in enumerate(face.builds.said(build)):
            yield _of_build(face, build, number, said)


def _of_build(face: Face, build: BuildRecord, number: int, said: LogEntry) -> dict[str, Any]:
    labels = {"build_id": build.id, "build_trigger_id": build.trigger}
    tags = ",".join(build.asked.get("tags", ()))
    return {
        "logName": f"projects/{face.project.id}/logs/cloudbuild",
        "resource": {"type": "build", "labels": {**labels, "project_id": face.project.id}},
        "timestamp": stamp(said.at),
        "receiveTimestamp": stamp(said.at),
        "insertId": f"{build.id}-{number:06}",
        "severity": "INFO",
        "labels": {"build_step": said.step, "build_tags": tags},
        "textPayload": said.text,
    }


def _here(face: Face, entry: dict[str, Any]) -> dict[str, Any]:
    """An entry under the project and the region that the face plays. One of another project came
    by a sink, and stays as it is.
    """
    project, resource = face.project.id, entry["resource"]
    if resource["labels"].get("project_id") not in {None, HERE["project_id"]}:
        return entry
    labels = {**resource["labels"], "location": face.project.region, "project_id": project}
    log = str(entry["logName"]).rpartition("/")[2]
    return {
        **entry,
        "logName": f"projects/{project}/logs/{log}",
        "resource": {**resource, "labels": labels},
    }
