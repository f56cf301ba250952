"""What builds made: builds, images, and the names that people deploy."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from landed.core.model import Absent, Evidence, Frozen, Unseen
from landed.core.seen.image import Claim, Image
from landed.core.seen.source import Source


class BuildState(StrEnum):
    """Where a build stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"


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
