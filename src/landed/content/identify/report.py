"""File by file: what was identified against the best commit."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from landed.content.commit import CommitFiles
from landed.content.compare import compare
from landed.content.generated import generated
from landed.content.git.attributes import Attributes
from landed.content.having import holders
from landed.content.identify.align import Placement
from landed.content.identify.result import Elsewhere, Files
from landed.content.repo import Repository
from landed.core.probe import GITLINK, Content
from landed.core.seen import DifferenceKind

_WHOLE = 0.5
_MOST_HOLDERS = 20


class _Expected:
    """The commit's files by their paths in the image."""

    def __init__(self, commit: CommitFiles, placed: Mapping[str, str]) -> None:
        self._commit, self._placed = commit, placed
        self.files = {image: commit.files[path] for image, path in placed.items()}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The committed bytes."""
        asked = {path: self._placed[path] for path in paths if path in self._placed}
        found = self._commit.read(set(asked.values()))
        return {path: found.get(there) for path, there in asked.items()}

    def rules(self, paths: Iterable[str]) -> dict[str, Attributes]:
        """What the commit's attributes say of these files."""
        asked = {path: self._placed[path] for path in paths if path in self._placed}
        said = self._commit.rules(set(asked.values()))
        return {path: said[there] for path, there in asked.items() if there in said}


class Report:
    """The comparison with one commit, whose files are `tree`, under those of the placements that it
    shows.
    """

    def __init__(
        self,
        repository: Repository,
        commit: str,
        placements: Sequence[Placement],
        image: Content,
    ) -> None:
        self._repository, self._image = repository, image
        self._commit = CommitFiles(repository, commit)
        self.tree = self._commit.files
        self.placements: list[Placement] = []
        self.placed: dict[str, str] = {}
        self.whole: list[Placement] = []
        self.coverage = 0.0
        for placement in placements:
            self._add(placement)

    def _add(self, placement: Placement) -> None:
        """A placement that most of its folder's files are in is whole: what is missing from it is
        missing. Of another only those files count that are there.
        """
        there: dict[str, str] = {}
        absent: dict[str, str] = {}
        equal = 0
        for path, file in self.tree.items():
            place = placement.in_image(os.fsencode(path))
            if place is None or file.mode == GITLINK:
                continue
            name = os.fsdecode(place)
            found = self._image.files.get(name)
            (absent if found is None else there)[name] = path
            equal += found is not None and found.blob == file.blob
        if not equal:  # a placement of other times
            return
        self.placements.append(placement)
        share = equal / max(len(there) + len(absent), 1)
        self.coverage = max(self.coverage, share)
        first = not self.placed
        self.placed = {**there, **self.placed}
        if first or share >= _WHOLE:
            self.whole.append(placement)
            self.placed = {**absent, **self.placed}

    def files(self, committed: Collection[str], *, history: bool) -> Files:
        """Counts and names them. `committed` are the blobs among the image's that a commit has;
        with `history`, who has a changed file's content is looked up.
        """
        expected = _Expected(self._commit, self.placed)
        compared = compare(expected, self._image, expected.rules)
        by = {
            kind: [d.path for d in compared.differences if d.kind is kind]
            for kind in DifferenceKind
        }
        changed = sorted(by[DifferenceKind.CHANGED] + by[DifferenceKind.UNREAD])
        extra = [path for path in compared.extra if self._inside(path)]
        folders = {path.rpartition("/")[0] for path in self.placed}
        beside = [
            path
            for path in extra
            if path.rpartition("/")[0] in folders and self._image.files[path].blob not in committed
        ]
        made = generated(beside, self._image, self.placed)
        return Files(
            same=compared.same,
            changed=tuple(changed),
            extra=len(extra),
            missing=len(by[DifferenceKind.MISSING]),
            never_committed=tuple(path for path in beside if path not in made),
            line_ends=len(by[DifferenceKind.LINE_ENDS]),
            as_in=tuple(self._elsewhere(changed, committed)) if history else (),
        )

    def _inside(self, path: str) -> bool:
        inner = os.fsencode(path)
        return any(placement.in_tree(inner) is not None for placement in self.whole)

    def _elsewhere(self, changed: Sequence[str], committed: Collection[str]) -> Iterable[Elsewhere]:
        """Which commit has a changed file as it is here."""
        wanted = {
            self.placed[path]: self._image.files[path].blob
            for path in changed
            if self._image.files[path].blob in committed
        }
        wanted = dict(list(wanted.items())[:_MOST_HOLDERS])
        found = holders(self._repository, wanted)
        for path in changed:
            if self.placed[path] in found and self.placed[path] in wanted:
                yield Elsewhere(path=path, commit=found[self.placed[path]])
