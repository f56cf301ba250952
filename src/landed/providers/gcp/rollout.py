"""Changes a job or a service of Cloud Run, and starts jobs, each once for a key.

The keys stand in annotations, and nothing else is changed: all of it is read, and sent back with
its etag, which Google refuses where somebody else has changed it meanwhile.
"""

from __future__ import annotations

import secrets
from typing import Any

from landed.core.clock import now
from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.probe import Workload, WorkloadKind
from landed.http.failures import PassingError, plain
from landed.providers.gcp import run
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import ConflictError, MissingError, Need
from landed.providers.gcp.shapes import cloud_run
from landed.providers.gcp.waiting import patiently, until

_RUN, _DEVELOPER = "run.googleapis.com", "roles/run.developer"
SEE = {WorkloadKind.JOB: run.JOBS, WorkloadKind.SERVICE: run.SERVICES}
CHANGE = {
    kind: Need(api=_RUN, permission=f"run.{kind}s.update", role=_DEVELOPER, verb="change")
    for kind in WorkloadKind
}
START = Need(api=_RUN, permission="run.jobs.run", role=_DEVELOPER, verb="start")
OPERATIONS = Need(api=_RUN, permission="run.operations.get", role="roles/run.viewer")
DEPLOYED, STARTED, TURN = "landed-deployed", "landed-execution", "landed-turn"
"""Annotations: the keys by which it was deployed, the newest first, on a service's revision its own
one; on a job's executions the key by which each was started, and which turn at starting that was.
"""
_KEPT = 20
"""How many keys a workload keeps: no shipment is gone on with after so many others."""
_CHANGE_SECONDS = 300.0
_TRIES = 3
_ONE_SHOT = ("startExecutionToken", "runExecutionToken")
"""What would start an execution by the change itself."""


def deploy(
    api: Api, deeds: Api, key: str, workload: Workload, image: str, mine: str
) -> cloud_run.Operation | None:
    """Pins a workload to `image`, and returns the change that is on its way; None where there is
    none. What was done by this key is not done again, even where it was changed since. `mine` is
    the name that people deploy: it says which container is meant.
    """
    failed: ProviderError | None = None
    generation = None
    for _ in range(_TRIES):
        found = _read(api, workload)
        if key in _keys(found):
            return None
        if isinstance(failed, ConflictError) and found.get("generation") != generation:
            # Not by the place itself, as when a revision becomes ready: by somebody.
            raise failed
        generation = found.get("generation")
        own = _container(found, workload, mine)
        own["image"] = image
        kept = [key, *_keys(found)][:_KEPT]
        found["annotations"] = {**_part(found, "annotations"), DEPLOYED: " ".join(kept)}
        if workload.kind is WorkloadKind.SERVICE:
            # So that it makes a revision for this key, whatever it ran before.
            template = _part(found, "template")
            template["annotations"] = {**_part(template, "annotations"), DEPLOYED: key}
        try:
            return _send(deeds, workload, found)
        except (PassingError, ConflictError) as error:
            # It may have been done all the same: the resource itself tells.
            failed = error
    raise failed or ProviderError(f"{_what(workload)} was not asked for", "ship once more")


def awaited(api: Api, workload: Workload, begun: cloud_run.Operation) -> None:
    """Waits until a change is in force. Raises ProviderError where it fails, or takes too long."""
    what = _what(workload)
    see = api.place.gcloud(
        "run", run.kind_path(workload), "describe", workload.name, region=api.place.region
    )

    def look() -> cloud_run.Operation | None:
        known = path("v2", *begun.name.split("/"))
        one = begun if begun.done else api.get(OPERATIONS, what, known, cloud_run.Operation)
        return one if one.done else None

    late = f"Cloud Run has not finished the change of {what} within {_CHANGE_SECONDS:.0f} s"
    ended = until(look, _CHANGE_SECONDS, ProviderError(late, see))
    if ended.error:
        why = plain(api.who.hidden(ended.error.message))
        raise ProviderError(f"Cloud Run could not change {what}: {why}", see)


def execute(api: Api, deeds: Api, key: str, job: Workload) -> str:
    """Starts a job, and returns the execution's id at once.

    Each turn marks the job first. A request of an earlier turn that is still on its way then
    carries an etag that is no longer the job's, and is refused: so the list of executions, read
    after that, tells for certain whether an earlier turn has started one.
    """
    lost = ""
    for turn in range(_TRIES + 1):
        try:
            etag = _marked(api, deeds, key, job)
            if begun := started(api, key, job.name):
                return begun
            if turn == _TRIES:
                # It was marked once more: what is still on its way starts nothing.
                raise ProviderError(
                    f"Cloud Run did not start {_what(job)}: {lost}",
                    "it was not started; try later",
                )
            return _run(deeds, job, etag)
        except (PassingError, ConflictError) as error:
            lost = error.message
    listed = api.place.gcloud(
        "run", "jobs", "executions", "list", "--job", job.name, region=api.place.region
    )
    raise ProviderError(
        f"nobody can tell whether {_what(job)} was started: {lost}",
        f"see `{listed}` before you start it again",
    )


