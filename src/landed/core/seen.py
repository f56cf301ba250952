"""What the probes saw of a change, station by station: the only input of the judge.

A probe answers with a station's observation, with `Absent` (it looked, and there is none) or with
`Unseen` (it could not look).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from landed.core.model import Absent, Change, Evidence, Frozen, Presence, Unseen
from landed.core.watch import Watch


class DirtKind(StrEnum):
    """In which way a file of the work tree differs from HEAD."""

    CHANGED = "changed"
    DELETED = "deleted"
    UNTRACKED = "untracked"
    UPLOAD_DROPS = "upload-drops"
    LFS_POINTER = "lfs-pointer"
    SUBMODULE = "submodule"


class Dirt(Frozen):
    """One file of the work tree that differs from HEAD, or that the upload would leave behind.

    `read_by_build` is None where that cannot be told (it counts as read). `hidden` says why
    `git status` does not show it, empty where it does. `rule` is the ignore line that drops it.
    """

    path: str
    kind: DirtKind
    read_by_build: bool | None = None
    hidden: str = ""
    rule: str = ""


class Lack(StrEnum):
    """What a Cloud Build file should have and has not."""

    GATE = "gate"
    LABEL = "label"
    IMAGES = "images"


class BuildFile(Frozen):
    """A Cloud Build file of the work tree. `problem` says why nobody could tell what it lacks."""

    path: str
    lacks: tuple[Lack, ...] = ()
    problem: str = ""


class WorkTree(Frozen):
    """The work tree against HEAD, and the files in it that say how to build. `swept_in` are folders
    of landed's own state that an upload would take along.
    """

    head: str
    branch: str | None
    dirt: tuple[Dirt, ...]
    evidence: tuple[Evidence, ...]
    build_files: tuple[BuildFile, ...] = ()
    swept_in: tuple[str, ...] = ()


class RemoteBranch(Frozen):
    """A ref of the remote that holds the change, as the remote itself answered."""

    ref: str
    tip: str


class Remote(Frozen):
    """The remote's own answer about the ref that the builder reads.

    `tip` is None where the remote has no such ref. `presence` is that of the change in the tip;
    where the commit itself is not in the tip's history but its effect is, `equivalent` names
    the commit that brought it and `equivalent_by` says how that was recognised. `unpushed` are
    the commits (newest first) that HEAD or the change has and the ref has not.
    `picks` tells that the ref and the branch that has the change went separate ways, so that a
    fix reaches the ref by cherry-pick. `local_tip` is what `refs/remotes/...` says here.
    """

    remote: str
    url: str
    ref: str
    tip: str | None
    presence: Presence
    in_history: bool | None
    equivalent: str | None = None
    equivalent_by: str = ""
    undone_by: str | None = None
    unpushed: tuple[str, ...] = ()
    others: tuple[RemoteBranch, ...] = ()
    picks: bool = False
    local_tip: str | None = None
    local_contains: bool | None = None
    evidence: tuple[Evidence, ...] = ()


class DifferenceKind(StrEnum):
    """How a file of a source or an image differs from what was expected of it.

    `expanded` is a `$Format:…$` that `git archive` filled in, and `export-ignored` a file that it
    left out. `unread` is what nobody could compare: it is neither equal nor another.
    """

    CHANGED = "changed"
    NEVER_COMMITTED = "never-committed"
    MISSING = "missing"
    MODE = "mode"
    LINE_ENDS = "line-ends"
    EXPANDED = "expanded"
    EXPORT_IGNORED = "export-ignored"
    LFS_POINTER = "lfs-pointer"
    SUBMODULE = "submodule"
    UNREAD = "unread"


class Difference(Frozen):
    """One file that differs. `has_it` names a commit that holds this very content, if one does.

    `rule` is the ignore line that explains a missing file (`.gcloudignore:3: *.md`, say).
    """

    path: str
    kind: DifferenceKind
    has_it: str | None = None
    rule: str = ""


class SourceKind(StrEnum):
    """What a builder was given."""

    CLONE = "clone"
    UPLOAD = "upload"


class Source(Frozen):
    """What a build was made from.

    For a clone `commit` is what the builder resolved. For an upload it is the commit that the
    archive equals, or comes closest to; `differences` then lists what still differs, and
    `folder` says where in the repository the upload lies (``""`` is the root).
    `on_ref` asks whether `commit` is on the builder's ref *now*, `on_remote` whether it is on any
    branch of the remote (that is enough for somebody else to build it again). `tip_then` is the
    remote's tip when the builder fetched, where it was recorded. `requested` is the commit that
    was asked for.
    `presence` is that of the change in this source.
    """

    kind: SourceKind
    commit: str | None
    on_ref: bool | None
    presence: Presence
    on_remote: bool | None = None
    url: str = ""
    ref: str = ""
    folder: str = ""
    requested: str | None = None
    tip_then: str | None = None
    differences: tuple[Difference, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class BuildState(StrEnum):
    """Where a build stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"


