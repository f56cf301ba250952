"""What a shipment would lack in a project, as far as questions tell that change nothing.

Two kinds are asked: those that a shipment asks itself before its deeds, and whether who asks has
the permissions for the deeds. A question that is not answered says nothing of what it asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlencode

from landed.content.image.reference import parse
from landed.core.action import Missing
from landed.core.errors import LandedError
from landed.core.probe import Workload, WorkloadKind
from landed.core.words import command
from landed.http.failures import PassingError
from landed.providers.gcp import rollout, run, staging, submit
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import Need
from landed.providers.gcp.registry import TAGS, repository_of
from landed.providers.gcp.shapes import part

_PROJECT = "cloudresourcemanager.googleapis.com"
_MEMBER = "MEMBER"
"""Who is to get a role, in a command: `user:…`, or `serviceAccount:…`."""
Tested = Callable[[Sequence[str]], part.Permissions]


def lacks(api: Api, workload: Workload, image: str, *, builds: bool) -> Iterator[Missing]:
    """What is missing for a shipment into a workload, with `builds` also for its image. `image` is
    the name that people deploy, empty where the settings do not say.
    """
    yield from _of_workload(api, workload, image)
    if image:
        yield from _of_repository(api, image)
    if builds:
        yield from _of_bucket(api)
        yield from _of_builds(api)


def _of_workload(api: Api, workload: Workload, image: str) -> Iterator[Missing]:
    stopped = _stopped(lambda: rollout.look(api, workload, image))
    if stopped:
        yield stopped
        return
    kind, needs = run.kind_path(workload), [rollout.CHANGE[workload.kind]]
    if workload.kind is WorkloadKind.JOB:
        needs.append(rollout.START)
    where = run.where(api.place, kind, f"{workload.name}:testIamPermissions")
    grant = api.place.gcloud(
        "run", kind, "add-iam-policy-binding", workload.name, *_role(needs[0]),
        region=api.place.region,
    )  # fmt: skip
    yield from _may(f"{workload.kind} {workload.name}", needs, grant, _tested(api, needs[0], where))


def _of_repository(api: Api, image: str) -> Iterator[Missing]:
    """The repository of the image, where the tag that people deploy moves. It may be in another
    project.
    """
    found = repository_of(parse(image))
    if found is None:
        return
    *parent, name = found
    _, _, project, _, region, _ = parent
    where = path(*parent, f"{name}:testIamPermissions")
    grant = command(
        "gcloud", "artifacts", "repositories", "add-iam-policy-binding", name, *_role(TAGS),
        "--location", region, "--project", project,
    )  # fmt: skip
    yield from _may(f"repository {name}", [TAGS], grant, _tested(api, TAGS, where))


def _of_bucket(api: Api) -> Iterator[Missing]:
    bucket = staging.bucket(api.place)
    stopped = _stopped(lambda: staging.must_be_ours(api, bucket))
    if stopped:
        yield stopped
        return
    needs = [staging.UPLOAD, staging.LISTED]

    def tested(permissions: Sequence[str]) -> part.Permissions:
        asked = urlencode([("permissions", one) for one in permissions])
        where = path("storage", "v1", "b", bucket, "iam", "testPermissions")
        return api.get(needs[0], f"bucket {bucket}", f"{where}?{asked}", part.Permissions)

    grant = api.place.gcloud(
        "storage", "buckets", "add-iam-policy-binding", f"gs://{bucket}", *_role(needs[0])
    )
    yield from _may(f"bucket {bucket}", needs, grant, tested)


def _of_builds(api: Api) -> Iterator[Missing]:
    stopped = _stopped(lambda: submit.tagged(api, submit.tag_of("")))
    if stopped:
        yield stopped
    project, need = api.place.project, submit.CREATE
    where = path("v1", "projects", f"{project}:testIamPermissions")
    asks = Need(api=_PROJECT, permission="", role="")
    grant = command("gcloud", "projects", "add-iam-policy-binding", project, *_role(need))
    yield from _may(f"builds of {project}", [need], grant, _tested(api, asks, where))


def _stopped(look: Callable[[], object]) -> Missing | None:
    """What would stop a shipment, as its own question is not answered now."""
    try:
        look()
    except PassingError as error:
        return Missing(because=error.message, remedy=error.hint, sure=False)
    except LandedError as error:
        return Missing(because=error.message, remedy=error.hint)
    return None


def _tested(api: Api, need: Need, where: str) -> Tested:
    def tested(permissions: Sequence[str]) -> part.Permissions:
        body = {"permissions": list(permissions)}
        return api.post(need, "test of permissions", where, part.Permissions, body)

    return tested


def _may(what: str, needs: Sequence[Need], grant: str, tested: Tested) -> Iterator[Missing]:
    """The permissions that are missing for deeds. Where Google does not say, nobody knows: it may
    be that they are there all the same.
    """
    try:
        has = tested([need.permission for need in needs]).permissions
    except LandedError as error:
        because = f"nobody can tell whether you may {needs[0].verb} {what}: {error.message}"
        yield Missing(because=because, remedy=error.hint, sure=False)
        return
    for need in needs:
        if need.permission not in has:
            because = f"you may not {need.verb} {what}: {need.permission} is missing"
            yield Missing(because=because, remedy=grant)


def _role(need: Need) -> tuple[str, ...]:
    """The end of a command that gives somebody the role of a deed."""
    return ("--member", _MEMBER, "--role", need.role.partition(" ")[0])
