"""Google Cloud for one trace: questions are asked side by side, before anybody waits for an answer.

In three rounds: what needs no other answer; what the list of builds leads to; and what manifests
lead to. What could not be seen is Unseen, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from landed.content.image.reference import split
from landed.core.clock import now
from landed.core.errors import LandedError, ProviderError, UsageError
from landed.core.model import Absent, Evidence, Unseen
from landed.core.probe import (
    BuildRecord,
    Content,
    ImageContent,
    LogLine,
    Trigger,
    Workload,
    WorkloadKind,
)
from landed.core.seen import BuildState, Commands, Deployment, Execution, Registry
from landed.core.words import filled
from landed.http.patience import Patience
from landed.http.transport import Transport
from landed.providers.gcp import builds, logs, provenance, registry, run, shapes, uploads
from landed.providers.gcp.api import Api
from landed.providers.gcp.asked import Once, asked
from landed.providers.gcp.builds import Found
from landed.providers.gcp.commands import commands
from landed.providers.gcp.credentials import Who
from landed.providers.gcp.failures import MissingError
from landed.providers.gcp.place import Place
from landed.providers.gcp.registry import Images, Opener

PATIENCE = Patience(connect=5, read=20, stall=30, tries=3, pause=0.4, longest=15)
RETENTION = timedelta(days=29)
"""Entries are kept for 30 days, unless somebody pays for more."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
Seen = TypeVar("Seen")


