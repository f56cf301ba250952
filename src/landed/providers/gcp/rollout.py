"""Changes a job of Cloud Run and starts it, each once for a key.

The keys stand in annotations, and nothing else of a job is changed: all of it is read, and sent
back with its etag, which Google refuses where somebody else has changed it meanwhile.
"""

from __future__ import annotations

import secrets
from typing import Any

from landed.core.clock import now
from landed.core.errors import DataError, ProviderError, UsageError
from landed.http.failures import PassingError, plain
from landed.providers.gcp import run, shapes
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import ConflictError, MissingError, Need
from landed.providers.gcp.place import Place
from landed.providers.gcp.waiting import patiently, until

CHANGE = Need(
    api="run.googleapis.com",
    permission="run.jobs.update",
    role="roles/run.developer",
    verb="change",
)
START = Need(
    api="run.googleapis.com",
    permission="run.jobs.run",
    role="roles/run.developer",
    verb="start",
)
OPERATIONS = Need(
    api="run.googleapis.com", permission="run.operations.get", role="roles/run.viewer"
)
DEPLOYED, STARTED, TURN = "landed-deployed", "landed-execution", "landed-turn"
"""Annotations: the keys by which a job was deployed, the newest first; on its executions the key by
which each was started, and which turn at starting it that was.
"""
_KEPT = 20
_SECONDS = 300.0
_TRIES = 3
_ONE_SHOT = ("startExecutionToken", "runExecutionToken")
"""What would start an execution by the change itself."""


def deploy(api: Api, deeds: Api, key: str, name: str, image: str, mine: str) -> None:
    """Pins a job to `image`. What was done by this key is not done again, even where the job was
    changed since. `mine` is the name that people deploy: it says which container is meant.
    """
    failed: ProviderError | None = None
    for _ in range(_TRIES):
        job = _job(api, name)
        if key in _keys(job):
            return
        if isinstance(failed, ConflictError):
            raise failed
        own = _container(job, name, mine)
        own["image"] = image
        kept = [key, *_keys(job)][:_KEPT]
        job["annotations"] = {**_map(job, "annotations"), DEPLOYED: " ".join(kept)}
        try:
            _changed(api, deeds, name, job)
        except (PassingError, ConflictError) as error:
            # It may have been done all the same: the job itself tells.
            failed = error
        else:
            return
    raise failed or ProviderError(f"job {name} was not asked for", "ship once more")


def execute(api: Api, deeds: Api, key: str, name: str) -> str:
    """Starts a job, and returns the execution's id at once.

    Each turn marks the job first. A request of an earlier turn that is still on its way then
    carries an etag that is no longer the job's, and is refused: so the list of executions, read
    after that, tells for certain whether an earlier turn has started one.
    """
    lost = ""
    for turn in range(_TRIES + 1):
        try:
            etag = _marked(api, deeds, key, name)
            if begun := started(api, key, name):
                return begun
            if turn == _TRIES:
                # It was marked once more: what is still on its way starts nothing.
                raise ProviderError(
                    f"Cloud Run did not start job {name}: {lost}", "it was not started; try later"
                )
            return _run(deeds, name, etag)
        except (PassingError, ConflictError) as error:
            lost = error.message
    raise ProviderError(
        f"nobody can tell whether job {name} was started: {lost}",
        f"see `{_executions(api.place, name)}` before you start it again",
    )


def started(api: Api, key: str, name: str) -> str:
    """The execution that was started by a key; empty where there is none."""
    found = patiently(lambda: run.executions(api, name))
    mine = [one for one in found if one.annotations.get(STARTED) == key]
    return run.short(mine[-1].name) if mine else ""


