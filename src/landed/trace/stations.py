"""The stations behind the remote, each asked once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from landed.content.image.reference import split
from landed.core.errors import UsageError
from landed.core.model import (
    Absent,
    NamedError,
    Unseen,
)
from landed.core.probe import BuildRecord, Cloud
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
    TriggerSeen,
)
from landed.core.words import branch, filled, listed, short
from landed.trace import select, triggers
from landed.trace.inside import Inside
from landed.trace.members import Members
from landed.trace.project import Project
from landed.trace.rollout import Rollout
from landed.trace.sources import Question
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
        self._none_built = "nothing has been built yet"
        deployment = self._deployment()
        self.records_unseen = records if isinstance(records, Unseen) else None
        self._all = [] if isinstance(records, Unseen) else records
        self.records = self._of_deployable(
            self._all, deployment if isinstance(deployment, Deployment) else None
        )
        members = Members(cloud, self.records)
        rollout = Rollout(cloud, target, self.commands, deployment, members)
        self.deployment, self.executions = rollout.deployment, rollout.executions
        self.inside = Inside(project, cloud, question, self.records, members, self.executions)
        self.execution, *self.others = map(
            self.inside.with_hidden, rollout.counting(choice.execution)
        )
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
        return select.forward(self.records, running, self.inside.source_of, self._follows)

    def _made_elsewhere(self) -> Unseen | None:
        """Where what runs has the change, and no build that is known here has it or made that:
        then the build was not seen, and an older one must not stand in for it.
        """
        ran = self.execution if isinstance(self.execution, Execution) else None
        if ran is None or ran.digest is None or self.choice.build or self.choice.digest:
            return None
        source = self.inside.source_of(self.forward) if self.forward else None
        has = isinstance(source, Source) and source.presence.arrived is True
        if has or self.records_unseen or select.of_digest(self.records, ran.digest):
            return None
        found = self.inside.has(ran.digest)
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
            same_files=self.inside.same_files(built[0], deployment.digest),
            serving=tuple(
                structs.replace(one, same_files=self.inside.same_files(built[0], one.digest))
                for one in deployment.serving
            ),
        )

    def _follows(self, commit: str) -> bool:
        """Whether a commit has the change's commit in its history."""
        return self.project.repository.is_ancestor(self.question.commit, commit) is True

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
        image = self.inside.image(record)
        if isinstance(image, Image):
            image = self._with_copies(image)
        return Made(build=record.build, source=self.inside.source_of(record), image=image)

    def _with_copies(self, image: Image) -> Image:
        """Says of an image which copies without the change it has, as far as its executions that
        count tell of them. Where none of them ran it, nobody could tell which one would.
        """
        counting = [
            one
            for one in (self.execution, *self.others)
            if isinstance(one, Execution) and one.digest == image.digest
        ]
        found = self.inside.running(image.digest, counting)
        if isinstance(found, Unseen) or not found.copies:
            return image
        evidence = (*image.evidence, *found.evidence[-1:])
        return structs.replace(image, copies=found.copies, evidence=evidence)

    def newer(self) -> tuple[Build, ...]:
        """Later builds of the very commit that the one judged was built from, in the same way, by
        their records: also those that were pushed under the name of another image.
        """
        mine = self.forward
        source = self.inside.source_of(mine) if mine else None
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
        source = self.inside.source_of(self.forward) if self.forward else None
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
        return self.inside.running(digest, [execution] if execution.digest == digest else [])

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
        from landed.trace import schema  # noqa: PLC0415 - few errors are about a database

        commit = self.question.commit
        until = self.inside.commit_of(self.choice.digest or execution.digest) or commit
        earlier = (e for e in self.executions if e.started_at < execution.started_at)
        ran = (self.inside.commit_of(one.digest) for one in earlier)
        since = next((found for found in ran if found and found != until), None)
        change = self.question.footprint.all
        found = schema.observe(self.project.repository, change, commit, since, until, gaps)
        return structs.replace(logs, schema=found)

    def since(self) -> datetime | None:
        """When the first of the newest unbroken run of executions with the change began."""
        begun = None
        for execution in [] if isinstance(self.executions, Unseen) else self.executions:
            found = self.inside.running(execution.digest, [execution]) if execution.digest else None
            if not isinstance(found, Running) or not found.presence.arrived:
                break
            begun = execution.started_at
        return begun

    def _has_change(self, execution: Execution) -> bool | None:
        """Whether an earlier execution ran the change already; None where nobody can tell."""
        if execution.digest is None:
            return None
        found = self.inside.running(execution.digest, [execution])
        return None if isinstance(found, Unseen) else found.presence.arrived
