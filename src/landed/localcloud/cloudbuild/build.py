"""One build that runs: the source is fetched, the steps are done, the images are pushed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from landed.core.clock import now
from landed.core.errors import LandedError, UsageError
from landed.core.model import Frozen
from landed.core.redact import redact
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.cloudbuild.clones import Clones
from landed.localcloud.cloudbuild.config import Asked, Source, Step
from landed.localcloud.cloudbuild.running import MAIN, Running
from landed.localcloud.cloudbuild.steps import Hands, StepFailedError
from landed.localcloud.cloudbuild.workspace import Part, Workspace
from landed.localcloud.images import Images, parse
from landed.localcloud.objects import Objects
from landed.localcloud.records import BY_CODE, PushedImage, SourceRecord, StepRecord, StoredObject
from landed.localcloud.smoke import smoke
from landed.localcloud.upload import Archive


class Where(Frozen):
    """Whose builds these are, and where their repositories lie.

    `repositories` are URLs by the names that triggers and connections have for them.
    """

    project: str
    number: str
    repositories: dict[str, str] = {}

    @property
    def logs_bucket(self) -> str:
        """The bucket of logs, where a build names none."""
        return f"{self.number}.cloudbuild-logs.googleusercontent.com"


class _FailedError(LandedError):
    """The build ends here, for a reason that has a name of Google's."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


