"""What each difference does to the answer: it breaks it, it explains itself, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

from msgspec.structs import replace

from landed.content.commit import plan_of
from landed.content.gate.expected import Known
from landed.content.gate.given import Given
from landed.content.ignore import DOCKERIGNORE, UploadRules
from landed.content.names import is_ignore_file
from landed.content.placement import Plan
from landed.core.errors import LandedError
from landed.core.model import Unseen
from landed.core.probe import GITLINK, File
from landed.core.seen import Difference, DifferenceKind

_ABSENT = (
    DifferenceKind.MISSING,
    DifferenceKind.SUBMODULE,
    DifferenceKind.EXPORT_IGNORED,
    DifferenceKind.LFS_POINTER,
)


class Bearing(StrEnum):
    """What a difference does to the answer."""

    BREAKS = "breaks"
    LEFT_OUT = "left-out"
    UNSEEN = "unseen"


class Scales:
    """Weighs the differences between one commit and one folder.

    What lies in the folder and is not the commit's always breaks the answer, whatever an ignore
    file says: any step may read it. What is not there does no harm where the build reads it not.
    """

    def __init__(self, commit: Known, given: Given, dockerfile: str) -> None:
        self._commit = commit
        self._given = given
        self._dockerfile = dockerfile

    def weigh(self, each: Difference) -> tuple[Bearing, Difference]:
        """The bearing of a difference, and the difference with the rule that explains it."""
        if each.kind is DifferenceKind.NEVER_COMMITTED:
            rule = self.plan.left_out.get(each.path, "") if isinstance(self.plan, Plan) else ""
            return Bearing.BREAKS, replace(each, rule=rule)
        if each.kind is DifferenceKind.UNREAD:
            if self._commit.files[each.path].mode == GITLINK:
                return Bearing.UNSEEN, each
            # Nothing that git does leads from the committed bytes to these.
            return Bearing.BREAKS, replace(each, kind=DifferenceKind.CHANGED)
        if each.kind not in _ABSENT:
            return Bearing.BREAKS, each
        if each.kind is DifferenceKind.MISSING:
            rule = self._upload.rule(each.path)
            if not rule:
                return Bearing.BREAKS, each
            each = replace(each, rule=rule)
        return self._of_absent(each.path), each

    def _of_absent(self, path: str) -> Bearing:
        if is_ignore_file(path):
            return Bearing.LEFT_OUT
        if self.read is None:
            return Bearing.UNSEEN
        # A submodule stands there as its folder.
        read = any(one == path or one.startswith(f"{path}/") for one in self.read)
        return Bearing.BREAKS if read else Bearing.LEFT_OUT

    def unread(self, paths: Sequence[str]) -> bool:
        """Whether all of these are files of the folder that the build does not read. Of what is no
        file, and of a Dockerfile that cannot be followed, nobody can tell.
        """
        known = self.read is not None and all(path in self._given.files for path in paths)
        return known and self.read is not None and self.read.isdisjoint(paths)

    @cached_property
    def read(self) -> frozenset[str] | None:
        """All paths that the build reads; None where nobody can tell."""
        if isinstance(self.plan, Unseen):
            return None
        ignore = (f"{self._dockerfile}{DOCKERIGNORE}", DOCKERIGNORE)
        placed = (one.source for one in self.plan.files.values())
        return frozenset((*ignore, *self.plan.inputs, *placed))

    @cached_property
    def plan(self) -> Plan | Unseen:
        """What the folder's Dockerfile would make of all that the commit and the folder have."""
        try:
            return plan_of(_Union(self._commit, self._given), self._dockerfile)
        except LandedError as error:
            return Unseen(reason=error.message, hint=error.hint)

    @cached_property
    def _upload(self) -> UploadRules:
        """By the ignore files that the proof carries along: an upload drops them."""
        return UploadRules.of(self._commit.files, self._carried)

    def _carried(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        files = self._commit.files
        return {path: self._commit.proof.blob(files[path].blob) for path in paths}


class _Union:
    """All paths that the commit or the folder has, with the folder's bytes."""

    def __init__(self, commit: Known, given: Given) -> None:
        own = {commit.own: File(mode="100644", blob="")} if commit.own else {}
        self.files: Mapping[str, File] = {**given.files, **commit.files, **own}
        self.read = given.read
