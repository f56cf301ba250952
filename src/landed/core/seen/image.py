"""An image: its files against its source, and what else of it may not be what runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from landed.core.model import Evidence, Frozen
from landed.core.seen.source import Difference
from landed.core.words import printable, short


class Claim(Frozen):
    """A commit id that somebody typed into a label or a substitution.

    `true` says whether the content agrees: None where that commit cannot be looked at.
    """

    where: str
    commit: str
    true: bool | None = None


class OldLayer(Frozen):
    """A COPY of which the image has, in every file, what an older commit would have brought.

    `commit` is the newest one that would; `files` is how many it brings, and `differ` are those
    paths of the image in which it is not the source. `apart` of the files that differ lie in
    another layer than the rest. `also_in` is a folder of the source that has these very files as
    well, empty where none does. `made_by`, `by_run` and `made_at` are what the image recorded of
    the layer.
    """

    copy: str
    commit: str
    files: int
    differ: tuple[str, ...]
    apart: int = 0
    also_in: str = ""
    made_by: str = ""
    by_run: bool = False
    made_at: datetime | None = None


class MisfitKind(StrEnum):
    """In which way a package is not what is asked for."""

    NOT_INSTALLED = "not-installed"
    OTHER_INSTALLED = "other-installed"
    NOT_LOCKED = "not-locked"
    OTHER_LOCKED = "other-locked"


class Misfit(Frozen):
    """A package of which the source asks for another version than its lock, or the image, has.

    `file` is what asks for `wanted`; `lock` is the file that the build installs by, and `found` the
    version in it, or in the image, empty where there is none. `where` is the package's own record
    in the image, empty where it has none. `changed`: the change is about `file` or `lock`.
    """

    name: str
    kind: MisfitKind
    file: str
    wanted: str
    lock: str
    found: str = ""
    where: str = ""
    changed: bool = False

    @property
    def breaks(self) -> bool:
        """Whether the image is not what its source asks for. A lock that has been behind for long,
        in an image where nobody sees what is installed, is worth knowing and no more.
        """
        locked = self.kind in (MisfitKind.NOT_LOCKED, MisfitKind.OTHER_LOCKED)
        return not locked or self.changed or bool(self.where)


class OutputProof(StrEnum):
    """What shows that an output is older than a change: its source map holds the old text; it has
    words that the change took out and none that it put in; or both always changed together before.
    """

    MAP = "map"
    TEXT = "text"
    HISTORY = "history"


class StaleOutput(Frozen):
    """A committed output in the image that is as it was before the change to its `source`.

    `path` is its place in the image and `output` that in the repository; `last` is the commit that
    made it. `together` counts the earlier commits that changed both. `made_here`: a RUN may make
    outputs of its own. `copied`: the source lies in the image as well, and `started`: the image's
    command names the output.
    """

    path: str
    output: str
    source: str
    proof: OutputProof
    last: str = ""
    together: int = 0
    made_here: bool = False
    copied: bool = False
    started: bool = False

    @property
    def certain(self) -> bool:
        """Whether this output, without the change, is what runs. That both changed together before
        is no proof: a change of a comment makes no other output.
        """
        runs = not self.made_here and (self.started or not self.copied)
        return runs and self.proof is not OutputProof.HISTORY


class OtherCopy(Frozen):
    """Another place of an image from which a file of the change may be taken, without the change.

    `place` is where the build put that file, and `path` where the copy is, or would be: `missing`
    is one that the copy of its package lacks. `own` and `package` are what is loaded as one with
    each of them. `lacks` is False where nobody could tell whether the change is in it. `blob` is
    the id of its content, and `has_it` a commit that has that. `installed` copies lie among
    installed packages. `ran` says whether it is what was loaded; None where nobody could tell.
    """

    path: str
    place: str
    package: str
    own: str
    lacks: bool
    missing: bool = False
    blob: str | None = None
    has_it: str | None = None
    installed: bool = False
    ran: bool | None = None

    @property
    def ran_without(self) -> bool:
        """Whether it is what was loaded, and the change is known not to be in it."""
        return bool(self.ran) and self.lacks

    @property
    def open(self) -> bool:
        """Whether nobody can tell: if it was loaded, or if the change is in what was."""
        return self.ran is None or (self.ran and not self.lacks)

    def loaded(self, modules: Collection[str]) -> bool | None:
        """Whether it is what was loaded, by the files of all that was; None where that tells not.
        What is loaded of a package tells of the rest of it.
        """
        if self.path in modules:
            return True
        its, mine = _below(modules, self.package, self.own), _below(modules, self.own, self.package)
        return None if its == mine else its

    @property
    def called(self) -> str:
        """What people call it, with what is known of its content."""
        if self.missing:
            return f"{printable(self.path.rpartition('/')[0])}, which has no such file"
        holder = f"{short(self.has_it)} has that content" if self.has_it else "it is in no commit"
        return f"{printable(self.path)} ({holder})"


class Image(Frozen):
    """The files of an image against the source it was made from.

    `compared` is the number of files that were compared by content; zero proves nothing.
    `folder` is the folder of the repository that was expected, `matches_folder` the one whose
    files these really are; `dockerfile` and `built_with` likewise. `differences` is against the
    expected placement. `against` is the
    commit whose files were expected, empty where the source was an upload. `copies` are those of
    the change's files that may run in their stead.
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
    old_layers: tuple[OldLayer, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    outputs: tuple[StaleOutput, ...] = ()
    copies: tuple[OtherCopy, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def _below(modules: Collection[str], folder: str, other: str) -> bool:
    """Whether any of them is a folder's own, or that file: not of another one inside of it."""
    inside = other.startswith(f"{folder}/")
    return any(
        path == folder or path.startswith(f"{folder}/")
        for path in modules
        if not (inside and path.startswith(f"{other}/"))
    )
