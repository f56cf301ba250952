"""What the commits say of a database's schema, where an error says that it lacks something."""

from __future__ import annotations

from collections.abc import Sequence

from landed.content.migrations import declares, gives, migration
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import ProviderError
from landed.core.model import Evidence, Station, Strength
from landed.core.seen import Bridge, Gap, GapKind, Migration, Schema
from landed.core.words import command, short
from landed.trace.edits import Edit, edits
from landed.trace.footprint import Changed


def observe(
    repository: Repository,
    change: Sequence[Changed],
    commit: str,
    since: str | None,
    until: str,
    gaps: Sequence[Gap],
) -> Schema:
    """What the change and the commits from `since` to `until` have that concerns these gaps.
    Migrations count wherever they lie: who runs them need not be who is deployed.
    """
    went_back = since is not None and repository.is_ancestor(until, since) is True
    changed = {path: (old, new) for path, old, new in change}
    if since is not None and not went_back:
        try:
            changed |= {path: (old, new) for path, old, new in repository.difference(since, until)}
        except ProviderError:
            since = None
    edited = edits(repository, [(path, old, new) for path, (old, new) in changed.items()])
    bridges = tuple(_bridge(gap, edited) for gap in dict.fromkeys(gaps))
    concerned = [
        path
        for one in bridges
        for path in (*(m.path for m in one.closed_by), *one.opened_by, *one.declared_in)
    ]
    facts = {
        "lacks": [one.gap.called for one in bridges],
        "since": since,
        "until": until,
        "migrations": [[m.path, m.tool] for one in bridges for m in one.closed_by],
        "taken_away_by": [path for one in bridges for path in one.opened_by],
        "declared_in": [path for one in bridges for path in one.declared_in],
    }
    between = ("diff", short(since), short(until)) if since else ("show", short(commit))
    evidence = Evidence(
        station=Station.COMMIT,
        strength=Strength.CONTENT,
        facts=facts,
        see=command("git", *between, "--", *dict.fromkeys(concerned)),
        observed_at=now(),
    )
    return Schema(
        until=until, since=since, went_back=went_back, bridges=bridges, evidence=(evidence,)
    )


def _bridge(gap: Gap, edited: Sequence[Edit]) -> Bridge:
    closed, opened, declared = list[Migration](), list[str](), list[str]()
    for one in edited:
        path = one.path
        step = migration(path, one.after)
        gone = migration(path, one.before) if not one.after else None
        if gap.kind in (GapKind.BEHIND, GapKind.AHEAD):
            closed += [step] if step else []
        elif step:
            said = gives(path, one.after, gap)
            closed += [step] if said else []
            opened += [path] if said is False else []
        elif gone:
            # Whoever takes a migration out of the code leaves what it did in the database.
            opened += [path] if gives(path, one.before, gap) is not None else []
        elif declares(path, one.added, gap):
            declared.append(path)
    return Bridge(
        gap=gap, closed_by=tuple(closed), opened_by=tuple(opened), declared_in=tuple(declared)
    )
