"""What the commits say of a database's schema, where an error says that it lacks something."""

from __future__ import annotations

from collections.abc import Sequence

from landed.content.migrations import MAX_TEXT, declares, gives, migration
from landed.content.names import beside_the_code
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import ProviderError
from landed.core.model import Evidence, Station, Strength
from landed.core.seen import Bridge, Gap, GapKind, Migration, Schema
from landed.core.words import command, short
from landed.trace.footprint import Changed

MOST = 500
"""How many changed files are read."""

Texts = list[tuple[str, str, str]]
"""A path, with its text before and after."""


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
    some = [(path, old, new) for path, (old, new) in changed.items() if not beside_the_code(path)]
    texts = _texts(repository, some[:MOST])
    bridges = tuple(_bridge(gap, texts) for gap in dict.fromkeys(gaps))
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


def _texts(repository: Repository, changed: Sequence[Changed]) -> Texts:
    read = repository.read([file.blob for _, *both in changed for file in both if file])

    def text(blob: str | None) -> str:
        return (read.get(blob or "") or b"")[:MAX_TEXT].decode("utf-8", "replace")

    return [
        (path, text(old.blob if old else None), text(new.blob if new else None))
        for path, old, new in changed
    ]


def _bridge(gap: Gap, texts: Texts) -> Bridge:
    closed, opened, declared = list[Migration](), list[str](), list[str]()
    for path, before, after in texts:
        step = migration(path, after)
        gone = migration(path, before) if not after else None
        if gap.kind in (GapKind.BEHIND, GapKind.AHEAD):
            closed += [step] if step else []
        elif step:
            said = gives(path, after, gap)
            closed += [step] if said else []
            opened += [path] if said is False else []
        elif gone:
            # Whoever takes a migration out of the code leaves what it did in the database.
            opened += [path] if gives(path, before, gap) is not None else []
        elif declares(path, set(after.splitlines()) - set(before.splitlines()), gap):
            declared.append(path)
    return Bridge(
        gap=gap, closed_by=tuple(closed), opened_by=tuple(opened), declared_in=tuple(declared)
    )
