"""All errors of some executions: by family and identity, and on which image each was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from landed.core.model import Frozen, NamedError
from landed.core.probe import LogLine
from landed.core.seen import Execution, ExecutionState, SeenError
from landed.logs.expected import Expected
from landed.logs.scan import errors_in
from landed.logs.templates import templates


class Sighting(Frozen):
    """An identity on one digest. `old` are executions that began before the present deployment:
    what they show says nothing about what is deployed.
    """

    digest: str | None
    old: bool
    count: int
    executions: tuple[str, ...]
    first_at: datetime
    last_at: datetime


class Identity(Frozen):
    """One error, wherever it was seen, the newest sighting first."""

    identity: str
    title: str
    named: str | None
    mixed: bool
    sightings: tuple[Sighting, ...]

    @property
    def count(self) -> int:
        """How often it was logged."""
        return sum(sighting.count for sighting in self.sightings)

    @property
    def first_at(self) -> datetime:
        """When it was logged first."""
        return min(sighting.first_at for sighting in self.sightings)

    @property
    def last_at(self) -> datetime:
        """When it was logged last."""
        return max(sighting.last_at for sighting in self.sightings)


class Family(Frozen):
    """Identities that fail in the same place, the newest first.

    `template` is the title with `<*>` for what varies among all the families that were found.
    Families without an exception that share it were written by one line of a program. `frames` are
    the places in the program that the error went through.
    """

    family: str
    exception: str
    template: str
    identities: tuple[Identity, ...]
    frames: tuple[str, ...] = ()


def families(
    executions: Sequence[Execution],
    entries: Mapping[str, Sequence[LogLine]],
    named: Sequence[NamedError],
    expect: Sequence[str],
    deployed_at: datetime | None,
) -> tuple[Family, ...]:
    """Every family in these executions, the one that was seen last first.

    `entries` are by execution; one without entries there was not read. `expect` are patterns of
    normal work.
    """
    normal = Expected(expect)
    groups: dict[tuple[str | None, bool], dict[str, Sequence[LogLine]]] = defaultdict(dict)
    for execution in executions:
        serves = execution.state is ExecutionState.SERVING
        old = deployed_at is not None and execution.started_at < deployed_at and not serves
        if execution.id in entries:
            groups[execution.digest, old][execution.id] = entries[execution.id]
    seen: dict[tuple[str, bool], list[tuple[SeenError, Sighting]]] = defaultdict(list)
    for (digest, old), read in groups.items():
        for error in errors_in(read, named, normal):
            sighting = Sighting(
                digest=digest,
                old=old,
                count=error.count,
                executions=error.executions,
                first_at=error.first_at,
                last_at=error.last_at,
            )
            seen[error.identity, error.mixed].append((error, sighting))
    kin: dict[str, list[Identity]] = defaultdict(list)
    about: dict[str, SeenError] = {}
    for found in seen.values():
        error = found[0][0]
        about[error.family] = error
        kin[error.family].append(_identity(error, found))
    return _sorted(kin, about)


def _identity(error: SeenError, found: Sequence[tuple[SeenError, Sighting]]) -> Identity:
    sightings = sorted((s for _, s in found), key=lambda s: s.last_at, reverse=True)
    return Identity(
        identity=error.identity,
        title=error.title,
        named=next((one.named for one, _ in found if one.named), None),
        mixed=error.mixed,
        sightings=tuple(sightings),
    )


def _sorted(
    kin: Mapping[str, list[Identity]], about: Mapping[str, SeenError]
) -> tuple[Family, ...]:
    newest = {
        family: sorted(identities, key=lambda one: one.last_at, reverse=True)
        for family, identities in kin.items()
    }
    order = sorted(newest, key=lambda family: newest[family][0].last_at, reverse=True)
    lines = templates([newest[family][0].title for family in order])
    return tuple(
        Family(
            family=family,
            exception=about[family].exception,
            template=template,
            identities=tuple(newest[family]),
            frames=about[family].frames,
        )
        for family, template in zip(order, lines, strict=True)
    )