def started(api: Api, key: str, name: str) -> str:
    """The execution that was started by a key; empty where there is none."""
    found = patiently(lambda: run.executions(api, name))
    mine = [one for one in found if one.annotations.get(STARTED) == key]
    return run.short(mine[-1].name) if mine else ""


def _marked(api: Api, deeds: Api, key: str, job: Workload) -> str:
    """The job's etag, after its executions were given this key, and the turn is a new one."""
    found = _read(api, job)
    template = _part(found, "template")
    turn = f"{now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    notes = {**_part(template, "annotations"), STARTED: key, TURN: turn}
    found["template"] = {**template, "annotations": notes}
    awaited(api, job, _send(deeds, job, found))
    after = _read(api, job)
    if _part(_part(after, "template"), "annotations").get(TURN) != turn:
        raise ConflictError(f"{_what(job)} was changed by somebody else", "see who starts it too")
    return str(after["etag"])


def _run(deeds: Api, job: Workload, etag: str) -> str:
    where = run.where(deeds.place, "jobs", f"{job.name}:run")
    begun = deeds.send(START, _what(job), "POST", where, cloud_run.Operation, {"etag": etag})
    if not begun.metadata.name:
        raise PassingError(f"Cloud Run does not say which execution of {job.name} it started")
    execution = run.short(begun.metadata.name)
    whole = ("jobs", job.name, "executions", execution)
    run.must_be(START, _what(job), deeds.place, begun.metadata.name, *whole)
    return execution


def look(api: Api, workload: Workload, mine: str) -> None:
    """Raises what would keep `deploy` from beginning: it is not there, or nothing says which of its
    containers is meant. Where nothing names `mine`, the name is that of what is deployed.
    """
    found = _read(api, workload)
    if mine:
        _container(found, workload, mine)


def _read(api: Api, workload: Workload) -> dict[str, Any]:
    """It as Cloud Run has it. Raises DataError where it has no etag: nothing would tell of a change
    by somebody else.
    """
    what, kind = _what(workload), run.kind_path(workload)
    where = run.where(api.place, kind, workload.name)
    try:
        found = patiently(lambda: api.document(SEE[workload.kind], what, where))
    except MissingError as error:
        words = ("jobs", "create") if workload.kind is WorkloadKind.JOB else ("deploy",)
        make = api.place.gcloud(
            "run", *words, workload.name, "--image", "IMAGE", region=api.place.region
        )
        raise UsageError(
            f"{error.message}; landed makes none, as it would have to guess what it may do",
            make,
        ) from error
    run.must_be(SEE[workload.kind], what, api.place, str(found.get("name")), kind, workload.name)
    if not isinstance(found.get("etag"), str):
        raise DataError(f"{what} came without an etag", "is there a proxy between?")
    return {field: value for field, value in found.items() if field not in _ONE_SHOT}


def _send(deeds: Api, workload: Workload, changed: dict[str, Any]) -> cloud_run.Operation:
    """Sends it back. A revision gets a name of its own, and not that of the one before."""
    if workload.kind is WorkloadKind.SERVICE:
        template = _part(changed, "template")
        own = {field: value for field, value in template.items() if field != "revision"}
        changed = {**changed, "template": own}
    where = run.where(deeds.place, run.kind_path(workload), workload.name)
    need = CHANGE[workload.kind]
    return deeds.send(need, _what(workload), "PATCH", where, cloud_run.Operation, changed)


def _what(workload: Workload) -> str:
    return f"{workload.kind} {workload.name}"


def _keys(found: dict[str, Any]) -> list[str]:
    return str(_part(found, "annotations").get(DEPLOYED, "")).split()


def _container(found: dict[str, Any], workload: Workload, mine: str) -> dict[str, Any]:
    """The container of the deployable, by the rule that a trace goes by: a part of `found`."""
    task = _part(found, "template")
    if workload.kind is WorkloadKind.JOB:
        task = _part(task, "template")
    listed = _part(task, "containers", list)
    known = [cloud_run.Container(image=str(one.get("image"))) for one in listed]
    own = run.container(known, mine)
    if own is None:
        raise UsageError(
            f"{_what(workload)} has {len(listed)} containers, and none is known to be this one",
            'say which image is meant: image = "…" in its [deployables] table',
        )
    chosen: dict[str, Any] = listed[next(at for at, one in enumerate(known) if one is own)]
    return chosen


def _part(document: dict[str, Any], field: str, kind: type = dict) -> Any:
    """A part of it; an empty one where there is none. Raises DataError for another kind."""
    found = document.get(field, kind())
    if not isinstance(found, kind):
        raise DataError(f"`{field}` of it is something else", "is there a proxy between?")
    return found
