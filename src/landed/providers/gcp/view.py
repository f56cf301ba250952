"""Google Cloud for one trace. What could not be seen is Unseen, with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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
from landed.core.seen import Commands, Deployment, Execution, Registry
from landed.core.words import filled
from landed.http.patience import Patience
from landed.http.transport import Transport
from landed.providers.gcp import builds, provenance, registry, run
from landed.providers.gcp.api import Api
from landed.providers.gcp.builds import Found
from landed.providers.gcp.commands import DOCKERFILE, commands
from landed.providers.gcp.credentials import Who
from landed.providers.gcp.failures import MissingError
from landed.providers.gcp.place import Place
from landed.providers.gcp.questions import Questions
from landed.providers.gcp.registry import Images, Opener
from landed.providers.gcp.shapes import cloud_run

PATIENCE = Patience(connect=5, read=20, stall=30, tries=3, pause=0.4, longest=15)
RETENTION = timedelta(days=29)
"""Entries are kept for 30 days, unless somebody pays for more."""
ROUTED = timedelta(hours=1)
"""After so long, entries that are nowhere are not on their way any more."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
Seen = TypeVar("Seen")


class GoogleView:
    """One workload of a project on Google Cloud. It is asked as soon as it is made, where it is to
    look `ahead`; each question once.

    `image` is the name that people deploy, empty where the settings do not say. `environ` is where
    credentials and proxies are found: never the settings, which may be a stranger's. `folder` and
    `dockerfile` are what is built, for the commands that build it again.
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
        folder: str = "",
        dockerfile: str = DOCKERFILE,
        ahead: bool = True,
    ) -> None:
        if workload and not _NAME.fullmatch(workload.name):
            raise UsageError(
                f"`{workload.name[:80]}` is no name of a {workload.kind} on Google Cloud",
                "small letters, digits and dashes",
            )
        self._place, self._folder, self._dockerfile = place, folder, dockerfile
        transport = Transport(patience, environ.get("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", ""))
        self._api = Api(transport, Who(environ, transport), place)
        self._images = Images(self._api, opener, object_format, cache)
        self._asked = Questions(
            self._api,
            self._images,
            workload,
            image,
            environ=environ,
            object_format=object_format,
            ahead=ahead,
        )

    def commands(self, workload: Workload | None) -> Commands:
        """Gcloud's commands."""
        return commands(self._place, workload, self._folder, self._dockerfile)

    def builds(self) -> Sequence[BuildRecord] | Unseen:
        """All builds, newest first."""

        def look() -> Sequence[BuildRecord]:
            chosen = {one.record.build.id for one in self._asked.looked_into}
            return [
                self._with_details(one) if one.record.build.id in chosen else one.record
                for one in self._asked.found
            ]

        return _seen(look)

    def _with_details(self, found: Found) -> BuildRecord:
        """A build with what its image and its provenance add."""
        record, digest = found.record, found.record.build.pushed[0]
        try:
            lent = registry.lent(self._asked.config(digest), found.begun)
        except LandedError:
            lent = record.lent
        evidence = (*record.build.evidence, *self._provenance(found, digest))
        return replace(record, lent=lent, build=replace(record.build, evidence=evidence))

    def _provenance(self, found: Found, digest: str) -> list[Evidence]:
        name = split(self._asked.name_of(digest))[0]
        try:
            attested = self._asked.attested(digest)
        except LandedError as error:
            return [provenance.unseen(error.message, name, digest, self._place)]
        return provenance.evidence(attested, name, digest, found.given.commit, self._place)

    def triggers(self) -> Sequence[Trigger] | Unseen:
        """What would start a build at a push."""
        return _seen(lambda: builds.triggers(self._api))

    def upload(self, build: str) -> Content | Unseen:
        """The files that a build was given as an upload."""
        return _seen(lambda: self._asked.upload(build))

    def image(self, digest: str) -> ImageContent | Unseen:
        """The final files of an image, every layer verified."""
        return _seen(lambda: self._asked.image(digest))

    def members(self, digest: str) -> Sequence[str] | Unseen:
        """The images of an index. Cloud Run names the one that it runs."""
        return _seen(lambda: self._images.members(self._asked.name_of(digest), digest))

    def registry(self, name: str) -> Registry | Absent | Unseen:
        """What a name means now, asked of the registry."""

        def look() -> Registry:
            digest = self._asked.digest_of(name)
            try:
                times = self._asked.times(name)
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
        job, service, mine = self._asked.job(), self._asked.service(), self._asked.mine
        if service:
            return run.service_deployment(service, self._asked.revisions(), mine, self._place)
        if job is None:
            raise ProviderError("no job and no service is named", "name it in landed.toml")
        image = self._asked.deployed_image
        digest = run.digest_in(image) or (self._asked.digest_of(image) if image else None)
        return run.job_deployment(job, self._asked.executions(), mine, digest, self._place)

    def executions(self, workload: Workload) -> Sequence[Execution] | Unseen:
        """The executions of a job, or the revisions of a service, newest first."""

        def look() -> Sequence[Execution]:
            mine = self._asked.mine
            if workload.kind is WorkloadKind.JOB:
                job = self._job_if_seen()
                return [run.execution(o, mine, self._place, job) for o in self._asked.executions()]
            revisions = self._asked.revisions()
            service = self._asked.service() if revisions else None
            shares = run.percents(service) if service else {}
            return [run.revision(one, mine, shares, self._place) for one in revisions]

        return _seen(look)

    def keeps(self, workload: Workload) -> int | None:
        """As Cloud Run's limits say; no question tells. Revisions that serve are never deleted."""
        return run.KEPT if workload.kind is WorkloadKind.JOB else None

    def _job_if_seen(self) -> cloud_run.Job | None:
        """The job; without it, what its executions ran is seen all the same."""
        try:
            return self._asked.job()
        except LandedError:
            return None

    def entries(self, workload: Workload, execution: str) -> Sequence[LogLine] | Unseen:
        """One execution's (or revision's) own log entries, in order."""

        def look() -> Sequence[LogLine] | Unseen:
            made = {run.short(one.name): one.create_time for one in self._asked.executions()}
            made |= {run.short(one.name): one.create_time for one in self._asked.revisions()}
            begun = made.get(execution, datetime.fromtimestamp(0, UTC))
            log = self._asked.log()
            lines = log.of(execution, begun)
            if not lines and execution in made and now() - begun > RETENTION:
                return Unseen(
                    reason=f"{execution} is older than Cloud Logging keeps entries for",
                    hint=filled(self.commands(workload).execute),
                )
            if log.empty and execution in made and now() - begun > ROUTED:
                return Unseen(
                    reason=f"project {self._place.project} holds no log entry of any execution of "
                    f"{workload.kind} {workload.name}",
                    hint="it writes none, or they are kept elsewhere: "
                    f"`{self._place.gcloud('logging', 'sinks', 'list')}`",
                )
            return lines

        return _seen(look)

    def elsewhere(self, _workload: Workload) -> Sequence[LogLine] | Unseen:
        """What came along with the workload's own entries, and is another's: a sink brings it."""
        return _seen(lambda: self._asked.log().others())


def _seen(look: Callable[[], Seen]) -> Seen | Unseen:
    try:
        return look()
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)
