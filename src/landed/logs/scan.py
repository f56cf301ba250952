"""From entries to what one execution shows, beside what earlier executions showed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from landed.core.model import (
    Evidence,
    NamedError,
)
from landed.core.probe import LogLine
from landed.core.seen import (
    Logs,
    SeenError,
)
from landed.logs.entries import is_error, whole
from landed.logs.fingerprint import fingerprint

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
    evidence: tuple[Evidence, ...] = (),
) -> Logs:
    """What `execution` shows.

    `earlier` holds the entries of executions that ran without the change, by execution: an error
    that is there too was known before. `alike` are earlier executions that ran with the change: an
    error that they show is not gone because one later run was clean. `expect` are regular
    expressions of normal work; without any, nobody can say what work would look like, and `work`
    is None.
    """
    patterns = [re.compile(pattern) for pattern in expect]
    before = errors_in(earlier, named, patterns)
    times = {error.identity: len(error.executions) for error in before}
    work = sum(any(p.search(e.text) for p in patterns) for e in entries if not is_error(e))
    now = [
        SeenError(
            family=error.family,
            identity=error.identity,
            title=error.title,
            count=error.count,
            first_at=error.first_at,
            last_at=error.last_at,
            executions=error.executions,
            named=error.named,
            before=times.get(error.identity, 0),
            exception=error.exception,
        )
        for error in errors_in({execution: entries}, named, patterns)
    ]
    return Logs(
        execution=execution,
        entries=len(entries),
        work=work if patterns else None,
        errors=tuple(now),
        earlier=tuple(before),
        with_change=tuple(errors_in(alike or {}, named, patterns)),
        looked_back=len(earlier),
        evidence=evidence,
    )


def errors_in(
    executions: Mapping[str, Sequence[LogLine]],
    named: Sequence[NamedError],
    normal: Sequence[re.Pattern[str]] = (),
) -> list[SeenError]:
    """Every error identity in these executions, in the order in which they first appear.

    An entry of `normal` work that is no error by itself is none because it holds some words.
    """
    found: dict[str, SeenError] = {}
    for execution, entries in executions.items():
        for entry in whole(entries):
            error = is_error(entry)
            name = _words_of(entry, named)
            if not error and (name is None or any(p.search(entry.text) for p in normal)):
                continue
            mark = fingerprint(entry.text)
            known = found.get(mark.identity)
            ran = known.executions if known else ()
            found[mark.identity] = SeenError(
                family=mark.family,
                identity=mark.identity,
                title=mark.title,
                count=(known.count if known else 0) + 1,
                first_at=min(known.first_at, entry.timestamp) if known else entry.timestamp,
                last_at=max(known.last_at, entry.timestamp) if known else entry.timestamp,
                executions=ran if execution in ran else (*ran, execution),
                named=(known.named if known else None) or name or _of(mark.identity, named),
                exception=mark.exception,
            )
    return sorted(found.values(), key=lambda error: error.first_at)


def _words_of(entry: LogLine, named: Sequence[NamedError]) -> str | None:
    """The name of the first error whose words stand in the entry, however it is logged: turning an
    error's severity down does not mend it.
    """
    for error in named:
        if error.contains and (error.contains in entry.text or error.contains in entry.fields):
            return error.name
    return None


def _of(identity: str, named: Sequence[NamedError]) -> str | None:
    """The name of the first error that is named by this identity."""
    return next((error.name for error in named if error.identity == identity), None)
