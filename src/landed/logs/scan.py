"""From entries to what one execution shows, beside what earlier executions showed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import structs

from landed.core.model import Evidence, Frozen, NamedError
from landed.core.probe import LogLine
from landed.core.seen import Logs, SeenError, Share
from landed.logs.entries import is_error, since_asked
from landed.logs.expected import Expected
from landed.logs.fingerprint import Fingerprint, fingerprint
from landed.logs.gaps import gap_in
from landed.logs.known import NOTHING, Known, known
from landed.logs.signatures import Signatures
from landed.logs.whole import whole

VALUES = 6
"""So many names in one family, none of them asked about, are values and not errors of their own: a
user, a file, an order. It is as many as make a value of a word in `templates`."""


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
    others = [_look(group, named, normal) for group in (earlier, alike or {}, unknown or {})]
    before = others[0]
    mine = known(named, (one for other in others for one in other.shown))
    now = _look({execution: entries}, named, normal, mine)
    if mine.identities:
        others[1:] = [_look(group, named, normal, mine) for group in (alike or {}, unknown or {})]
    counting = [e for e in (since_asked(entries) if asked_only else entries) if not e.asked]
    work = sum(not is_error(e) and not mine.said_in(e.text) for e in counting if normal.shown_by(e))
    return Logs(
        execution=execution,
        entries=sum(not entry.asked for entry in entries),
        work=work if normal else None,
        errors=tuple(structs.replace(e, before=before.times(e)) for e in now.errors),
        earlier=before.errors,
        with_change=others[1].errors,
        on_unknown=others[2].errors,
        looked_back=len(earlier),
        shares=_shares(earlier, before.errors),
        clean=sum(any(normal.shown_by(e) for e in es) for es in (alike or {}).values()) + 1,
        asked=not asked_only or any(entry.asked for entry in entries),
        evidence=evidence,
    )


def errors_in(
    executions: Mapping[str, Sequence[LogLine]], named: Sequence[NamedError], normal: Expected
) -> tuple[SeenError, ...]:
    """Every error identity in these executions, in the order in which they first appear.

    An entry of `normal` work that is no error by itself is none because it holds some words. A
    `mixed` stack has no identity that could be the same as another's: it proves neither that an
    error is still there nor that it is the one from before.
    """
    return _look(executions, named, normal).errors


def _shares(
    earlier: Mapping[str, Sequence[LogLine]], errors: Sequence[SeenError]
) -> tuple[Share, ...]:
    begun = {one: min(line.timestamp for line in lines) for one, lines in earlier.items() if lines}
    showing: dict[str, set[str]] = defaultdict(set)
    for error in errors:
        if error.named:
            showing[error.named].update(error.executions)
    return tuple(
        Share(
            name=name,
            hits=len(ran),
            of=sum(at >= min(begun[one] for one in ran) for at in begun.values()),
        )
        for name, ran in showing.items()
    )


class _Looked(Frozen):
    """The errors of some executions. `shown` are the named ones with what they were seen on, and
    `plain` the executions that showed an identity without its name.
    """

    errors: tuple[SeenError, ...]
    shown: tuple[tuple[str, Fingerprint], ...]
    plain: dict[str, set[str]]

    def times(self, error: SeenError) -> int:
        """In how many of these executions an error was there. Of a family with ever other names,
        these are values: one more of them is no other error.
        """
        kin = {e.identity for e in self.errors if e.family == error.family and not e.mixed}
        if len(kin) >= VALUES and not any(e.named for e in self.errors if e.identity in kin):
            return len(set[str]().union(*(self.plain[identity] for identity in kin)))
        return len(self.plain.get(error.identity, ()))


def _look(
    executions: Mapping[str, Sequence[LogLine]],
    named: Sequence[NamedError],
    normal: Expected,
    mine: Known = NOTHING,
) -> _Looked:
    words = Signatures({e.contains: e.name for e in named if e.contains})
    by_identity = {**mine.identities, **{e.identity: e.name for e in named if e.identity}}
    found: dict[tuple[str, bool], SeenError] = {}
    by_place: set[tuple[str, bool]] = set()
    shown: list[tuple[str, Fingerprint]] = []
    plain: dict[str, set[str]] = defaultdict(set)
    for execution, entries in executions.items():
        together = list(whole(entries))
        for entry, held in zip(together, words.names(together), strict=True):
            said = mine.said_in(entry.text)
            name = held or said
            if not is_error(entry) and not said and (not held or _is_normal(entry, normal, mine)):
                continue
            mark = fingerprint(entry.text)
            key = (mark.identity, entry.mixed)
            name = name or (None if entry.mixed else by_identity.get(mark.identity))
            if entry.asked:
                by_place.add(key)
            if name and not entry.mixed:
                shown.append((name, mark))
            elif not entry.mixed:
                plain[mark.identity].add(execution)
            found[key] = _once_more(found.get(key), entry, mark, execution, name)
    # What the program says of an error comes before what the place says of the request.
    in_order = sorted(found.items(), key=lambda item: (item[0] in by_place, item[1].first_at))
    return _Looked(
        errors=tuple(error for _, error in in_order), shown=tuple(dict.fromkeys(shown)), plain=plain
    )


def _is_normal(entry: LogLine, normal: Expected, mine: Known) -> bool:
    """Whether an entry with the words of an error is normal work, and was never an error."""
    return normal.shown_by(entry) and not mine.name(fingerprint(entry.text).identity)


def _once_more(
    known: SeenError | None, entry: LogLine, mark: Fingerprint, execution: str, name: str | None
) -> SeenError:
    ran = known.executions if known else ()
    return SeenError(
        family=mark.family,
        identity=mark.identity,
        title=mark.title,
        count=(known.count if known else 0) + 1,
        first_at=min(known.first_at, entry.timestamp) if known else entry.timestamp,
        last_at=max(known.last_at, entry.timestamp) if known else entry.timestamp,
        executions=ran if execution in ran else (*ran, execution),
        named=(known.named if known else None) or name,
        exception=mark.exception,
        mixed=entry.mixed,
        gap=None if entry.mixed else known.gap if known else gap_in(entry.text),
        frames=mark.frames,
    )
