"""Cloud Build: builds of the region and of none, and what starts them by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from landed.content.image.reference import split
from landed.core.clock import now
from landed.core.model import Evidence, Frozen, Station, Strength
from landed.core.probe import BuildRecord, Trigger
from landed.core.redact import redact
from landed.core.seen import Build, BuildState, Claim, SourceKind
from landed.http.failures import plain
from landed.providers.gcp import identity, sources
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.failures import Need
from landed.providers.gcp.place import GLOBAL, Place
from landed.providers.gcp.shapes import cloud_build
from landed.providers.gcp.steps import packing

BUILDS = Need(
    api="cloudbuild.googleapis.com",
    permission="cloudbuild.builds.list",
    role="roles/cloudbuild.builds.viewer",
)
_MOST = 100
"""How many builds of a region are looked at, the newest ones."""
_LOST = timedelta(hours=25)
"""A build ends within a day, by Cloud Build's own limit."""
_RUNNING = frozenset({"PENDING", "QUEUED", "WORKING"})
_FAILED = frozenset({"FAILURE", "INTERNAL_ERROR", "TIMEOUT", "CANCELLED", "EXPIRED"})
SMOKE = "landed-smoke"
"""The tag of a build that only tries an image: it makes none, and is no build of anything."""
UNPINNED = ("Cloud Build records neither its base nor what RUN steps fetched",)


class Found(Frozen):
    """A build's record, with what is needed to ask for its upload."""

    record: BuildRecord
    given: sources.Given
    begun: datetime
    images: dict[str, str]
    hashes: dict[str, cloud_build.Hashes]


Raw = tuple[cloud_build.Build, str]
"""A build as it came, and its region."""


def listed(api: Api) -> list[Raw]:
    """All builds, newest first, each with its region. Where one region cannot be seen, that is
    raised: half a list would pass for a whole one.
    """
    regions = list(dict.fromkeys((GLOBAL, api.place.build_region)))
    answers = _side_by_side(lambda region: _of_region(api, region), regions)
    known = {
        build.id: (build, region)
        for builds, region in answers
        for build in builds
        if SMOKE not in build.tags or build.images or build.results.images
    }
    return sorted(known.values(), key=lambda one: one[0].create_time, reverse=True)


def _of_region(api: Api, region: str) -> list[cloud_build.Build]:
    where = path("v1", "projects", api.place.project, "locations", region, "builds")
    what = f"list of builds of {region}"
    found: list[cloud_build.Build] = []
    # A page may have fewer than were asked for, or none, and not be the last.
    for page in api.pages(BUILDS, what, where, cloud_build.Builds, {"pageSize": str(_MOST)}):
        found += page.builds
        if len(found) >= _MOST:
            break
    for build in found:
        if build.project_id != api.place.project:
            raise identity.other(BUILDS, what, f"a build of project {build.project_id or '?'}")
        if build.name:
            own = ("locations", region, "builds", build.id)
            identity.named(BUILDS, what, api.place, build.name, *own)
    return found[:_MOST]


def _side_by_side(
    ask: Callable[[str], list[Any]], regions: Sequence[str]
) -> list[tuple[list[Any], str]]:
    with ThreadPoolExecutor(max_workers=len(regions)) as pool:
        return list(zip(pool.map(ask, regions), regions, strict=True))


def found(raw: Raw, place: Place, image: str) -> Found:
    """A build as landed reads it; the images of the deployable come before those of others."""
    build, region = raw
    given = sources.given(build)
    described = place.gcloud("builds", "describe", build.id, region=region)
    results = _mine_first(build.results.images, image)
    names = tuple(dict.fromkeys((*(one.name for one in results), *build.images)))
    digests = {one.name: one.digest for one in results}
    packed = packing(build.steps, names[:1], build.substitutions)
    given, inner = sources.of_image(build, given, packed.folder)
    folder = "/".join(part for part in (given.folder.strip("/."), inner) if part)
    record = BuildRecord(
        build=Build(
            id=build.id,
            state=_state(build),
            started_at=build.create_time,
            finished_at=build.finish_time,
            pushed=tuple(dict.fromkeys(one.digest for one in results)),
            names=names,
            failure=_failure(build),
            unpinned=UNPINNED,
            trigger=_trigger_of(build, region, place),
            claims=tuple(_claims(build, given.commit)),
            evidence=(_evidence(build, region, described),),
        ),
        kind=given.kind,
        url=redact(given.url),
        ref=given.ref,
        commit=given.commit,
        requested=given.requested,
        tip_then=given.tip_then,
        folder=folder if folder or given.kind is SourceKind.CLONE else None,
        dockerfile=packed.dockerfile,
        build_args=packed.build_args,
        unread=packed.unread,
        digests=digests if len(set(digests.values())) > 1 else {},
        see_source=sources.see(given, described),
    )
    return Found(
        record=record,
        given=given,
        begun=build.start_time or build.create_time,
        images={one.digest: one.name for one in reversed(results)},
        hashes=build.source_provenance.file_hashes,
    )