class Claim(Frozen):
    """A commit id that somebody typed into a label or a substitution.

    `true` says whether the content agrees: None where that commit cannot be looked at.
    """

    where: str
    commit: str
    true: bool | None = None


class Build(Frozen):
    """A build as its provider recorded it; `pushed` are the digests that it published.

    `pushes_itself` tells that a step of it may have pushed an image which its record does not name.
    `trigger` is the whole name of what started it by itself, empty where somebody did.
    """

    id: str
    state: BuildState
    started_at: datetime
    finished_at: datetime | None
    pushed: tuple[str, ...]
    names: tuple[str, ...] = ()
    failure: str = ""
    pushes_itself: bool = False
    trigger: str = ""
    unpinned: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Image(Frozen):
    """The files of an image against the source it was made from.

    `compared` is the number of files that were compared by content; zero proves nothing.
    `folder` is the folder of the repository that was expected, `matches_folder` the one whose
    files these really are; `dockerfile` and `built_with` likewise. `differences` is against the
    expected placement. `against` is the
    commit whose files were expected, empty where the source was an upload.
    """

    digest: str
    compared: int
    differences: tuple[Difference, ...]
    folder: str = ""
    matches_folder: str | None = None
    dockerfile: str = ""
    built_with: str = ""
    against: str = ""
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Made(Frozen):
    """A build with what went in and what came out."""

    build: Build | Absent | Unseen
    source: Source | Absent | Unseen
    image: Image | Absent | Unseen


class Registry(Frozen):
    """What the name that people deploy resolves to; `digest` is None for an unknown name."""

    name: str
    digest: str | None
    moved_at: datetime | None = None
    names_of_build: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Serving(Frozen):
    """A revision of a service that takes part of the traffic, in percent. `same_files` as in
    `Deployment`.
    """

    revision: str
    digest: str | None
    percent: int
    same_files: bool = False


class Earlier(Frozen):
    """What a deployment was on before, from when, and who said so."""

    digest: str | None
    since: datetime
    updated_by: str = ""


class Deployment(Frozen):
    """The job or service that takes the work.

    `image` is its spec, word for word; `digest` what that means now, or, for a service, what its
    newest revision took that to mean when it was made. `since` is when the present digest came
    into force: the spec's change, or the tag's move where a job names a tag. `same_files` is True
    where its digest differs from the build's and every file is equal. `updated_by` is who changed
    it last, empty where nobody recorded that; `earlier` is what it was on before, newest first.

    For a service `serving` are the revisions that take traffic and `latest` is the newest one.
    `not_ready` says why that one can never serve; `deploying` that this is not decided yet.
    """

    kind: str
    name: str
    image: str
    digest: str | None
    pinned: bool
    since: datetime
    same_files: bool = False
    updated_by: str = ""
    earlier: tuple[Earlier, ...] = ()
    serving: tuple[Serving, ...] = ()
    latest: str = ""
    not_ready: str = ""
    deploying: bool = False
    evidence: tuple[Evidence, ...] = ()

    def holds_on_to(self, digest: str) -> str:
        """How it is on a digest without the help of a name, as a sentence."""
        if self.pinned:
            return f"{self.name} names {digest} itself"
        return f"{self.name} serves {digest}: its revision keeps it, whatever {self.image} is now"


class ExecutionState(StrEnum):
    """Where an execution stands; `lost` is one whose end nobody recorded. A revision of a service
    is `serving` as long as it takes traffic and nothing says that it failed: nobody waits for its
    end. Another revision that could serve has `succeeded`, one that never could has `failed`.
    """

    RUNNING = "running"
    SERVING = "serving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"


