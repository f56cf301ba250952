"""What a provider has to show. Each method sees; none of them judges.

Everything a method answers is bounded in time. What could not be seen is `Unseen`, with its
reason; what was looked for and is not there is `Absent` or an empty collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from landed.core.model import (
    Absent,
    Frozen,
    Unseen,
)
from landed.core.seen import (
    Build,
    Commands,
    Deployment,
    Execution,
    Registry,
    SourceKind,
)

GITLINK = "160000"
SYMLINK = "120000"


class File(Frozen):
    """A file by content: git's mode (`100644`, `100755`, `120000`, `160000`) and its blob's id.

    An empty mode means that the mode is not known.
    """

    mode: str
    blob: str


class WorkloadKind(StrEnum):
    """What takes the work: a job is executed, a service serves by its revisions."""

    JOB = "job"
    SERVICE = "service"


class Workload(Frozen):
    """A job or a service of an environment, by its name there."""

    kind: WorkloadKind
    name: str


class Content(Protocol):
    """Files that can be listed and read: an upload, an image."""

    @property
    def files(self) -> Mapping[str, File]:
        """Every file by its path, without a leading slash."""

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files; None for one that is absent or too large to read."""


class Layer(Frozen):
    """A layer of an image, by its place from below (0), with what the image's configuration
    recorded: the instruction that made it, whether that is a RUN, and when. Empty and None where
    nobody recorded it.
    """

    number: int
    made_by: str = ""
    by_run: bool = False
    made_at: datetime | None = None


class Start(Frozen):
    """What an image's configuration says of how it starts; empty where it says nothing."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""

    @property
    def command(self) -> tuple[str, ...]:
        """The words that are run."""
        return (*self.entrypoint, *self.cmd)


class ImageContent(Content, Protocol):
    """An image's final files, and what its configuration says."""

    def layer(self, path: str) -> Layer | None:
        """The layer that a file's bytes lie in; None for one that is not there."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the image's configuration: claims."""

    @property
    def start(self) -> Start:
        """How it starts."""


class Lent(Frozen):
    """What a base image lends to the instructions below FROM: its folder and its variables."""

    workdir: str = "/"
    env: dict[str, str] = {}


class BuildRecord(Frozen):
    """A build with what its provider recorded of its source. `base` is the name in FROM, and `lent`
    what the base lent then. `digests` says which name of `build.names` is which digest, where a
    build pushed several images; empty where it pushed one.

    `unread` says why nobody can tell how the image was packed, empty where that is known.
    `base_in_image` says whether the image holds its base's files; `own_base` whether that base was
    built in the same place, perhaps from the same repository.
    """

    build: Build
    kind: SourceKind | None
    url: str = ""
    ref: str = ""
    commit: str | None = None
    requested: str | None = None
    tip_then: str | None = None
    folder: str | None = None
    dockerfile: str = "Dockerfile"
    build_args: dict[str, str] = {}
    unread: str = ""
    base: str = ""
    lent: Lent = Lent()
    base_in_image: bool = True
    own_base: bool = False
    digests: dict[str, str] = {}
    see_source: str = ""


class Trigger(Frozen):
    """What starts builds by itself at a push. `ref` is its pattern of branches, or of tags where
    `of_tags`; `included` and `ignored` are its path filters. All word for word; empty where there
    is none, or none that can be written so. `enable` is the command that turns it on.
    """

    name: str
    ref: str = ""
    of_tags: bool = False
    url: str = ""
    included: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    disabled: bool = False
    enable: str = ""
    see: str = ""


class LogLine(Frozen, gc=False):
    """One log entry as the provider has it: time, severity, text, and who wrote it.

    `fields` is a structured entry as JSON text: a named error counts there as well. `message` is
    what it says, where `text` also has what other fields tell of an error. `stream` tells
    stdout from stderr, `instance`, `thread` and `trace` who wrote it, as far as that is known: a
    stack is put together only from lines of one writer. `mixed` marks one where that failed, so
    that it may hold lines of another. `asked` is the place's own entry about a request that a
    service got, and no word of the program: the visitor's address in it is not read. `owner` says
    whose entry it is where it is not of the workload that was asked about.
    """

    timestamp: datetime
    severity: str
    text: str
    execution: str
    insert_id: str = ""
    fields: str = ""
    message: str = ""
    stream: str = ""
    instance: str = ""
    thread: str = ""
    trace: str = ""
    mixed: bool = False
    asked: bool = False
    owner: str = ""


class Cloud(Protocol):
    """A place that builds, keeps images, deploys and runs: local, Google's, or another."""

    def commands(self, workload: Workload | None) -> Commands:
        """What a person types in this place to mend a link."""

    def builds(self) -> Sequence[BuildRecord] | Unseen:
        """All builds, newest first."""

    def triggers(self) -> Sequence[Trigger] | Unseen:
        """What would start a build at a push; empty where builds are only started by hand."""

    def upload(self, build: str) -> Content | Unseen:
        """The files that a build was given as an upload."""

    def image(self, digest: str) -> ImageContent | Unseen:
        """The final files of an image."""

    def members(self, digest: str) -> Sequence[str] | Unseen:
        """The images of an index, one for each platform, by digest; none where it is an image.

        A place may report such a digest as what runs, where the index was pushed and deployed.
        """

    def registry(self, name: str) -> Registry | Absent | Unseen:
        """What `name:tag` resolves to, asked of the registry."""

    def deployment(self, workload: Workload) -> Deployment | Absent | Unseen:
        """The job or service that takes the work."""

    def executions(self, workload: Workload) -> Sequence[Execution] | Unseen:
        """The executions of a job, or the revisions of a service, newest first."""

    def keeps(self, workload: Workload) -> int | None:
        """How many executions the place keeps of a job: the oldest go first. None where all."""

    def entries(self, workload: Workload, execution: str) -> Sequence[LogLine] | Unseen:
        """One execution's (or revision's) own log entries, in order."""

    def elsewhere(self, workload: Workload) -> Sequence[LogLine] | Unseen:
        """Entries that a person sees beside the workload's own, and that are another's: of another
        project, job, service or place. Each says in `owner` whose. None is asked for by itself.
        """
