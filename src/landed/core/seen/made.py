"""What builds made: builds, images, and the names that people deploy."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from landed.core.model import Absent, Evidence, Frozen, Unseen
from landed.core.seen.source import Difference, Source


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
    evidence: tuple[Evidence, ...] = ()
