"""Which build is judged forward, and which one made what runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from landed.core.model import (
    Unseen,
)
from landed.core.probe import BuildRecord
from landed.core.rules.build import differing
from landed.core.seen import (
    Build,
    BuildState,
    Source,
)

LOOK_BACK = 50
"""How many successful builds are looked at for one that has the change."""


def of_digest(records: Sequence[BuildRecord], digest: str | None) -> BuildRecord | None:
    """The newest build that pushed this digest."""
    return next((r for r in records if digest and digest in r.build.pushed), None)


def forward(
    records: Sequence[BuildRecord],
    running: BuildRecord | None,
    source_of: Callable[[BuildRecord], Source | Unseen],
    follows: Callable[[str], bool],
) -> BuildRecord | None:
    """The build to judge: the one that runs if its source has the change, else the newest
    successful one whose source has it, else the newest of all. `records` are newest first.

    A source has the commit as well where it `follows` it and the effect is gone again: reverted
    later, or overwritten by what nobody committed. And a dirty build that runs is looked at where
    it is newer than any build with the change: it is what took its place.
    """

    def has_effect(record: BuildRecord) -> bool:
        source = source_of(record)
        return isinstance(source, Source) and source.presence.arrived is True

    def has_commit(record: BuildRecord) -> bool:
        source = source_of(record)
        return isinstance(source, Source) and source.commit is not None and follows(source.commit)

    def is_dirty(record: BuildRecord) -> bool:
        source = source_of(record)
        return isinstance(source, Source) and bool(differing(source.differences))

    if running is not None and _useful(running.build) and has_effect(running):
        return running
    successful = [record for record in records if _useful(record.build)]
    for record in successful[:LOOK_BACK]:
        if has_effect(record) or has_commit(record) or (record is running and is_dirty(record)):
            return record
    return records[0] if records else None


def _useful(build: Build) -> bool:
    return build.state is BuildState.SUCCEEDED
