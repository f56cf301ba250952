"""Cloud Run: jobs with their executions, services with their revisions and traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from landed.content.image.reference import split
from landed.core.clock import now
from landed.core.model import Evidence, Station, Strength
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Deployment, Earlier, Execution, ExecutionState, Serving, Variable
from landed.core.seen.switches import shown
from landed.http.failures import plain
from landed.providers.gcp import identity, starts
from landed.providers.gcp.api import Api, Paged, path
from landed.providers.gcp.failures import Need, no_answer
from landed.providers.gcp.place import Place
from landed.providers.gcp.shapes import cloud_run

JOBS = Need(api="run.googleapis.com", permission="run.jobs.get", role="roles/run.viewer")
SERVICES = Need(api="run.googleapis.com", permission="run.services.get", role="roles/run.viewer")
EXECUTIONS = Need(
    api="run.googleapis.com", permission="run.executions.list", role="roles/run.viewer"
)
REVISIONS = Need(api="run.googleapis.com", permission="run.revisions.list", role="roles/run.viewer")
_PAGE = 100
"""How many executions or revisions a page has: no order is promised, so all pages are read."""
KEPT = 1_000
"""How many completed executions of a job Cloud Run keeps: then it deletes the oldest."""
_DONE, _FAILED = "CONDITION_SUCCEEDED", "CONDITION_FAILED"


Made = TypeVar("Made", cloud_run.Execution, cloud_run.Revision)


def job(api: Api, name: str) -> cloud_run.Job:
    """A job as it is now."""
    what = f"job {name}"
    found = api.get(JOBS, what, where(api.place, "jobs", name), cloud_run.Job)
    must_be(JOBS, what, api.place, found.name, "jobs", name)
    return found


def service(api: Api, name: str) -> cloud_run.Service:
    """A service as it is now."""
    what = f"service {name}"
    found = api.get(SERVICES, what, where(api.place, "services", name), cloud_run.Service)
    must_be(SERVICES, what, api.place, found.name, "services", name)
    return found


def executions(api: Api, name: str) -> Sequence[cloud_run.Execution]:
    """A job's executions, newest first."""
    of = ("jobs", name, "executions")
    return _listed(api, EXECUTIONS, cloud_run.Executions, lambda page: page.executions, of)


def revisions(api: Api, name: str) -> Sequence[cloud_run.Revision]:
    """A service's revisions, newest first."""
    of = ("services", name, "revisions")
    return _listed(api, REVISIONS, cloud_run.Revisions, lambda page: page.revisions, of)


def _listed(
    api: Api, need: Need, shape: type[Paged], inside: Callable[[Paged], Iterable[Made]],
    of: tuple[str, str, str],
) -> Sequence[Made]:  # fmt: skip
    """All that was made of a job or a service, newest first."""
    _, name, kind = of
    what = f"list of {kind} of {name}"
    pages = api.pages(need, what, where(api.place, *of), shape, {"pageSize": str(_PAGE)})
    found = [one for page in pages for one in inside(page)]
    identity.below(need, what, api.place, found, *_parts(api.place, *of))
    return sorted(found, key=lambda one: one.create_time, reverse=True)


def where(place: Place, *parts: str) -> str:
    """The path of something of Cloud Run's in a place."""
    return path("v2", "projects", place.project, *_parts(place, *parts))


def must_be(need: Need, what: str, place: Place, said: str, *parts: str) -> None:
    """Raises DataError unless an answer is about this thing of Cloud Run's."""
    identity.named(need, what, place, said, *_parts(place, *parts))


def _parts(place: Place, *parts: str) -> tuple[str, ...]:
    return ("locations", place.region, *parts)


def short(name: str) -> str:
    """The last part of a resource's name."""
    return name.rsplit("/", 1)[-1]


def container(containers: Sequence[cloud_run.Container], image: str) -> cloud_run.Container | None:
    """The container that runs the deployable: the only one, or the one with its image."""
    mine = split(image)[0]
    named = [one for one in containers if split(one.image)[0] == mine]
    chosen = named if image and named else containers
    return chosen[0] if len(chosen) == 1 else None


def digest_in(image: str) -> str | None:
    """The digest that an image's name holds. A tag holds none, and is never asked for one."""
    return split(image)[2]


