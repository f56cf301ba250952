"""The stations behind the remote, each asked once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from landed.content.image.reference import split
from landed.core.errors import ProviderError, UsageError
from landed.core.model import (
    Absent,
    NamedError,
    Presence,
    Unseen,
)
from landed.core.probe import BuildRecord, Cloud, ImageContent
from landed.core.seen import (
    Build,
    BuildState,
    Deployment,
    Execution,
    Image,
    Logs,
    Made,
    Registry,
    Running,
    Served,
    Source,
    SourceKind,
    TriggerSeen,
)
from landed.core.words import branch, filled, listed, short
from landed.trace import images, running, schema, select, sources, triggers
from landed.trace.copies import settled
from landed.trace.members import Members
from landed.trace.misfits import with_misfits
from landed.trace.mounts import below, real
from landed.trace.old_layers import with_old_layers
from landed.trace.outputs import with_stale_outputs
from landed.trace.project import Project
from landed.trace.rollout import Rollout
from landed.trace.sources import Question, SourceSeen
from landed.trace.target import Choice, Target


class Stations:
    """The stations behind the remote, each asked once."""

    def __init__(
        self,
        project: Project,
        cloud: Cloud,
        target: Target,
        question: Question,
        records: Sequence[BuildRecord] | Unseen,
        choice: Choice,
        *,
        whole: bool = True,
    ) -> None:
        self.project, self.cloud, self.target, self.question = project, cloud, target, question
        self.choice, self._whole = choice, whole
        self.commands = cloud.commands(target.workload)
        self._sources: dict[str, SourceSeen | Unseen] = {}
        self._contents: dict[str, ImageContent | Unseen] = {}
        self._images: dict[str, Image | Absent | Unseen] = {}
        self._presences: dict[str, Running | Unseen] = {}
        self._none_built = "nothing has been built yet"
        deployment = self._deployment()
        self.records_unseen = records if isinstance(records, Unseen) else None
        self._all = [] if isinstance(records, Unseen) else records
        self.records = self._of_deployable(
            self._all, deployment if isinstance(deployment, Deployment) else None
        )
        self._members = Members(cloud, self.records)
        rollout = Rollout(cloud, target, self.commands, deployment, self._members)
        self.deployment, self.executions = rollout.deployment, rollout.executions
        self.execution, *self.others = map(self._with_hidden, rollout.counting(choice.execution))
        self.forward = self._forward() if whole else None
        if whole and (nowhere := self._made_elsewhere()):
            self.records_unseen, self.forward = nowhere, None
        self.deployment = self._with_equal_files(self.deployment)

    def _deployment(self) -> Deployment | Absent | Unseen:
        if self.target.workload is None:
            return Absent(
                reason=f"environment `{self.target.environment}` names no job or service for "
                f"{self.project.name}",
                remedy="add it to `jobs` or `services` in landed.toml",
            )
        return self.cloud.deployment(self.target.workload)

    def _with_hidden(self, execution: Execution | Absent | Unseen) -> Execution | Absent | Unseen:
        """Says of what ran which files of its image lay below a volume."""
        if not isinstance(execution, Execution) or not execution.mounts or not execution.digest:
            return execution
        content = self._content(execution.digest)
        if isinstance(content, Unseen):
            return execution
        hidden = below(execution.mounts, content)
        return structs.replace(execution, hidden=hidden)

    def _of_deployable(
        self, records: Sequence[BuildRecord], deployed: Deployment | None
    ) -> list[BuildRecord]:
        """Builds of this deployable, by the name of the image; failed ones that name none count.
        Of several images that a build pushed, its own alone. Without a name in the settings it is
        the one that is deployed, and what the same image was pushed as: a mirror has its own names.
        """
        own = self.project.settings.image
        name = own or (deployed.image if deployed else None)
        if name is None:
            return list(records)
        mine = {split(name)[0]}
        if deployed and not own:
            mine |= select.names_of(records, deployed.digest)
        found = [
            select.of_image(record, mine)
            for record in records
            if not record.build.names or mine & {split(n)[0] for n in record.build.names}
        ]
        if records and not found:
            others = listed(records[0].build.names)
            self._none_built = (
                f"nothing was built as {split(name)[0]}; the newest build made {others}"
            )
        return found

    def _forward(self) -> BuildRecord | None:
        if self.choice.build:
            chosen = next((r for r in self.records if r.build.id == self.choice.build), None)
            if chosen is None:
                newest = listed([record.build.id for record in self.records])
                raise UsageError(
                    f"there is no build `{self.choice.build}` of this deployable",
                    f"the newest are: {newest or 'none yet'}",
                )
            return chosen
        if self.choice.digest:
            return select.of_digest(self.records, self.choice.digest)
        # What ran last counts as running only as long as it is what is deployed.
        ran = self.execution if isinstance(self.execution, Execution) else None
        deployed = self.deployment.digest if isinstance(self.deployment, Deployment) else None
        running = select.of_digest(self.records, ran.digest) if ran else None
        if running and ran and not ran.serves and deployed not in running.build.pushed:
            running = None
        return select.forward(self.records, running, self._source_of, self._follows)

    def _made_elsewhere(self) -> Unseen | None:
        """Where what runs has the change, and no build that is known here has it or made that:
        then the build was not seen, and an older one must not stand in for it.
        """
        ran = self.execution if isinstance(self.execution, Execution) else None
        if ran is None or ran.digest is None or self.choice.build or self.choice.digest:
            return None
        source = self._source_of(self.forward) if self.forward else None
        has = isinstance(source, Source) and source.presence.arrived is True
        if has or self.records_unseen or select.of_digest(self.records, ran.digest):
            return None
        found = self._inside(ran.digest)
        if isinstance(found, Unseen) or not found.presence.arrived:
            return None
        return Unseen(
            reason=f"what runs has the change, and no build here made {short(ran.digest)}",
            hint="it was built elsewhere, or so long ago that its record is gone",
        )

    def _with_equal_files(
        self, deployment: Deployment | Absent | Unseen
    ) -> Deployment | Absent | Unseen:
        """Says of a deployment on another digest than the build's whether all files are equal."""
        built = self.forward.build.pushed[:1] if self.forward else ()
        if not isinstance(deployment, Deployment) or not built:
            return deployment
        return structs.replace(
            deployment,
            same_files=self.same_files(built[0], deployment.digest),
            serving=tuple(
                structs.replace(one, same_files=self.same_files(built[0], one.digest))
                for one in deployment.serving
            ),
        )

    def same_files(self, built: str | None, other: str | None) -> bool:
        """Whether two digests that differ are of the same files, started in the same way."""
        if built is None or other is None or other == built:
            return False
        mine, its = self._content(built), self._content(other)
        if isinstance(mine, Unseen) or isinstance(its, Unseen):
            return False
        return mine.files == its.files and mine.config == its.config

    def _follows(self, commit: str) -> bool:
        """Whether a commit has the change's commit in its history."""
        return self.project.repository.is_ancestor(self.question.commit, commit) is True

    def _source_of(self, record: BuildRecord) -> Source | Unseen:
        seen = self._source(record)
        return seen if isinstance(seen, Unseen) else seen.source

    def _source(self, record: BuildRecord) -> SourceSeen | Unseen:
        if record.build.id not in self._sources:
            try:
                seen = sources.observe(self.project, self.cloud, record, self.question)
            except ProviderError as error:
                seen = Unseen(reason=error.message, hint=error.hint)
            self._sources[record.build.id] = seen
        return self._sources[record.build.id]

    def _content(self, digest: str) -> ImageContent | Unseen:
        digest = self._members.as_run(digest)
        if digest not in self._contents:
            self._contents[digest] = self.cloud.image(digest)
        return self._contents[digest]

    def made_of(self, execution: Execution | Absent | Unseen) -> Made:
        """The build that made what an execution ran."""
        digest = execution.digest if isinstance(execution, Execution) else None
        return self.made(select.of_digest(self.records, self.choice.digest or digest))

    def made(self, record: BuildRecord | None) -> Made:
        """A build with its source and its image."""
        if self.records_unseen:
            return Made(
                build=self.records_unseen, source=self.records_unseen, image=self.records_unseen
            )
        if record is None:
            remote = self.question.remote
            build = filled(
                self.commands.build,
                image=self.project.settings.image or self.commands.name,
                ref=branch(remote.ref) if remote else "REF",
                url=remote.url if remote else "REPOSITORY_URL",
            )
            none = Absent(reason=self._none_built, remedy=build)
            if self.choice.digest:
                none = Absent(
                    reason=f"no build that is known here made {short(self.choice.digest)}"
                )
            return Made(build=none, source=none, image=none)
        image = self._image(record)
        if isinstance(image, Image):
            image = self._with_copies(image)
        return Made(build=record.build, source=self._source_of(record), image=image)

    def _with_copies(self, image: Image) -> Image:
        """Says of an image which copies without the change it has, as far as its executions that
        count tell of them. Where none of them ran it, nobody could tell which one would.
        """
        counting = [
            one
            for one in (self.execution, *self.others)
            if isinstance(one, Execution) and one.digest == image.digest
        ]
        found = self._running(image.digest, counting)
        if isinstance(found, Unseen) or not found.copies:
            return image
        evidence = (*image.evidence, *found.evidence[-1:])
        return structs.replace(image, copies=found.copies, evidence=evidence)

    def _image(self, record: BuildRecord) -> Image | Absent | Unseen:
        if record.build.id not in self._images:
            self._images[record.build.id] = self._look_at(record)
        return self._images[record.build.id]

    def _look_at(self, record: BuildRecord) -> Image | Absent | Unseen:
        build = record.build
        if not build.pushed:
            return Absent(reason=f"build {build.id} made no image")
        digest = build.pushed[0]
        content = self._content(digest)
        if isinstance(content, Unseen):
            return content
        seen = self._source(record)
        if isinstance(seen, Unseen):
            return self._instead(record, digest, content, seen)
        see = f"landed trace --digest {digest} --json"
        return self._compared(record, seen, digest, content, see)

    def _compared(
        self, record: BuildRecord, seen: SourceSeen, digest: str, content: ImageContent, see: str
    ) -> Image | Unseen:
        footprint = self.question.footprint
        try:
            found = images.observe(self.project, record, seen, digest, content, footprint, see)
            if isinstance(found, Unseen):
                return found
            found = with_old_layers(self.project, record, seen, content, found)
            found = with_misfits(record, seen, content, footprint, found)
            return with_stale_outputs(self.project, self.question, record, seen, content, found)
        except ProviderError as error:
            return Unseen(reason=error.message, hint=error.hint)

    def _instead(
        self, record: BuildRecord, digest: str, content: ImageContent, why: Unseen
    ) -> Image | Unseen:
        """The image against the change's own commit, where its source could not be seen."""
        folder = self.project.folder
        seen = SourceSeen(
            source=Source(
                kind=record.kind or SourceKind.CLONE,
                commit=self.question.commit,
                on_ref=None,
                presence=Presence.PRESENT,
            ),
            content=self.project.at(self.question.commit, folder),
            folder=folder,
        )
        found = self._compared(record, seen, digest, content, "")
        equal = isinstance(found, Image) and found.compared and not found.differences
        return found if equal else why

    def newer(self) -> tuple[Build, ...]:
        """Later builds of the very commit that the one judged was built from, in the same way, by
        their records: also those that were pushed under the name of another image.
        """
        mine = self.forward
        source = self._source_of(mine) if mine else None
        if mine is None or not isinstance(source, Source) or source.commit is None:
            return ()
        return tuple(
            one.build
            for one in self._all
            if one.build.started_at > mine.build.started_at
            and one.build.state is BuildState.SUCCEEDED
            and one.commit == source.commit
            and (one.folder, one.dockerfile) == (mine.folder, mine.dockerfile)
            and one.build_args == mine.build_args
            and set(one.build.pushed) - set(mine.build.pushed)
        )

    def registry(self) -> Registry | Absent | Unseen:
        """The name that people deploy: the job's tag, else the settings', else the build's own."""
        build = self.forward.build if self.forward else None
        digest = build.pushed[0] if build and build.pushed else None
        names = list(build.names) if build else []
        if isinstance(self.deployment, Deployment) and not self.deployment.pinned:
            names = [self.deployment.image]
        elif self.project.settings.image and ":" in self.project.settings.image:
            names = [self.project.settings.image]
        if not names:
            return Absent(reason="no name is known that people would deploy")
        answers = [self.cloud.registry(name) for name in names]
        return next(
            (a for a in answers if isinstance(a, Registry) and a.digest == digest), answers[0]
        )

    def served(self, named: tuple[NamedError, ...]) -> tuple[Served, ...]:
        """What was seen of the other revisions that take traffic. An image that the user chose
        stands for all of them.
        """
        return tuple(
            Served(
                execution=one,
                backward=self.made_of(one),
                running=self.running(one),
                logs=self.logs(one, named),
            )
            for one in (() if self.choice.digest else self.others)
        )

    def triggers(self) -> tuple[TriggerSeen, ...] | Absent | Unseen:
        """What would have started a build, asked where the remote has the change and no build."""
        remote = self.question.remote
        source = self._source_of(self.forward) if self.forward else None
        found = isinstance(source, Source) and source.presence.arrived is not False
        if self.records_unseen or found or not remote or not remote.presence.arrived:
            return Absent(reason="nobody had to ask for them")
        changed = [path for path, _, _ in self.question.footprint.all]
        return triggers.observe(self.cloud, remote, changed or None)

    def running(self, execution: Execution | Absent | Unseen) -> Running | Absent | Unseen:
        """The change in what an execution ran."""
        if isinstance(execution, Unseen):
            return execution
        if isinstance(execution, Absent):
            return Absent(reason=f"nothing runs: {execution.reason}")
        digest = self.choice.digest or execution.digest
        if digest is None:
            return Unseen(reason=f"execution {execution.id} did not record what it ran")
        return self._running(digest, [execution] if execution.digest == digest else [])

    def _running(self, digest: str, executions: Sequence[Execution]) -> Running | Unseen:
        """The change in what these executions of an image ran."""
        found = self._inside(digest)
        if isinstance(found, Unseen) or not found.copies:
            return found
        return settled(found, [self._with_real_paths(one) for one in executions])

    def _inside(self, digest: str) -> Running | Unseen:
        """The change in the files of an image, whichever of them run."""
        if digest not in self._presences:
            self._presences[digest] = self._look_into(digest)
        return self._presences[digest]

    def _with_real_paths(self, execution: Execution) -> Execution:
        """What it loaded, without the links on the way."""
        content = self._content(execution.digest) if execution.digest else None
        if execution.loaded is None or content is None or isinstance(content, Unseen):
            return execution
        loaded = tuple(real(path, content) for path in execution.loaded)
        return structs.replace(execution, loaded=loaded)

    def _look_into(self, digest: str) -> Running | Unseen:
        content = self._content(digest)
        if isinstance(content, Unseen):
            return content
        record = select.of_digest(self.records, digest)
        seen = self._source(record) if record else None
        image = self._image(record) if record else None
        return running.observe(
            self.project,
            self.question.commit,
            digest,
            content,
            self.question.footprint,
            seen if isinstance(seen, SourceSeen) else None,
            image if isinstance(image, Image) else None,
            record,
            self._loaded(digest, content),
            f"landed trace --digest {digest} --json",
        )

    def _loaded(self, digest: str, content: ImageContent) -> set[str]:
        """The files of an image that any execution of it has loaded."""
        ran = [] if isinstance(self.executions, Unseen) else self.executions
        said = {path for one in ran if one.digest == digest for path in one.loaded or ()}
        return {real(path, content) for path in said}

    def logs(
        self, execution: Execution | Absent | Unseen, named: tuple[NamedError, ...]
    ) -> Logs | Absent | Unseen:
        """An execution's entries, beside those of executions without the change."""
        workload = self.target.workload
        if not self._whole:
            return Absent(reason="not asked")
        if (
            workload is None
            or not isinstance(execution, Execution)
            or isinstance(self.executions, Unseen)
        ):
            return execution if isinstance(execution, Unseen) else Absent(reason="nothing has run")
        from landed.trace import entries  # noqa: PLC0415 - slow to load, and not each one is asked

        found = entries.look(
            self.project, self.cloud, workload, execution, self.executions, self._has_change, named
        )
        return self._with_schema(found, execution) if isinstance(found, Logs) else found

    def _with_schema(self, logs: Logs, execution: Execution) -> Logs:
        """Says what the commits have, where an error says that the database lacks something."""
        gaps = [error.gap for error in logs.errors if error.gap]
        if not gaps or isinstance(self.executions, Unseen):
            return logs
        commit = self.question.commit
        until = self._commit_of(self.choice.digest or execution.digest) or commit
        earlier = (e for e in self.executions if e.started_at < execution.started_at)
        ran = (self._commit_of(one.digest) for one in earlier)
        since = next((found for found in ran if found and found != until), None)
        change = self.question.footprint.all
        found = schema.observe(self.project.repository, change, commit, since, until, gaps)
        return structs.replace(logs, schema=found)

    def _commit_of(self, digest: str | None) -> str | None:
        """The commit that an image was made from, as far as its build tells."""
        record = select.of_digest(self.records, digest)
        source = self._source_of(record) if record else None
        return source.commit if isinstance(source, Source) else None

    def since(self) -> datetime | None:
        """When the first of the newest unbroken run of executions with the change began."""
        begun = None
        for execution in [] if isinstance(self.executions, Unseen) else self.executions:
            found = self._running(execution.digest, [execution]) if execution.digest else None
            if not isinstance(found, Running) or not found.presence.arrived:
                break
            begun = execution.started_at
        return begun

    def _has_change(self, execution: Execution) -> bool | None:
        """Whether an earlier execution ran the change already; None where nobody can tell."""
        if execution.digest is None:
            return None
        found = self._running(execution.digest, [execution])
        return None if isinstance(found, Unseen) else found.presence.arrived