class GoogleView:
    """One workload of a project on Google Cloud.

    `image` is the name that people deploy, empty where the settings do not say. `environ` is where
    credentials and proxies are found: never the settings, which may be a stranger's.
    """

    def __init__(
        self,
        place: Place,
        workload: Workload | None,
        image: str,
        *,
        opener: Opener,
        environ: Mapping[str, str],
        object_format: str,
        cache: Path,
        patience: Patience = PATIENCE,
    ) -> None:
        if workload and not _NAME.fullmatch(workload.name):
            raise UsageError(
                f"`{workload.name[:80]}` is no name of a {workload.kind} on Google Cloud",
                "small letters, digits and dashes",
            )
        self._place, self._workload, self._image = place, workload, image
        self._environ, self._object_format = environ, object_format
        transport = Transport(patience, environ.get("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", ""))
        self._api = Api(transport, Who(environ, transport), place)
        self._images = Images(self._api, opener, object_format, cache)
        self._job = asked(self._ask_job)
        self._service = asked(self._ask_service)
        self._executions = asked(self._ask_executions)
        self._revisions = asked(self._ask_revisions)
        self._read = asked(self._ask_log)
        self._raw = asked(lambda: builds.listed(self._api))
        self._log = asked(self._whole_log)
        self._names = Once(self._images.digest)
        self._times = Once(self._ask_times)
        self._contents = Once(self._ask_content)
        self._uploads = Once(self._ask_upload)
        self._attested = Once(self._ask_attested)
        self._begun = asked(self._begin)

    # What is asked, each in a thread of its own.

    def _is(self, kind: WorkloadKind) -> str:
        """The workload's name, empty where it is of another kind."""
        return self._workload.name if self._workload and self._workload.kind is kind else ""

    def _ask_job(self) -> shapes.Job | None:
        name = self._is(WorkloadKind.JOB)
        return run.job(self._api, name) if name else None

    def _ask_service(self) -> shapes.Service | None:
        name = self._is(WorkloadKind.SERVICE)
        return run.service(self._api, name) if name else None

    def _ask_executions(self) -> Sequence[shapes.Execution]:
        name = self._is(WorkloadKind.JOB)
        try:
            return run.executions(self._api, name) if name else []
        except MissingError:
            return []

    def _ask_revisions(self) -> Sequence[shapes.Revision]:
        name = self._is(WorkloadKind.SERVICE)
        try:
            return run.revisions(self._api, name) if name else []
        except MissingError:
            return []

    def _ask_log(self) -> logs.Read:
        if self._workload is None:
            return logs.Read(by_execution={}, whole_since=None)
        return logs.read(self._api, self._workload)

    def _whole_log(self) -> logs.Log:
        """All entries; once more, where some may have come after the first look."""
        workload = self._workload or Workload(kind=WorkloadKind.JOB, name="")
        log = logs.Log(self._api, workload, self._read())
        ends = [one.completion_time for one in self._executions()[:1]]
        if logs.arriving([*ends, *(None for _ in self._revisions()[:1])]):
            log.again()
        return log

    def _begin(self) -> None:
        """Asks for what a healthy chain needs of its newest build, and of what runs."""
        for name in self._to_resolve():
            self._names.begin(name)
            self._times.begin(name)
        for found in self._looked_into:
            digest = found.record.build.pushed[0]
            self._contents.begin(digest)
            self._attested.begin(digest)
            if found.given.stored:
                self._uploads.begin(found.record.build.id)

    def _to_resolve(self) -> list[str]:
        """The names that a trace will ask about."""
        deployed = self._deployed_image
        if deployed and not run.digest_in(deployed):
            return [deployed]
        if ":" in self._image.rpartition("/")[2]:
            return [self._image]
        newest = self._looked_into[:1]
        return list(newest[0].record.build.names) if newest else []

    def _ask_content(self, digest: str) -> ImageContent:
        name = self._name_of(digest)
        for tagged in self._to_resolve():
            # What a tag means comes with the manifest, which need not be asked for again then.
            if split(tagged)[0] == split(name)[0]:
                with suppress(LandedError):
                    self._names(tagged)
        return self._images.content(name, digest)

    def _ask_attested(self, digest: str) -> list[provenance.Attested]:
        folder = self._environ.get(provenance.KEYS, "")
        try:
            trusted = provenance.keys(folder) if folder else {}
        except OSError as error:
            raise UsageError(
                f"the keys in {provenance.KEYS} cannot be read: {error.strerror}", "see the folder"
            ) from error
        return provenance.listed(self._api, split(self._name_of(digest))[0], digest, trusted)

    def _ask_upload(self, build: str) -> Content:
        found = next((one for one in self._found if one.record.build.id == build), None)
        if found is None:
            raise ProviderError(f"there is no build {build}", "see its id")
        return uploads.upload(self._api, found, self._object_format)

    def _ask_times(self, name: str) -> shapes.DockerImage | None:
        digest = self._names(name)
        return self._images.times(name, digest) if digest else None

    # What follows from the answers.

    @cached_property
    def _deployed_image(self) -> str:
        """The deployed image word for word; empty where that cannot be seen."""
        try:
            job, service = self._job(), self._service()
        except LandedError:
            return ""
        containers = (
            job.template.template.containers
            if job
            else service.template.containers
            if service
            else ()
        )
        own = run.container(containers, self._image)
        return own.image if own else ""

    @property
    def _mine(self) -> str:
        """The deployable's image, by its name."""
        return self._image or self._deployed_image

    @cached_property
    def _found(self) -> list[Found]:
        raw = self._raw()
        return [builds.found(one, self._place, self._mine) for one in raw]

    @cached_property
    def _looked_into(self) -> list[Found]:
        """The newest build with an image of the deployable, and the one that made what runs."""
        mine = split(self._mine)[0]
        made = [
            one
            for one in self._found
            if one.record.build.state is BuildState.SUCCEEDED
            and one.record.build.pushed
            and mine in {"", split(one.record.build.names[0])[0]}
        ]
        ran = next(iter(self._digests()), None)
        runs = [one for one in made if ran in one.record.build.pushed]
        return list({one.record.build.id: one for one in (*made[:1], *runs[:1])}.values())

    def _digests(self) -> list[str | None]:
        """What ran, newest first, as Cloud Run has it."""
        jobs = [run.container(one.template.containers, self._mine) for one in self._executions()]
        own = [run.digest_in(one.image) if one else None for one in jobs]
        return own or [run.revision_digest(one, self._mine) for one in self._revisions()]

    def _name_of(self, digest: str) -> str:
        """A name of the repository that holds a digest."""
        for found in self._found:
            build = found.record.build
            if digest in build.pushed:
                return build.names[build.pushed.index(digest)]
        return self._mine

    def _canonical(self, digest: str | None) -> str | None:
        """The digest as builds have it: Cloud Run may name the one image of an index that it ran,
        where the build pushed the index.
        """
        known = {pushed for one in self._found for pushed in one.record.build.pushed}
        if digest is None or digest in known:
            return digest
        for found in self._looked_into:
            index = found.record.build.pushed[0]
            if digest in self._images.children(self._name_of(index), index):
                return index
        return digest

    def _as_built(self, digest: str | None) -> str | None:
        """The same, where builds can be seen; what was not seen makes no digest another."""
        try:
            return self._canonical(digest)
        except LandedError:
            return digest

    # The protocol.

    def commands(self, workload: Workload | None) -> Commands:
        """Gcloud's commands."""
        return commands(self._place, workload)

    def builds(self) -> Sequence[BuildRecord] | Unseen:
        """All builds, newest first."""

        def look() -> Sequence[BuildRecord]:
            chosen = {one.record.build.id for one in self._looked_into}
            return [
                self._with_details(one) if one.record.build.id in chosen else one.record
                for one in self._found
            ]

        return _seen(look)

    def _with_details(self, found: Found) -> BuildRecord:
        """A build with what its image and its provenance add."""
        record, digest = found.record, found.record.build.pushed[0]
        try:
            lent = registry.lent(self._images.config(self._name_of(digest), digest), found.begun)
        except LandedError:
            lent = record.lent
        evidence = (*record.build.evidence, *self._provenance(found, digest))
        return replace(record, lent=lent, build=replace(record.build, evidence=evidence))

    def _provenance(self, found: Found, digest: str) -> list[Evidence]:
        name = split(self._name_of(digest))[0]
        try:
            attested = self._attested(digest)
        except LandedError as error:
            return [provenance.unseen(error.message, name, digest, self._place)]
        commit = found.given.commit
        return provenance.evidence(attested, name, digest, commit, self._place)

    def triggers(self) -> Sequence[Trigger] | Unseen:
        """What would start a build at a push."""
        return _seen(lambda: builds.triggers(self._api))

    def upload(self, build: str) -> Content | Unseen:
        """The files that a build was given as an upload."""
        return _seen(lambda: self._uploads(build))

    def image(self, digest: str) -> ImageContent | Unseen:
        """The final files of an image, every layer verified."""
        return _seen(lambda: self._contents(digest))

    def registry(self, name: str) -> Registry | Absent | Unseen:
        """What a name means now, asked of the registry."""

        def look() -> Registry:
            digest = self._names(name)
            try:
                times = self._times(name)
            except LandedError:
                times = None
            return registry.observed(name, digest, times, self._place)

        return _seen(look)

    def deployment(self, workload: Workload) -> Deployment | Absent | Unseen:
        """The job or service that takes the work."""

        def look() -> Deployment | Absent:
            try:
                return self._deployment()
            except MissingError as error:
                image = "HOST/PROJECT/REPOSITORY/IMAGE"
                create = self._place.gcloud(
                    "run", run.kind_path(workload), "deploy", workload.name, "--image", image,
                    region=self._place.region,
                )  # fmt: skip
                return Absent(reason=error.message, remedy=create)

        return _seen(look)

    def _deployment(self) -> Deployment:
        job, service = self._job(), self._service()
        if service:
            seen = run.service_deployment(service, self._revisions(), self._mine, self._place)
            serving = tuple(replace(s, digest=self._as_built(s.digest)) for s in seen.serving)
            return replace(seen, digest=self._as_built(seen.digest), serving=serving)
        if job is None:
            raise ProviderError("no job and no service is named", "name it in landed.toml")
        image = self._deployed_image
        digest = run.digest_in(image) or (self._names(image) if image else None)
        seen = run.job_deployment(job, self._executions(), self._mine, digest, self._place)
        return replace(seen, digest=self._as_built(seen.digest))

    def executions(self, workload: Workload) -> Sequence[Execution] | Unseen:
        """The executions of a job, or the revisions of a service, newest first."""

        def look() -> Sequence[Execution]:
            if workload.kind is WorkloadKind.JOB:
                found = [run.execution(o, self._mine, self._place) for o in self._executions()]
            else:
                service = self._service()
                shares = run.percents(service) if service else {}
                found = [
                    run.revision(one, self._mine, shares, self._place) for one in self._revisions()
                ]
            return [replace(one, digest=self._as_built(one.digest)) for one in found]

        return _seen(look)

    def entries(self, workload: Workload, execution: str) -> Sequence[LogLine] | Unseen:
        """One execution's (or revision's) own log entries, in order."""

        def look() -> Sequence[LogLine] | Unseen:
            made = {run.short(one.name): one.create_time for one in self._executions()}
            made |= {run.short(one.name): one.create_time for one in self._revisions()}
            begun = made.get(execution, datetime.fromtimestamp(0, UTC))
            lines = self._log().of(execution, begun)
            if not lines and execution in made and now() - begun > RETENTION:
                return Unseen(
                    reason=f"{execution} is older than Cloud Logging keeps entries for",
                    hint=filled(self.commands(workload).execute),
                )
            return lines

        return _seen(look)


def _seen(look: Callable[[], Seen]) -> Seen | Unseen:
    try:
        return look()
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)