def execution(
    one: cloud_run.Execution, image: str, place: Place, of: cloud_run.Job | None = None
) -> Execution:
    """An execution as it was seen: by its own template, and not by that of its job, `of`."""
    deployed = container(of.template.template.containers, image) if of else None
    own = container(one.template.containers, image)
    state = _state(one)
    facts: dict[str, Any] = {
        "id": short(one.name),
        "image": own.image if own else [each.image for each in one.template.containers],
        "status": state.value,
        "tasks": one.task_count,
        "succeeded": one.succeeded_count,
        "failed": one.failed_count,
        "cancelled": one.cancelled_count,
        "why": plain(_why(one.conditions)) or None,
        "variables": shown(_variables(own) or ()),
    }
    see = place.gcloud(
        "run", "jobs", "executions", "describe", short(one.name), region=place.region
    )
    return Execution(
        id=short(one.name),
        digest=digest_in(own.image) if own else None,
        started_at=one.start_time or one.create_time,
        finished_at=one.completion_time,
        state=state,
        mounts=_mounts(own),
        variables=_variables(own),
        overridden=starts.overridden(own, deployed),
        remarks=tuple(starts.remarks(own, deployed)),
        evidence=(_recorded(Station.EXECUTION, facts, see),),
    )


def _state(one: cloud_run.Execution) -> ExecutionState:
    """Where an execution stands: an end without a count of what ended is none that was recorded."""
    done = next((c.state for c in one.conditions if c.type == "Completed"), "")
    if one.completion_time is None and done not in {_DONE, _FAILED}:
        return ExecutionState.RUNNING
    if one.failed_count or one.cancelled_count or done == _FAILED:
        return ExecutionState.FAILED
    if one.task_count and one.succeeded_count >= one.task_count:
        return ExecutionState.SUCCEEDED
    return ExecutionState.LOST


def _why(conditions: Iterable[cloud_run.Condition]) -> str:
    return next((c.message for c in conditions if c.state == _FAILED and c.message), "")


def revision(
    one: cloud_run.Revision, image: str, percents: dict[str, int], place: Place
) -> Execution:
    """A revision as it was seen; `percents` is the traffic."""
    name = short(one.name)
    state = _revision_state(one, percents.get(name, 0))
    digest = revision_digest(one, image)
    own = container(one.containers, image)
    facts: dict[str, Any] = {
        "id": name,
        "image": own.image if own else [each.image for each in one.containers],
        "digest": digest,
        "percent": percents.get(name, 0),
        "why": plain(_why(one.conditions)) or None,
        "variables": shown(_variables(own) or ()),
    }
    see = place.gcloud("run", "revisions", "describe", name, region=place.region)
    return Execution(
        id=name,
        digest=digest,
        started_at=one.create_time,
        finished_at=None,
        state=state,
        percent=percents.get(name),
        mounts=_mounts(own),
        variables=_variables(own),
        overridden=starts.overridden(own, own),
        remarks=tuple(starts.remarks(own, own)),
        evidence=(_recorded(Station.EXECUTION, facts, see),),
    )


def _variables(own: cloud_run.Container | None) -> tuple[Variable, ...] | None:
    """The variables that the place sets; None where the container is not known."""
    return tuple(one.said for one in own.env) if own else None


def _mounts(own: cloud_run.Container | None) -> tuple[str, ...]:
    """The folders of the image that a volume covers."""
    return tuple(mount.mount_path for mount in own.volume_mounts) if own else ()


def _revision_state(one: cloud_run.Revision, percent: int) -> ExecutionState:
    ready = next((c.state for c in one.conditions if c.type == "Ready"), "")
    if ready == _FAILED:
        return ExecutionState.FAILED
    if percent:
        return ExecutionState.SERVING
    return ExecutionState.RUNNING if one.reconciling else ExecutionState.SUCCEEDED


def revision_digest(one: cloud_run.Revision, image: str) -> str | None:
    """The digest that a revision was resolved to when it was made; None where none is recorded."""
    own = container(one.containers, image)
    if own is None:
        return None
    resolved = [s for s in one.container_statuses if s.image_digest]
    # The only container may have no name of its own; beside others each has one.
    alone = len(one.containers) == len(resolved) == 1
    mine = resolved if alone else [s for s in resolved if s.name == own.name]
    text = mine[0].image_digest if len(mine) == 1 else ""
    return digest_in(own.image) or digest_in(text) or (text if text.startswith("sha256:") else None)


