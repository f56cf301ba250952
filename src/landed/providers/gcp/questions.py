"""What a trace asks Google, side by side and each once, before anybody waits for an answer.

In three rounds: what needs no other answer; what the list of builds leads to; and what manifests
lead to. Answers are raised failures as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Semaphore
from typing import Any

from landed.content.image.reference import split
from landed.core.errors import LandedError, ProviderError, UsageError
from landed.core.probe import Content, ImageContent, Workload, WorkloadKind
from landed.core.seen import BuildState
from landed.providers.gcp import builds, logs, provenance, run, uploads
from landed.providers.gcp.api import Api
from landed.providers.gcp.asked import Once, asked, later
from landed.providers.gcp.builds import Found
from landed.providers.gcp.failures import MissingError
from landed.providers.gcp.registry import Images
from landed.providers.gcp.shapes import artifacts, cloud_run

EARLIER = 20
"""How many images that ran earlier are read, where one of them is asked for."""
AT_ONCE = 8
"""How many images are read side by side: each holds some MiB of its layers."""


class Questions:
    """The questions about one workload. `image` is the name that people deploy, if it is known.
    Those that a trace needs are asked `ahead`, or else when somebody wants the answer.
    """

    def __init__(
        self,
        api: Api,
        images: Images,
        workload: Workload | None,
        image: str,
        *,
        environ: Mapping[str, str],
        object_format: str,
        ahead: bool,
    ) -> None:
        self.api, self.images = api, images
        self._workload, self._image = workload, image
        self._reading = Semaphore(AT_ONCE)
        self._environ, self._object_format = environ, object_format
        ask = asked if ahead else later
        self.job = ask(self._ask_job)
        self.service = ask(self._ask_service)
        self.executions = ask(self._ask_executions)
        self.revisions = ask(self._ask_revisions)
        self._read = ask(self._ask_log)
        self._raw = ask(lambda: builds.listed(api))
        self.log = ask(self._whole_log)
        self.digest_of = Once(images.digest)
        self.times = Once(self._ask_times)
        self.content = Once(self._ask_content)
        self.upload = Once(self._ask_upload)
        self.attested = Once(self._ask_attested)
        self._tagged = image if ":" in image.rpartition("/")[2] else ""
        if not ahead:
            return
        if self._tagged:
            # Asked in any case, unless the deployment names another tag; its manifest leads on.
            self.digest_of.begin(self._tagged)
        asked(self._begin)

    def _is(self, kind: WorkloadKind) -> str:
        """The workload's name, empty where it is of another kind."""
        return self._workload.name if self._workload and self._workload.kind is kind else ""

    def _ask_job(self) -> cloud_run.Job | None:
        name = self._is(WorkloadKind.JOB)
        return run.job(self.api, name) if name else None

    def _ask_service(self) -> cloud_run.Service | None:
        name = self._is(WorkloadKind.SERVICE)
        return run.service(self.api, name) if name else None

    def _ask_executions(self) -> Sequence[cloud_run.Execution]:
        name = self._is(WorkloadKind.JOB)
        try:
            return run.executions(self.api, name) if name else []
        except MissingError:
            return []

    def _ask_revisions(self) -> Sequence[cloud_run.Revision]:
        name = self._is(WorkloadKind.SERVICE)
        try:
            return run.revisions(self.api, name) if name else []
        except MissingError:
            return []

    def _ask_log(self) -> logs.Read:
        if self._workload is None:
            return logs.Read(by_execution={}, whole_since=None)
        return logs.read(self.api, self._workload)

    def _whole_log(self) -> logs.Log:
        """All entries; once more, where some may have come after the first look."""
        workload = self._workload or Workload(kind=WorkloadKind.JOB, name="")
        log = logs.Log(self.api, workload, self._read())
        ends = [one.completion_time for one in self.executions()[:1]]
        # A revision that serves has no end.
        if logs.arriving([*ends, *(None for _ in self.revisions()[:1])]):
            log.again()
        return log

    def _begin(self) -> None:
        """Asks for what a healthy chain needs of its newest build, and of what runs."""
        for name in self._to_resolve():
            self.digest_of.begin(name)
            self.times.begin(name)
        for found in self.looked_into:
            digest = found.record.build.pushed[0]
            self.content.begin(digest)
            self.attested.begin(digest)
            if found.given.stored:
                self.upload.begin(found.record.build.id)

    def _to_resolve(self) -> list[str]:
        """The names that a trace will ask about."""
        deployed = self.deployed_image
        if deployed and not run.digest_in(deployed):
            return [deployed]
        if self._tagged:
            return [self._tagged]
        newest = self.looked_into[:1]
        return list(newest[0].record.build.names) if newest else []

    def image(self, digest: str) -> ImageContent:
        """The final files of an image. A healthy chain needs those of `looked_into` alone. Who asks
        for another one that ran asks for more of them, one by one: they are read side by side.
        """
        known = {one for found in self.looked_into for one in found.record.build.pushed}
        ran = [one for one in dict.fromkeys(self._digests()) if one and one not in known]
        for earlier in ran[:EARLIER] if digest in ran else ():
            self.content.begin(earlier)
        return self.content(digest)

    def _ask_content(self, digest: str) -> ImageContent:
        with self._reading:
            return self.images.content(self._settled_name(digest), digest)

    def config(self, digest: str) -> Mapping[str, Any]:
        """The whole configuration of an image."""
        return self.images.config(self._settled_name(digest), digest)

    def _settled_name(self, digest: str) -> str:
        """A name of the repository that holds a digest, after its tags have been resolved: what a
        tag means comes with the manifest, which need not be asked for again then.
        """
        name = self.name_of(digest)
        for tagged in self._to_resolve():
            if split(tagged)[0] == split(name)[0]:
                with suppress(LandedError):
                    self.digest_of(tagged)
        return name

    def _ask_attested(self, digest: str) -> list[provenance.Attested]:
        folder = self._environ.get(provenance.KEYS, "")
        try:
            trusted = provenance.keys(folder) if folder else {}
        except OSError as error:
            raise UsageError(
                f"the keys in {provenance.KEYS} cannot be read: {error.strerror}", "see the folder"
            ) from error
        return provenance.listed(self.api, split(self.name_of(digest))[0], digest, trusted)

    def _ask_upload(self, build: str) -> Content:
        found = next((one for one in self.found if one.record.build.id == build), None)
        if found is None:
            raise ProviderError(f"there is no build {build}", "see its id")
        return uploads.upload(self.api, found, self._object_format)

    def _ask_times(self, name: str) -> artifacts.DockerImage | None:
        digest = self.digest_of(name)
        return self.images.times(name, digest) if digest else None

    @cached_property
    def deployed_image(self) -> str:
        """The deployed image word for word; empty where that cannot be seen."""
        try:
            job, service = self.job(), self.service()
        except LandedError:
            return ""
        task = job.template.template if job else service.template if service else None
        own = run.container(task.containers, self._image) if task else None
        return own.image if own else ""

    @property
    def mine(self) -> str:
        """The deployable's image, by its name."""
        return self._image or self.deployed_image

    @cached_property
    def found(self) -> list[Found]:
        """All builds, newest first."""
        raw = self._raw()
        return [builds.found(one, self.api.place, self.mine) for one in raw]

    @cached_property
    def looked_into(self) -> list[Found]:
        """The newest build with an image of the deployable, and the one that made what runs."""
        mine = split(self.mine)[0]
        made = [
            one
            for one in self.found
            if one.record.build.state is BuildState.SUCCEEDED
            and one.record.build.pushed
            and mine in {"", split(one.record.build.names[0])[0]}
        ]
        ran = next(iter(self._digests()), None)
        runs = [one for one in made if ran in one.record.build.pushed]
        return list({one.record.build.id: one for one in (*made[:1], *runs[:1])}.values())

    def _digests(self) -> list[str | None]:
        """What ran, newest first; nothing where that cannot be seen."""
        try:
            jobs = [run.container(one.template.containers, self.mine) for one in self.executions()]
            own = [run.digest_in(one.image) if one else None for one in jobs]
            return own or [run.revision_digest(one, self.mine) for one in self.revisions()]
        except LandedError:
            return []

    def name_of(self, digest: str) -> str:
        """A name of the repository that holds a digest."""
        for found in self.found:
            if name := found.images.get(digest):
                return name
        return self.mine
