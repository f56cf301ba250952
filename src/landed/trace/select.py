"""Which build is judged forward, which executions count, and which build made what they run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from landed.content.image.reference import split
from landed.core.model import (
    Absent,
    Unseen,
)
from landed.core.probe import BuildRecord
from landed.core.rules.differences import differing
from landed.core.seen import (
    Build,
    BuildState,
    Deployment,
    Execution,
    Source,
)

LOOK_BACK = 50
"""How many successful builds are looked at for one that has the change."""


def of_digest(records: Sequence[BuildRecord], digest: str | None) -> BuildRecord | None:
    """The newest build that pushed this digest."""
    return next((r for r in records if digest and digest in r.build.pushed), None)


def names_of(records: Sequence[BuildRecord], digest: str | None) -> set[str]:
    """The repositories that builds pushed this digest to."""
    record = of_digest(records, digest)
    if record is None:
        return set()
    tags = [tag for tag, its in record.digests.items() if its == digest] or record.build.names
    return {split(tag)[0] for tag in tags}


def of_image(record: BuildRecord, repositories: Collection[str]) -> BuildRecord:
    """A build with what it pushed to these repositories alone, where it says which is which."""
    build = record.build
    mine = [tag for tag in record.digests if split(tag)[0] in repositories]
    if not mine:
        return record
    pushed = tuple(dict.fromkeys(record.digests[tag] for tag in mine))
    names = tuple(tag for tag in build.names if split(tag)[0] in repositories)
    return replace(record, build=replace(build, pushed=pushed, names=names))


def serving(
    revisions: Sequence[Execution], deployment: Deployment | Absent | Unseen
) -> tuple[Execution | Unseen, ...]:
    """The revisions of a service that take traffic, by the service's own word or by theirs; most
    traffic first. One that nobody has a record of is Unseen.
    """
    said = deployment.serving if isinstance(deployment, Deployment) else ()
    shares = {one.revision: one.percent for one in said if one.percent}
    known = {one.id for one in revisions}
    found = [
        replace(one, percent=shares.get(one.id, one.percent))
        for one in revisions
        if one.id in shares or one.serves
    ]
    missing = [
        Unseen(reason=f"revision {name} takes {percent} % of the traffic, and has no record")
        for name, percent in shares.items()
        if name not in known
    ]
    return (*sorted(found, key=lambda one: one.percent or 0, reverse=True), *missing)


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