def percents(one: cloud_run.Service) -> dict[str, int]:
    """The traffic by revision, in percent; the latest one's by its own name. Raises ProviderError
    where some is unaccounted for: whoever takes the rest would not be looked at.
    """
    found: dict[str, int] = {}
    shares = [traffic.percent for traffic in one.traffic_statuses]
    if sum(shares) not in {0, 100} or min(shares, default=0) < 0:
        raise no_answer(SERVICES, f"service {short(one.name)}", "its traffic is not 100 % in all")
    for traffic in one.traffic_statuses:
        name = short(traffic.revision or one.latest_ready_revision)
        found[name] = found.get(name, 0) + traffic.percent
    return {name: percent for name, percent in found.items() if percent}


def job_deployment(
    one: cloud_run.Job,
    seen: Sequence[cloud_run.Execution],
    image: str,
    digest: str | None,
    place: Place,
) -> Deployment:
    """A job's present spec. `digest` is what its image means now.

    Its own time of change moves with more than its image. Where executions have run on this very
    digest without a break since, it was in force when the first of them was made.
    """
    own = container(one.template.template.containers, image)
    name = own.image if own else ", ".join(c.image for c in one.template.template.containers)
    since = one.update_time
    for execution_ in seen:
        before = container(execution_.template.containers, image)
        if before is None or not digest_in(name) or before.image != name:
            break
        since = min(since, execution_.create_time)
    facts = {
        "job": short(one.name),
        "image": name,
        "digest": digest,
        "updated": one.update_time,
        "by": one.last_modifier or None,
    }
    see = place.gcloud("run", "jobs", "describe", short(one.name), region=place.region)
    return Deployment(
        kind=WorkloadKind.JOB.value,
        name=short(one.name),
        image=name,
        digest=digest if own else None,
        pinned=bool(own and digest_in(name)),
        since=since,
        updated_by=one.last_modifier,
        evidence=(_recorded(Station.DEPLOYMENT, facts, see),),
    )


def service_deployment(
    one: cloud_run.Service, seen: Sequence[cloud_run.Revision], image: str, place: Place
) -> Deployment:
    """A service's present spec, and what takes its traffic."""
    own = container(one.template.containers, image)
    name = own.image if own else ", ".join(c.image for c in one.template.containers)
    by_name = {short(each.name): each for each in seen}
    latest = by_name.get(short(one.latest_created_revision))
    shares = percents(one)
    serving = tuple(
        Serving(
            revision=revision_,
            digest=revision_digest(by_name[revision_], image) if revision_ in by_name else None,
            percent=percent,
        )
        for revision_, percent in sorted(shares.items(), key=lambda share: -share[1])
    )
    digest = revision_digest(latest, image) if latest else None
    newest = [(each, revision_digest(each, image)) for each in seen]
    alike = list(takewhile(lambda pair: digest is not None and pair[1] == digest, newest))
    facts = {
        "service": short(one.name),
        "image": name,
        "digest": digest,
        "latest": short(one.latest_created_revision),
        "traffic": [[share.revision, share.percent, share.digest] for share in serving],
        "updated": one.update_time,
        "by": one.last_modifier or None,
    }
    see = place.gcloud("run", "services", "describe", short(one.name), region=place.region)
    return Deployment(
        kind=WorkloadKind.SERVICE.value,
        name=short(one.name),
        image=name,
        digest=digest if own else None,
        pinned=bool(own and digest_in(name)),
        since=alike[-1][0].create_time if alike else one.update_time,
        updated_by=(latest.creator if latest else "") or one.last_modifier,
        earlier=tuple(
            Earlier(digest=of, since=was.create_time, updated_by=was.creator)
            for was, of in newest[len(alike) :]
        ),
        serving=serving,
        latest=short(one.latest_created_revision),
        not_ready=_not_ready(latest),
        deploying=latest is not None and latest.reconciling,
        evidence=(_recorded(Station.DEPLOYMENT, facts, see),),
    )


def _not_ready(latest: cloud_run.Revision | None) -> str:
    """Why the newest revision can never serve; empty where it can, or where that is open."""
    conditions = latest.conditions if latest else ()
    failed = next((c for c in conditions if c.type == "Ready" and c.state == _FAILED), None)
    return plain(failed.message or failed.reason or "it did not become ready") if failed else ""


def _recorded(station: Station, facts: dict[str, Any], see: str) -> Evidence:
    return Evidence(
        station=station, strength=Strength.RECORDED, facts=facts, see=see, observed_at=now()
    )


def kind_path(workload: Workload) -> str:
    """How gcloud and the paths of Cloud Run call its kind."""
    return "jobs" if workload.kind is WorkloadKind.JOB else "services"