class Execution(Frozen):
    """One run of a deployment, with the digest that it really ran; a service's is a revision.

    `percent` is the share of the traffic that a revision takes. `mounts` are the folders of the
    image that a volume covers, and `hidden` the image's own files that lie below one of them.
    `overridden` is what of its start the place changed, so that other code may have run;
    `remarks` say what else of it is not the image's.
    """

    id: str
    digest: str | None
    started_at: datetime
    finished_at: datetime | None
    state: ExecutionState
    exit_code: int | None = None
    foreign_modules: tuple[str, ...] = ()
    percent: int | None = None
    mounts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it is a revision that takes traffic: that is the present, however old it is."""
        return self.state is ExecutionState.SERVING or bool(self.percent)

    @property
    def called(self) -> str:
        """What people call it, with its share of the traffic."""
        if not self.percent:
            return f"execution {self.id}"
        return f"revision {self.id}, with {self.percent} % of the traffic,"


class SeenError(Frozen):
    """An error identity in some execution's log. `before` counts the earlier executions with it.

    `mixed` is one whose stack may hold lines of another: that some error is there is sure, which
    one is not.
    """

    family: str
    identity: str
    title: str
    count: int
    first_at: datetime
    last_at: datetime
    executions: tuple[str, ...]
    named: str | None = None
    before: int = 0
    exception: str = ""
    mixed: bool = False


class Logs(Frozen):
    """What one execution logged, beside what earlier ones did.

    `work` counts the entries that match what is expected, None where nothing is configured.
    `errors` are those of this execution, `earlier` those of executions without the change,
    `with_change` those of earlier executions that had it already, and `on_unknown` those of earlier
    executions of which nobody could tell. `looked_back` counts the executions without the change
    that were read. `asked` is False for a service that works when it is asked, where nothing says
    that anybody did.
    """

    execution: str
    entries: int
    work: int | None
    errors: tuple[SeenError, ...]
    earlier: tuple[SeenError, ...] = ()
    with_change: tuple[SeenError, ...] = ()
    on_unknown: tuple[SeenError, ...] = ()
    looked_back: int = 0
    asked: bool = True
    evidence: tuple[Evidence, ...] = ()


class WatchRecord(Frozen):
    """The watch over the change, as it was recorded."""

    watch: Watch
    evidence: tuple[Evidence, ...] = ()


class Running(Frozen):
    """What runs, whoever built it: the change's effect in the running image, by content."""

    digest: str
    presence: Presence
    because: str
    evidence: tuple[Evidence, ...] = ()


class TriggerSeen(Frozen):
    """What starts builds by itself at a push.

    `watches` tells whether it takes the builder's ref, and `passes` whether its path filters let
    the change through; None where nobody could tell.
    """

    name: str
    watches: bool | None
    passes: bool | None
    disabled: bool = False
    filters: str = ""
    evidence: tuple[Evidence, ...] = ()


class Served(Frozen):
    """One more revision of a service that takes traffic, with what was seen of it. The fields are
    those of `Observations`.
    """

    execution: Execution | Absent | Unseen
    backward: Made
    running: Running | Absent | Unseen
    logs: Logs | Absent | Unseen


class Commands(Frozen):
    """What a person types where the deployable is built and runs, to mend a link.

    `build` builds what a ref has and `build_commit` one commit; `again` and `again_commit` let a
    trigger do that, and are empty where there are none; `route` gives a service's traffic
    to its newest revision, and `enable` turns on a trigger. `{url}`, `{image}`, `{ref}`,
    `{commit}`, `{execution}` and `{trigger}` stand for what the evidence names. The defaults are
    for a place that nobody knows.
    """

    build: str = "build {image} from {ref}"
    build_commit: str = "build {image} from {commit}"
    again: str = ""
    again_commit: str = ""
    deploy: str = "deploy {image}"
    execute: str = "run it again"
    logs: str = "read the log of {execution}"
    route: str = "give all traffic to the newest revision"
    enable: str = "enable trigger {trigger}"


class Observations(Frozen):
    """All that the probes saw of one change in one target: the only input of the judge.

    `forward` is the newest successful build whose source has the change, else the newest build.
    `backward` is the build that made what the newest execution ran. Where a service serves by
    several revisions, `execution` is the one with most traffic, and the others are `beside` it.
    `triggers` is Absent where nobody had to ask for them. `newer` are later builds of the commit
    that `forward` was built from.
    """

    change: Change
    deployable: str
    environment: str
    work_tree: WorkTree | Absent | Unseen
    remote: Remote | Absent | Unseen
    forward: Made
    registry: Registry | Absent | Unseen
    deployment: Deployment | Absent | Unseen
    execution: Execution | Absent | Unseen
    backward: Made
    running: Running | Absent | Unseen
    logs: Logs | Absent | Unseen
    watch: WatchRecord | Absent | Unseen
    observed_at: datetime
    commands: Commands = Commands()
    beside: tuple[Served, ...] = ()
    triggers: tuple[TriggerSeen, ...] | Absent | Unseen = Absent(reason="not asked")
    newer: tuple[Build, ...] = ()

    def each(self) -> tuple[Observations, ...]:
        """One look for each execution that counts: one, or as many as revisions take traffic."""
        others = (
            replace(
                self,
                execution=one.execution,
                backward=one.backward,
                running=one.running,
                logs=one.logs,
            )
            for one in self.beside
        )
        return (self, *others)
