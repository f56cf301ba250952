"""From entries to what one execution shows, beside what earlier executions showed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from landed.core.model import Evidence, NamedError
from landed.core.probe import LogLine
from landed.core.seen import Logs, SeenError
from landed.logs.entries import is_error, since_asked
from landed.logs.expected import Expected
from landed.logs.fingerprint import fingerprint
from landed.logs.gaps import gap_in
from landed.logs.signatures import Signatures
from landed.logs.whole import whole

_IDENTITY = re.compile(r"[0-9a-f]{12}")


def named_by_trailers(values: Iterable[str]) -> tuple[NamedError, ...]:
    """The errors that `Landed-Fixes:` trailers name: by identity, or by words of the text."""
    return tuple(
        NamedError(name=value, identity=value)
        if _IDENTITY.fullmatch(value)
        else NamedError(name=value, contains=value)
        for value in (raw.strip() for raw in values)
        if value
    )


def scan(
    execution: str,
    entries: Sequence[LogLine],
    earlier: Mapping[str, Sequence[LogLine]],
    *,
    expect: Sequence[str],
    named: Sequence[NamedError],
    alike: Mapping[str, Sequence[LogLine]] | None = None,
    unknown: Mapping[str, Sequence[LogLine]] | None = None,
    evidence: tuple[Evidence, ...] = (),
    asked_only: bool = False,
) -> Logs:
    """What `execution` shows.

    `earlier` holds the entries of executions that ran without the change, by execution: an error
    that is there too was known before. `alike` are earlier executions that ran with the change: an
    error that they show is not gone because one later run was clean. Of those in `unknown` nobody
    can tell whether they had it: an error that they show is neither old nor new. `expect` are
    regular expressions of normal work; without any, nobody can say what work would look like, and
    `work` is None. `asked_only` is said of a service that works when it is asked: then only what it
    wrote since counts as work.
    """
    normal = Expected(expect)
    before = errors_in(earlier, named, normal)
    times = {error.identity: len(error.executions) for error in before if not error.mixed}
    counting = [e for e in (since_asked(entries) if asked_only else entries) if not e.asked]
    work = sum(normal.seen_in(e.text) for e in counting if not is_error(e))
    now = [
        structs.replace(error, before=times.get(error.identity, 0))
        for error in errors_in({execution: entries}, named, normal)
    ]
    return Logs(
        execution=execution,
        entries=sum(not entry.asked for entry in entries),
        work=work if normal else None,
        errors=tuple(now),
        earlier=tuple(before),
        with_change=tuple(errors_in(alike or {}, named, normal)),
        on_unknown=tuple(errors_in(unknown or {}, named, normal)),
        looked_back=len(earlier),
        asked=not asked_only or any(entry.asked for entry in entries),
        evidence=evidence,
    )


def errors_in(
    executions: Mapping[str, Sequence[LogLine]],
    named: Sequence[NamedError],
    normal: Expected,
) -> list[SeenError]:
    """Every error identity in these executions, in the order in which they first appear.

    An entry of `normal` work that is no error by itself is none because it holds some words. A
    `mixed` stack has no identity that could be the same as another's: it proves neither that an
    error is still there nor that it is the one from before.
    """
    words = Signatures({e.contains: e.name for e in named if e.contains})
    by_identity = {e.identity: e.name for e in named if e.identity}
    found: dict[tuple[str, bool], SeenError] = {}
    by_place: set[tuple[str, bool]] = set()
    for execution, entries in executions.items():
        together = list(whole(entries))
        for entry, name in zip(together, words.names(together), strict=True):
            error = is_error(entry)
            if not error and (name is None or normal.seen_in(entry.text)):
                continue
            mark = fingerprint(entry.text)
            known = found.get((mark.identity, entry.mixed))
            ran = known.executions if known else ()
            if entry.asked:
                by_place.add((mark.identity, entry.mixed))
            found[mark.identity, entry.mixed] = SeenError(
                family=mark.family,
                identity=mark.identity,
                title=mark.title,
                count=(known.count if known else 0) + 1,
                first_at=min(known.first_at, entry.timestamp) if known else entry.timestamp,
                last_at=max(known.last_at, entry.timestamp) if known else entry.timestamp,
                executions=ran if execution in ran else (*ran, execution),
                named=(known.named if known else None)
                or name
                or (None if entry.mixed else by_identity.get(mark.identity)),
                exception=mark.exception,
                mixed=entry.mixed,
                gap=None if entry.mixed else known.gap if known else gap_in(entry.text),
            )
    # What the program says of an error comes before what the place says of the request.
    in_order = sorted(found.items(), key=lambda item: (item[0] in by_place, item[1].first_at))
    return [error for _, error in in_order]