def _trigger_of(build: cloud_build.Build, region: str, place: Place) -> str:
    """The whole name of the trigger that started a build: gcloud takes that in any region."""
    id_ = build.build_trigger_id
    return f"projects/{place.project}/locations/{region}/triggers/{id_}" if id_ else ""


def _mine_first(
    images: Sequence[cloud_build.BuiltImage], image: str
) -> tuple[cloud_build.BuiltImage, ...]:
    """The images of a build, the deployable's own before those of others."""
    mine = split(image)[0]
    return tuple(sorted(images, key=lambda one: split(one.name)[0] != mine))


def _state(build: cloud_build.Build) -> BuildState:
    if build.status == "SUCCESS":
        return BuildState.SUCCEEDED
    if build.status in _FAILED:
        return BuildState.FAILED
    if build.status in _RUNNING:
        return BuildState.RUNNING if now() - build.create_time < _LOST else BuildState.LOST
    # One word that is newer than this landed hides none of the other builds.
    return BuildState.LOST


def _failure(build: cloud_build.Build) -> str:
    """Why it failed, or why nobody can tell how it ended."""
    if build.status not in {"SUCCESS", *_FAILED, *_RUNNING}:
        return f"stands at `{plain(build.status)}`, which landed does not know"
    said = build.failure_info.detail if build.failure_info else ""
    detail = plain(said or build.status_detail)
    word = {"FAILURE": "", "SUCCESS": ""}.get(build.status, build.status.lower().replace("_", " "))
    return ": ".join(part for part in (word, detail) if part) if build.status in _FAILED else ""


def _claims(build: cloud_build.Build, taken: str | None) -> list[Claim]:
    """Commit ids that somebody typed: all of them, but for those of the commit that was `taken`,
    where a trigger set them.
    """
    by_trigger = sources.BY_TRIGGER if build.build_trigger_id else ()
    return [
        Claim(where=f"substitution {name}", commit=value)
        for name, value in build.substitutions.items()
        if name not in by_trigger or not (taken or "").startswith(value)
    ]


def _evidence(build: cloud_build.Build, region: str, see: str) -> Evidence:
    facts = {
        "id": build.id,
        "region": region,
        "status": build.status,
        "created": build.create_time,
        "finished": build.finish_time,
        "images": [[one.name, one.digest] for one in build.results.images],
        "images_asked_for": list(build.images),
        "trigger": build.build_trigger_id or None,
        "failure": _failure(build) or None,
    }
    return Evidence(
        station=Station.BUILD,
        strength=Strength.RECORDED,
        facts=facts,
        see=see,
        observed_at=now(),
    )


def triggers(api: Api) -> list[Trigger]:
    """What would start a build at a push, of the region and of none."""
    regions = list(dict.fromkeys((GLOBAL, api.place.build_region)))

    def ask(region: str) -> list[Trigger]:
        where = path("v1", "projects", api.place.project, "locations", region, "triggers")
        what = f"list of triggers of {region}"
        found: list[Trigger] = []
        for page in api.pages(BUILDS, what, where, cloud_build.Triggers, {"pageSize": "100"}):
            for one in page.triggers:
                if one.resource_name:
                    own = ("locations", region, "triggers", one.id)
                    identity.named(BUILDS, what, api.place, one.resource_name, *own)
            found += [_trigger(one, region, api.place) for one in page.triggers]
        return found

    return [one for found, _ in _side_by_side(ask, regions) for one in found]


def _trigger(trigger: cloud_build.Trigger, region: str, place: Place) -> Trigger:
    """A trigger that waits for pushes. One that waits for none has an empty `ref`: it starts by
    itself at no push.
    """
    events = (
        trigger.github or trigger.repository_event_config or trigger.developer_connect_event_config
    )
    url, ref, of_tags = "", "", False
    if trigger.trigger_template:
        template = trigger.trigger_template
        url, ref = template.repo_name, template.branch_name or template.tag_name
        of_tags = not template.branch_name
        ref = "" if template.invert_regex else ref
    elif events:
        named = f"https://github.com/{events.owner}/{events.name}" if events.owner else ""
        url = named or events.repository or events.git_repository_link
        push = events.push
        ref = (push.branch or push.tag) if push and not push.invert_regex else ""
        of_tags = bool(push and not push.branch)
    elif trigger.source_to_build:
        url = trigger.source_to_build.uri
    name = trigger.name or trigger.id
    described = place.gcloud("builds", "triggers", "describe", name, region=region)
    file = ("--source", "trigger.yaml")
    imported = place.gcloud("builds", "triggers", "import", *file, region=region)
    return Trigger(
        name=name,
        ref=ref,
        of_tags=of_tags,
        url=redact(url),
        included=trigger.included_files,
        ignored=trigger.ignored_files,
        disabled=trigger.disabled,
        # `gcloud builds triggers export` is only in its beta.
        enable=f"{described} > trigger.yaml; take `disabled` out of it; {imported}",
        see=described,
    )
