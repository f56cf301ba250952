"""What is in the builds' sources and in the images."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from landed.core.errors import ProviderError
from landed.core.model import Absent, Presence, Unseen
from landed.core.probe import BuildRecord, Cloud, ImageContent
from landed.core.seen import Execution, Image, Running, Source, SourceKind
from landed.trace import images, running, select, sources
from landed.trace.copies import settled
from landed.trace.members import Members
from landed.trace.mounts import below, real
from landed.trace.old_layers import with_old_layers
from landed.trace.outputs import with_stale_outputs
from landed.trace.packages.misfits import with_misfits
from landed.trace.project import Project
from landed.trace.sources import Question, SourceSeen


class Inside:
    """Sources and images, each looked into once. What the `executions` loaded tells where in an
    image to look.
    """

    def __init__(
        self,
        project: Project,
        cloud: Cloud,
        question: Question,
        records: Sequence[BuildRecord],
        members: Members,
        executions: Sequence[Execution] | Unseen,
    ) -> None:
        self._project, self._cloud, self._question = project, cloud, question
        self._records, self._members, self._executions = records, members, executions
        self._sources: dict[str, SourceSeen | Unseen] = {}
        self._contents: dict[str, ImageContent | Unseen] = {}
        self._images: dict[str, Image | Absent | Unseen] = {}
        self._presences: dict[str, Running | Unseen] = {}

    def source_of(self, record: BuildRecord) -> Source | Unseen:
        """What a build was given."""
        seen = self._source(record)
        return seen if isinstance(seen, Unseen) else seen.source

    def _source(self, record: BuildRecord) -> SourceSeen | Unseen:
        if record.build.id not in self._sources:
            try:
                seen = sources.observe(self._project, self._cloud, record, self._question)
            except ProviderError as error:
                seen = Unseen(reason=error.message, hint=error.hint)
            self._sources[record.build.id] = seen
        return self._sources[record.build.id]

    def _content(self, digest: str) -> ImageContent | Unseen:
        digest = self._members.as_run(digest)
        if digest not in self._contents:
            self._contents[digest] = self._cloud.image(digest)
        return self._contents[digest]

    def with_hidden(self, execution: Execution | Absent | Unseen) -> Execution | Absent | Unseen:
        """Says of what ran which files of its image lay below a volume."""
        if not isinstance(execution, Execution) or not execution.mounts or not execution.digest:
            return execution
        content = self._content(execution.digest)
        if isinstance(content, Unseen):
            return execution
        hidden = below(execution.mounts, content)
        return structs.replace(execution, hidden=hidden)

    def same_files(self, built: str | None, other: str | None) -> bool:
        """Whether two digests that differ are of the same files, started in the same way."""
        if built is None or other is None or other == built:
            return False
        mine, its = self._content(built), self._content(other)
        if isinstance(mine, Unseen) or isinstance(its, Unseen):
            return False
        return mine.files == its.files and mine.start == its.start

    def image(self, record: BuildRecord) -> Image | Absent | Unseen:
        """The image of a build, against its source."""
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
        return self._compared(record, seen, digest, content, images.shown_by(digest))

    def _compared(
        self, record: BuildRecord, seen: SourceSeen, digest: str, content: ImageContent, see: str
    ) -> Image | Unseen:
        footprint = self._question.footprint
        try:
            found = images.observe(self._project, record, seen, digest, content, footprint, see)
            if isinstance(found, Unseen):
                return found
            found = with_old_layers(self._project, record, seen, content, found)
            found = with_misfits(record, seen, content, footprint, found)
            return with_stale_outputs(self._project, self._question, record, seen, content, found)
        except ProviderError as error:
            return Unseen(reason=error.message, hint=error.hint)

    def _instead(
        self, record: BuildRecord, digest: str, content: ImageContent, why: Unseen
    ) -> Image | Unseen:
        """The image against the change's own commit, where its source could not be seen."""
        folder = self._project.folder
        seen = SourceSeen(
            source=Source(
                kind=record.kind or SourceKind.CLONE,
                commit=self._question.commit,
                on_ref=None,
                presence=Presence.PRESENT,
            ),
            content=self._project.at(self._question.commit, folder),
            folder=folder,
        )
        found = self._compared(record, seen, digest, content, "")
        equal = isinstance(found, Image) and found.compared and not found.differences
        return found if equal else why

    def running(self, digest: str, executions: Sequence[Execution]) -> Running | Unseen:
        """The change in what these executions of an image ran."""
        found = self.has(digest)
        if isinstance(found, Unseen) or not found.copies:
            return found
        return settled(found, [self._with_real_paths(one) for one in executions])

    def has(self, digest: str) -> Running | Unseen:
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
        record = select.of_digest(self._records, digest)
        seen = self._source(record) if record else None
        image = self.image(record) if record else None
        return running.observe(
            self._project,
            self._question.commit,
            digest,
            content,
            self._question.footprint,
            seen if isinstance(seen, SourceSeen) else None,
            image if isinstance(image, Image) else None,
            record,
            self._loaded(digest, content),
            images.shown_by(digest),
        )

    def _loaded(self, digest: str, content: ImageContent) -> set[str]:
        """The files of an image that any execution of it has loaded."""
        ran = [] if isinstance(self._executions, Unseen) else self._executions
        said = {path for one in ran if one.digest == digest for path in one.loaded or ()}
        return {real(path, content) for path in said}

    def commit_of(self, digest: str | None) -> str | None:
        """The commit that an image was made from, as far as its build tells."""
        record = select.of_digest(self._records, digest)
        source = self.source_of(record) if record else None
        return source.commit if isinstance(source, Source) else None