class Build:
    """One build that runs."""

    def __init__(
        self,
        cloud: LocalCloud,
        objects: Objects,
        where: Where,
        running: Running,
        asked: Asked,
        place: Path,
        runtime: Path | None,
    ) -> None:
        self._cloud = cloud
        self._objects = objects
        self._where = where
        self._running = running
        self._asked = asked
        self._runtime = runtime
        self._docker = Images(place / "docker")
        self._log = running.log

    def run(self, ref: str) -> None:
        """From the source to the last push. `ref`: what the source is the tip of, if known."""
        self._running.update(start_time=now())
        self._log.say(f'starting build "{self._running.record.id}"\n')
        try:
            with Clones(self._cloud.root / "clones") as clones:
                workspace = Workspace()
                self._fetch(workspace, clones, ref)
                hands = Hands(
                    workspace, clones, self._docker, self._cloud.images, self._log.say, self._try
                )
                self._steps(hands)
                images = self._push(hands)
        except _FailedError as failed:
            self._log.say(f"ERROR\nERROR: {failed.message}")
            self._log.flush()
            self._running.update(
                status="FAILURE",
                failure=redact(failed.message),
                failure_type=failed.kind,
                finish_time=now(),
            )
            return
        self._log.say("DONE")
        self._log.flush()
        self._finish(hands, images)

    def _try(self, image: str, command: tuple[str, ...], env: Mapping[str, str]) -> int | None:
        """Runs a command in an image of the cloud's, as long as the build may last: its exit code;
        None where it took too long.
        """
        name = parse(image)
        done = smoke(
            self._cloud.images, image, name.digest or "", command, env,
            runtime=self._runtime, seconds=self._running.seconds_left(),
        )  # fmt: skip
        self._log.say(done.output.rstrip("\n"))
        return done.code

    def _fetch(self, workspace: Workspace, clones: Clones, ref: str) -> None:
        self._log.say("FETCHSOURCE")
        try:
            part = self._part(self._asked.source or Source(), clones)
        except LandedError as error:
            raise _FailedError("FETCH_SOURCE_FAILED", _words(error)) from error
        if part is None:
            return
        source = part.source
        if ref:
            source = msgspec.structs.replace(
                source, ref=ref, requested_commit=None, tip_then=source.resolved_commit
            )
        workspace.parts[""] = Part(content=part.content, source=source)
        self._running.update(source=source, fetched=source)

    def _part(self, source: Source, clones: Clones) -> Part | None:
        if source.storage_source:
            stored = source.storage_source
            number = int(stored.generation) if stored.generation else None
            return self._upload(stored.bucket, stored.object, number)
        if source.git_source:
            git = source.git_source
            url = self._where.repositories.get(git.url, git.url)
            return clones.take(url, git.revision, git.dir.strip("/"))
        if source.repo_source:
            repo = source.repo_source
            revision = repo.commit_sha or repo.tag_name or repo.branch_name
            return clones.take(self._url(repo.repo_name), revision, repo.dir.strip("/"))
        linked = source.connected_repository
        if linked:
            return clones.take(self._url(linked.repository), linked.revision, linked.dir.strip("/"))
        link = source.developer_connect_config
        if link:
            return clones.take(
                self._url(link.git_repository_link), link.revision, link.dir.strip("/")
            )
        return None

    def _url(self, name: str) -> str:
        url = self._where.repositories.get(name)
        if url is None:
            raise UsageError(
                f"this cloud has no repository {name[:200]!r}",
                "landed cloud serve --repository NAME=URL",
            )
        return url

    def _upload(self, bucket: str, name: str, generation: int | None) -> Part:
        record = self._objects.get(bucket, name, generation)
        if record is None:
            raise UsageError(f"gs://{bucket}/{name} does not exist", "upload it first")
        archive = self._cloud.root / "sources" / f"{record.sha256}.tar.gz"
        archive.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            # The same bytes under the name by which the local cloud finds an upload.
            os.link(self._objects.bytes_of(record), archive)
        content = Archive(archive, record.sha256, "sha1")
        source = SourceRecord(
            kind="upload",
            archive=archive.name,
            sha256=record.sha256,
            files=len(content.files),
            stored=StoredObject(bucket=bucket, name=name, generation=record.generation),
        )
        self._log.say(f"Fetching storage object: gs://{bucket}/{name}#{record.generation}")
        return Part(content=content, source=source)

    def _steps(self, hands: Hands) -> None:
        self._log.say("BUILD")
        for number, step in enumerate(self._asked.steps):
            self._step_is(number, StepRecord(status="WORKING", start_time=now()))
            self._log.say(f"Step #{number}: {step.id or step.name}")
            self._log.step = f"Step #{number}"
            code, why = self._done(hands, step)
            self._log.step = MAIN
            record = msgspec.structs.replace(
                self._running.record.steps[number],
                status="FAILURE" if why else "SUCCESS",
                finish_time=now(),
                exit_code=code,
            )
            self._step_is(number, record)
            self._log.flush()
            if why and not (step.allow_failure or code in step.allow_exit_codes):
                raise _FailedError(
                    BY_CODE,
                    f'Build step failure: build step {number} "{step.name}" failed: {why}',
                )

    def _done(self, hands: Hands, step: Step) -> tuple[int | None, str]:
        """How a step ended: its exit code where it is not 0, and why it failed."""
        env = dict(word.partition("=")[::2] for word in (*self._asked.options.env, *step.env))
        mapped = step.automap_substitutions or self._asked.options.automap_substitutions
        if mapped:
            env = {**self._running.record.substitutions, **env}
        try:
            hands.do(step, env)
        except StepFailedError as failed:
            return failed.code, _words(failed)
        except LandedError as error:
            self._log.say(_words(error))
            return 1, _words(error)
        return None, ""

    def _step_is(self, number: int, record: StepRecord) -> None:
        steps = [*self._running.record.steps]
        steps[number] = record
        self._running.update(steps=tuple(steps))

    def _push(self, hands: Hands) -> tuple[PushedImage, ...]:
        missing = [name for name in self._asked.images if not self._docker.resolve(parse(name))]
        if missing:
            raise _FailedError(
                "PUSH_IMAGE_NOT_FOUND",
                f"failed to find one or more images after execution of build steps: {missing}",
            )
        if self._asked.images:
            self._log.say("PUSH")
        try:
            return tuple(
                PushedImage(name=name, digest=hands.push(name)) for name in self._asked.images
            )
        except LandedError as error:
            raise _FailedError("PUSH_FAILED", _words(error)) from error

    def _finish(self, hands: Hands, images: tuple[PushedImage, ...]) -> None:
        """Writes down the image that counts: the last one that was pushed, else the last one."""
        changes: dict[str, Any] = {"status": "SUCCESS", "images": images, "finish_time": now()}
        pushed = {image.digest for image in images}
        built = [one for one in hands.built if one.digest in pushed] or hands.built
        if built:
            main = built[-1]
            changes |= {
                "dockerfile": main.order.dockerfile,
                "build_args": main.order.build_args,
                "digest": main.digest if main.digest in pushed else None,
                "base": main.base,
                "base_fetched": main.base_fetched,
                "lent": main.lent,
                "not_run": main.not_run,
                "unpinned": main.unpinned,
                "warnings": main.warnings,
                "source": main.source or self._running.record.source,
            }
        self._running.update(**changes)


def _words(error: LandedError) -> str:
    return redact(f"{error.message} ({error.hint})" if error.hint else error.message)
