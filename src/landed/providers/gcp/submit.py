"""Builds that landed asks Cloud Build for: begun once for each tag, and waited for.

Cloud Build knows no key by which a request is done once. So a build carries a tag of its own, and
is looked for by it first. A request whose answer was lost, and that arrives very late, can still
make a second build: it costs its minutes and deploys nothing, and the first one is what counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from landed.core.action import BuildOrder
from landed.core.errors import LandedError, ProviderError
from landed.core.model import Frozen
from landed.core.seen import BuildState
from landed.http.failures import PassingError, plain
from landed.providers.gcp import builds, identity, logs
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.builds import BUILDS, SMOKE
from landed.providers.gcp.failures import Need
from landed.providers.gcp.shapes import cloud_build, storage
from landed.providers.gcp.waiting import patiently, pauses, until

CREATE = Need(
    api="cloudbuild.googleapis.com",
    permission="cloudbuild.builds.create",
    role="roles/cloudbuild.builds.editor",
    verb="start",
)
REVISION = "org.opencontainers.image.revision"
BUILD_SECONDS, QUEUE_SECONDS = 3600, 3600
_SLACK = 300
_LOST_SECONDS = 5.0
"""How long a build whose answer was lost is looked for, before it is asked for again."""
_TRIES = 3
_DOCKER = "gcr.io/cloud-builders/docker"
STEP_FAILED = "USER_BUILD_STEP"
"""The type of a failure that is none of Cloud Build's own."""
_FRAME = re.compile(r"Step #\d+(?: - \"[^\"]*\")?: ")
"""What Cloud Build puts before each line that a step says."""


class Ended(Frozen):
    """A build that ended, as it came and as landed reads it."""

    raw: cloud_build.Build
    found: builds.Found


def tag_of(key: str) -> str:
    """What a build is found by again: of the signs that a tag may have, and as short."""
    return f"landed-{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def image_build(order: BuildOrder, source: storage.Stored, key: str) -> dict[str, object]:
    """The request for an image of an upload, stamped with its commit."""
    words = [
        "build", "--network", "cloudbuild", "--label", f"{REVISION}={order.commit}",
        "-f", order.dockerfile, "-t", order.image, ".",
    ]  # fmt: skip
    return {
        "source": {
            "storageSource": {
                "bucket": source.bucket,
                "object": source.object,
                "generation": source.generation,
            }
        },
        "steps": [{"name": _DOCKER, "args": [_plain(word) for word in words]}],
        "images": [order.image],
        "tags": ["landed", tag_of(key)],
        "timeout": f"{BUILD_SECONDS}s",
        "queueTtl": f"{QUEUE_SECONDS}s",
        "options": {"sourceProvenanceHash": ["SHA256"]},
    }


def smoke_build(
    image: str, folder: str, command: Sequence[str], seconds: float, key: str
) -> dict[str, object]:
    """The request for a command inside an image, in the image's own folder."""
    entrypoint, *arguments = (_plain(word) for word in command)
    step: dict[str, object] = {"name": image, "entrypoint": entrypoint, "args": arguments}
    return {
        "steps": [{**step, "dir": folder}],
        "tags": ["landed", SMOKE, tag_of(key)],
        "timeout": f"{max(1, round(seconds))}s",
        "queueTtl": f"{QUEUE_SECONDS}s",
    }


def _plain(word: str) -> str:
    """A word that Cloud Build takes as it is: `$` begins a substitution."""
    return word.replace("$", "$$")


def carried_out(
    api: Api, deeds: Api, key: str, request: dict[str, object], seconds: float, image: str
) -> Ended:
    """The build of a key at its end; begun now where nobody has begun it. It takes `seconds` at
    most, beside the time in the queue.
    """
    begun = _begun(api, deeds, tag_of(key), request)
    where = _path(api, begun)
    what = f"build {begun}"

    def look() -> Ended | None:
        raw = api.get(BUILDS, what, where, cloud_build.Build)
        if raw.id != begun or raw.project_id != api.place.project:
            raise identity.other(BUILDS, what, f"build {raw.id} of {raw.project_id}")
        found = builds.found((raw, api.place.build_region), api.place, image)
        runs = found.record.build.state is BuildState.RUNNING
        return None if runs else Ended(raw=raw, found=found)

    late = ProviderError(
        f"{what} has not ended {seconds / 60:.0f} minutes after it was begun, and its own limit "
        "is less",
        api.place.gcloud("builds", "describe", begun, region=api.place.build_region),
    )
    return until(look, seconds + QUEUE_SECONDS + _SLACK, late)


def _begun(api: Api, deeds: Api, tag: str, request: dict[str, object]) -> str:
    """The id of the build with this tag."""
    known, lost = patiently(lambda: tagged(api, tag)), None
    for _ in range(_TRIES):
        if known:
            return known
        try:
            done = deeds.send(
                CREATE, "a build", "POST", _path(api), cloud_build.BuildOperation, request
            )
        except PassingError as error:
            lost = error
            known = _appeared(api, tag)
        else:
            return done.metadata.build.id
    if known:
        return known
    raise ProviderError(
        f"nobody can tell whether Cloud Build took the build: {lost.message if lost else ''}",
        f"see `{api.place.gcloud('builds', 'list', region=api.place.build_region)}`; a build that "
        "came late deploys nothing",
    )


def _appeared(api: Api, tag: str) -> str:
    """The build of a request whose answer was lost, empty where none has come in some seconds."""
    for _ in pauses(_LOST_SECONDS):
        if known := patiently(lambda: tagged(api, tag)):
            return known
    return ""


def tagged(api: Api, tag: str) -> str:
    """The id of the first build with a tag; empty where there is none."""
    query = {"filter": f'tags="{tag}"', "pageSize": "10"}
    found = api.get(
        BUILDS, f"list of builds with the tag {tag}", _path(api), cloud_build.Builds, query
    )
    mine = [one for one in found.builds if tag in one.tags]
    return min(mine, key=lambda one: one.create_time).id if mine else ""


def _path(api: Api, *more: str) -> str:
    place = api.place
    return path("v1", "projects", place.project, "locations", place.build_region, "builds", *more)


def failure(api: Api, ended: Ended) -> str:
    """Why a build failed: what its record says, and the last words of its log."""
    said = ended.found.record.build.failure or "no reason is recorded"
    last = words(api, ended.raw.id)[-1:]
    return ": ".join([said, *(plain(line) for line in last)])


def words(api: Api, build: str) -> list[str]:
    """What the steps of a build said; nothing where that cannot be read. Entries come late."""
    for _ in pauses(_LOST_SECONDS):
        try:
            found = logs.of_build(api, build)
        except LandedError:
            return []
        if found is not None:
            return [_FRAME.sub("", line, count=1) for line in found]
    return []
