"""Watches opened and looked after: from the ledger to the cloud and back."""

from __future__ import annotations

from datetime import datetime

from landed.core.errors import LandedError
from landed.core.model import Frozen, NamedError
from landed.core.redact import redact
from landed.logs.scan import named_by_trailers
from landed.ship import records
from landed.ship.hands import Bench, Hands
from landed.ship.looking import baseline, look
from landed.ship.watch import Fix, Kept, Look, Opened, Ran, opened
from landed.trace.gather import TRAILER

MOST_FIXES = 100


class Next(Frozen):
    """The checkpoint that looks next, and when."""

    number: int
    at: datetime


def open_watch(watch: str, commit: str, digest: str, bench: Bench, hands: Hands) -> Opened:
    """Opens a watch, or finds it by its id: it was opened before, and its step was killed."""
    known = records.kept(hands.ledger, watch)
    if known:
        return known.opened
    target = bench.target
    before = records.current(hands.ledger, target.environment, bench.project.name)
    goes_on = before if before and not before.over(hands.now()) else None
    fixes = _fixes(commit, before, goes_on, bench)
    named = tuple(error for fix in fixes for error in fix.errors)
    ran = {one.execution: one for one in goes_on.opened.baseline} if goes_on else {}
    ran |= {one.execution: one for one in baseline(digest, bench, named)}
    begun = opened(
        id=watch,
        deployable=bench.project.name,
        environment=target.environment,
        commit=commit,
        subject=bench.repository.commit(commit).subject,
        digest=digest,
        fixes=fixes,
        baseline=_oldest_first(ran),
        settings=hands.settings,
        at=hands.now(),
    )
    records.open_watch(hands.ledger, begun)
    return begun


def _oldest_first(ran: dict[str, Ran]) -> list[Ran]:
    return sorted(ran.values(), key=lambda one: (one.started_at, one.execution))


def _fixes(commit: str, before: Kept | None, goes_on: Kept | None, bench: Bench) -> list[Fix]:
    """What the watch covers: the fixes of one that it takes the place of, and those that came with
    this commit: every one that names an error since the commit before, and the commit itself.
    """
    repository = bench.repository
    came = [commit]
    if before and repository.is_ancestor(before.opened.commit, commit):
        came = repository.log([commit], [before.opened.commit], most=MOST_FIXES) or came
    found = {fix.commit: fix for fix in goes_on.opened.fixes} if goes_on else {}
    for one in reversed(came):
        about = repository.commit(one)
        errors: tuple[NamedError, ...] = named_by_trailers(about.trailers.get(TRAILER, ()))
        if one == commit:
            errors = (*bench.target.named_errors, *errors)
        if errors or one == commit:
            found[one] = Fix(commit=one, subject=about.subject, errors=errors)
    return list(found.values())


def _look(kept: Kept, number: int, moment: datetime, hands: Hands) -> Look:
    begun = kept.opened
    try:
        with hands.bench(begun.environment, begun.deployable) as bench:
            return look(kept, number, bench, moment)
    except LandedError as error:
        # The chain of checkpoints goes on, whatever one of them met.
        why = redact(error.message)
    except OSError as error:
        why = str(error.strerror or error)
    due = begun.due_at(number)
    return Look(watch=begun.id, number=number, due_at=due, looked_at=moment, unseen=why)


def checkpoint(watch: str, number: int, hands: Hands) -> Next | None:
    """Looks, where this checkpoint is due and nobody looked; returns the next one.

    One that comes too late does not look: it stays missed, and the next one is made ready.
    """
    kept = records.kept(hands.ledger, watch)
    moment = hands.now()
    if kept is None or kept.over(moment):
        return None
    begun = kept.opened
    waits = kept.next(moment)
    if waits == number and begun.due_at(number) <= moment:
        records.write_look(hands.ledger, begun, _look(kept, number, moment, hands))
        kept = records.kept(hands.ledger, watch) or kept
    following = kept.next(hands.now())
    return None if following is None else Next(number=following, at=begun.due_at(following))
