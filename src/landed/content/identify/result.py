"""What `identify` found, for screens and for other programs."""

from __future__ import annotations

from enum import StrEnum

from landed.core.model import Answer, Frozen


class How(StrEnum):
    """What makes the best commit the best."""

    CERTIFICATE = "certificate"
    EXHAUSTIVE = "exhaustive"
    SEARCH = "search"


class Best(Frozen):
    """The commit, and the others that fit as well: `ties` of them, itself included.

    `proved`: every file that the history knows at its place is as this commit has it, so no other
    can fit better. `same_below` is the folder of the repository that the files were taken from.
    """

    commit: str
    subject: str
    committed_at: str
    ties: int
    oldest: str
    newest: str
    proved: bool
    how: How
    same_below: str
    differ_in: tuple[str, ...] = ()


class Where(Frozen):
    """The folder `image_path` was filled from the repository's folder `tree_path`."""

    image_path: str
    tree_path: str


class Elsewhere(Frozen):
    """A changed file whose content another commit has, at that path."""

    path: str
    commit: str


class Files(Frozen):
    """The files against the best commit's. Paths are those of what was identified.

    `extra` counts files in the placed folders that the commit does not have; of them
    `never_committed` are those beside committed ones, whose content no commit has.
    """

    same: int
    changed: tuple[str, ...]
    extra: int
    missing: int
    never_committed: tuple[str, ...]
    line_ends: int = 0
    as_in: tuple[Elsewhere, ...] = ()


class Contains(Frozen):
    """Whether the change `commit` is in there."""

    commit: str
    answer: Answer
    because: str


class Identified(Frozen):
    """The answer. `best` is None where no commit has any of the files."""

    best: Best | None
    placements: tuple[Where, ...]
    files: Files
    contains: Contains | None
    because: str
    notes: tuple[str, ...] = ()
