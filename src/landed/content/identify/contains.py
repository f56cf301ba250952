"""Whether a change is in what was identified: by its history where that is clear, else by bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from landed.content.effect import State, presence, states
from landed.content.git.objects import Changed
from landed.content.identify.align import Placement
from landed.content.identify.result import Contains
from landed.content.repo import Repository
from landed.core.model import Answer, Presence
from landed.core.probe import Content, File
from landed.core.words import listed


def contained(
    repository: Repository,
    commit: str,
    ties: Sequence[str],
    tree: Mapping[str, File],
    placements: Sequence[Placement],
    image: Content,
    *,
    proved: bool,
) -> Contains:
    """Yes or no where all tied commits agree and the bytes do not object, or where the bytes alone
    tell. `tree` is the best commit's. Else cannot tell.
    """
    having = repository.containing(commit, {tie: tie for tie in ties})
    agreed = True if len(having) == len(set(ties)) else False if not having else None
    in_history = agreed if proved and not repository.shallow else None
    there = _There(image, placements)
    judged = _judged(repository.changed_paths(commit), tree, there)
    if not judged:
        return _by_history(commit, len(ties), in_history=in_history)
    read, merge3 = there.reader(repository), repository.merge3
    found, because = presence(judged, there.file, read, merge3, in_history=in_history, whole=True)
    if in_history is True and found is Presence.SUPERSEDED:
        # Rewritten by what nobody committed is not "rewritten later".
        rewritten = [
            path
            for path, state in states(judged, there.file, read, merge3).items()
            if state is State.REWRITTEN
        ]
        foreign = [p for p in rewritten if (now := there.file(p)) and now.blob != _blob(tree, p)]
        if foreign:
            because = f"{listed(foreign)}: neither as before nor as after the change"
            return Contains(commit=commit, answer=Answer.UNKNOWN, because=because)
    if found.arrived is None:
        return Contains(commit=commit, answer=Answer.UNKNOWN, because=because)
    answer = Answer.YES if found.arrived else Answer.NO
    return Contains(commit=commit, answer=answer, because=because)


def _by_history(commit: str, ties: int, *, in_history: bool | None) -> Contains:
    """Nothing of the change lies where it could be seen."""
    if in_history is None:
        because = "nothing of it lies in these files, and the commits that fit do not agree"
        return Contains(commit=commit, answer=Answer.UNKNOWN, because=because)
    which = "the commit" if ties == 1 else f"each of the {ties} commits that fit"
    has = "has it" if in_history else "does not have it"
    answer = Answer.YES if in_history else Answer.NO
    because = f"{which} {has} in its history; nothing of it lies in these files"
    return Contains(commit=commit, answer=answer, because=because)


def _judged(
    changed: Sequence[Changed] | None, tree: Mapping[str, File], there: _There
) -> list[Changed]:
    """What the change did in the placed folders. A file that the commit has and the image lacks
    was left out of the image: it says nothing.
    """
    return [
        (path, old, new)
        for path, old, new in changed or ()
        if there.placed(path) and (there.file(path) or path not in tree)
    ]


def _blob(tree: Mapping[str, File], path: str) -> str:
    file = tree.get(path)
    return file.blob if file else ""


class _There:
    """The image's files by their paths in the tree."""

    def __init__(self, image: Content, placements: Sequence[Placement]) -> None:
        self._image, self._placements = image, placements

    def _places(self, path: str) -> list[str]:
        inner = os.fsencode(path)
        found = (placement.in_image(inner) for placement in self._placements)
        return [os.fsdecode(place) for place in found if place is not None]

    def placed(self, path: str) -> bool:
        """Whether a path of the tree has a place in the image."""
        return bool(self._places(path))

    def file(self, path: str) -> File | None:
        """The image's file for a path of the tree; equal to nothing where its places differ."""
        files = self._image.files
        found = {files[place] for place in self._places(path) if place in files}
        return found.pop() if len(found) == 1 else File(mode="", blob="") if found else None

    def reader(self, repository: Repository) -> _Reader:
        """Reads blobs of the repository and, where it lacks them, of the image."""
        return _Reader(repository, self._image)


class _Reader:
    def __init__(self, repository: Repository, image: Content) -> None:
        self._repository, self._image = repository, image

    def __call__(self, blobs: Iterable[str]) -> Mapping[str, bytes | None]:
        """Contents by blob id."""
        wanted = list(blobs)
        found = dict(self._repository.read(wanted))
        left = {blob for blob, data in found.items() if data is None}
        paths = {f.blob: path for path, f in self._image.files.items() if f.blob in left}
        contents = self._image.read(paths.values())
        return found | {blob: contents[path] for blob, path in paths.items()}
