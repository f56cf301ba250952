"""The stations before a build: work tree, remote, and what the builder was given."""

from __future__ import annotations

from enum import StrEnum

from landed.core.model import Evidence, Frozen, Presence


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
    of landed's own state that an upload would take along. `not_there` are Dockerfiles that the
    settings name and the commit lacks, as far as somebody looked.
    """

    head: str
    branch: str | None
    dirt: tuple[Dirt, ...]
    evidence: tuple[Evidence, ...]
    build_files: tuple[BuildFile, ...] = ()
    swept_in: tuple[str, ...] = ()
    not_there: tuple[str, ...] = ()


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