def _marked(api: Api, deeds: Api, key: str, name: str) -> str:
    """The job's etag, after its executions were given this key, and the turn is a new one."""
    job = _job(api, name)
    template = _map(job, "template")
    turn = f"{now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    notes = {**_map(template, "annotations"), STARTED: key, TURN: turn}
    job["template"] = {**template, "annotations": notes}
    _changed(api, deeds, name, job)
    after = _job(api, name)
    if _map(_map(after, "template"), "annotations").get(TURN) != turn:
        raise ConflictError(f"job {name} was changed by somebody else", "see who starts it too")
    return str(after["etag"])


def _run(deeds: Api, name: str, etag: str) -> str:
    where = _path(deeds.place, "jobs", f"{name}:run")
    begun = deeds.send(START, f"job {name}", "POST", where, shapes.Operation, {"etag": etag})
    if not begun.metadata.name:
        raise PassingError(f"Cloud Run does not say which execution of {name} it started", "")
    return run.short(begun.metadata.name)


def _job(api: Api, name: str) -> dict[str, Any]:
    """A job as Cloud Run has it. Raises DataError where it has no etag: nothing would tell of a
    change by somebody else.
    """
    where = _path(api.place, "jobs", name)
    try:
        job = patiently(lambda: api.document(run.JOBS, f"job {name}", where))
    except MissingError as error:
        create = api.place.gcloud(
            "run", "jobs", "create", name, "--image", "IMAGE", region=api.place.region
        )
        raise UsageError(
            error.message,
            f"landed makes no job, as it would have to guess what it may do: {create}",
        ) from error
    if not isinstance(job.get("etag"), str):
        raise DataError(f"job {name} came without an etag", "is there a proxy between?")
    return {field: value for field, value in job.items() if field not in _ONE_SHOT}


def _changed(api: Api, deeds: Api, name: str, job: dict[str, Any]) -> None:
    """Sends a job back, and waits until the change is in force."""
    what = f"job {name}"
    where = _path(api.place, "jobs", name)
    begun = deeds.send(CHANGE, what, "PATCH", where, shapes.Operation, job)

    def look() -> shapes.Operation | None:
        known = path("v2", *begun.name.split("/"))
        one = begun if begun.done else api.get(OPERATIONS, what, known, shapes.Operation)
        return one if one.done else None

    late = ProviderError(
        f"Cloud Run has not finished the change of {what} within {_SECONDS:.0f} s",
        api.place.gcloud("run", "jobs", "describe", name, region=api.place.region),
    )
    ended = until(look, _SECONDS, late)
    if ended.error:
        raise ProviderError(
            f"Cloud Run could not change {what}: {plain(api.who.hidden(ended.error.message))}",
            api.place.gcloud("run", "jobs", "describe", name, region=api.place.region),
        )


def _keys(job: dict[str, Any]) -> list[str]:
    return str(_map(job, "annotations").get(DEPLOYED, "")).split()


def _container(job: dict[str, Any], name: str, mine: str) -> dict[str, Any]:
    """The container of the deployable, by the rule that a trace goes by. It is a part of `job`."""
    listed = _map(_map(_map(job, "template"), "template"), "containers", list)
    known = [shapes.Container(image=str(one.get("image"))) for one in listed]
    own = run.container(known, mine)
    if own is None:
        raise UsageError(
            f"job {name} has {len(listed)} containers, and none that is known to be this one",
            'say which image is meant: image = "…" in its [deployables] table',
        )
    found: dict[str, Any] = listed[next(at for at, one in enumerate(known) if one is own)]
    return found


def _map(document: dict[str, Any], field: str, kind: type = dict) -> Any:
    """A part of a job; an empty one where there is none. Raises DataError for another kind."""
    found = document.get(field, kind())
    if not isinstance(found, kind):
        raise DataError(f"the job's `{field}` is something else", "is there a proxy between?")
    return found


def _path(place: Place, *parts: str) -> str:
    return path("v2", "projects", place.project, "locations", place.region, *parts)


def _executions(place: Place, name: str) -> str:
    return place.gcloud("run", "jobs", "executions", "list", "--job", name, region=place.region)
