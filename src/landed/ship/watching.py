"""Watches opened and looked after: from the ledger to the cloud and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from landed.content.effect import presence
from landed.content.follow import followed
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import DataError, LandedError, ProviderError
from landed.core.judge import find
from landed.core.model import (
    Absent,
    Change,
    Evidence,
    Finding,
    Frozen,
    Link,
    NamedError,
    Presence,
    Station,
    Strength,
)
from landed.core.redact import redact
from landed.core.seen import Commands, Made, Observations, WatchRecord
from landed.core.watch import Fix, in_order
from landed.core.words import command
from landed.diagnoses import DIAGNOSES
from landed.logs.named import named_by_trailers
from landed.ship import records
from landed.ship.hands import Bench, Hands
from landed.ship.looking import baseline, is_service, key, look
from landed.ship.watch import Kept, Look, Opened, covered, planned
from landed.trace.gather import TRAILER

MOST_FIXES = 100
_NOT_ASKED = Absent(reason="a watch asks only what ran")
MOST_TRIES, LONGEST_SECONDS = 1000, 600.0
"""How often a checkpoint is tried again whose ledger fails: for a week."""


class Next(Frozen):
    """The checkpoint that looks next, and when."""

    number: int
    at: datetime


class Turn(Frozen):
    """A checkpoint that is to be taken in some seconds, after so many tries."""

    number: int
    seconds: float
    tries: int = 0


def open_watch(
    watch: str, commit: str, digest: str, bench: Bench, hands: Hands, because: str = ""
) -> Opened:
    """Opens a watch, or finds it by its id: it was opened before, and its step was killed.

    It takes the place of the one before it over the same target: what that one covered is covered
    on, and what it compared with is compared with on. `because` is why that one ends.
    """
    known = records.kept(hands.ledger, watch)
    if known:
        return known.opened
    environment, moment = bench.target.environment, hands.now()
    goes_on, fixes, named = covers(commit, bench, hands)
    every, checkpoints = planned(hands.settings)
    # What is watched is not compared with itself: it may have been there before.
    past = [one for one in goes_on.baseline if one.digest != digest] if goes_on else []
    ran = {key(one): one for one in past}
    ran |= {key(one): one for one in baseline(digest, bench, named)}
    begun = Opened(
        id=watch,
        deployable=bench.project.name,
        environment=environment,
        commit=commit,
        subject=bench.ahead.commit(bench.repository, commit).subject,
        digest=digest,
        fixes=fixes,
        named=named,
        opened_at=moment,
        every=every,
        checkpoints=checkpoints,
        baseline=in_order(list(ran.values())),
        hourly=is_service(bench),
        logs=bench.cloud.commands(bench.workload).logs,
        because=because,
    )
    records.open_watch(hands.ledger, begun)
    return begun


def told(opened: Opened) -> dict[str, Any]:
    """What a shipment keeps of the watch that it opened: all of it, so that its entry can be
    written once more, if that is lost.
    """
    return {"watch": opened.id, "opened": msgspec.to_builtins(opened)}


def covers(
    commit: str, bench: Bench, hands: Hands
) -> tuple[Opened | None, tuple[Fix, ...], tuple[NamedError, ...]]:
    """The watch that goes on now, and what one in its place covers: its fixes, and those that came
    with this commit: every one that names an error since the commit before, and the commit itself.
    """
    before = records.current(hands.ledger, bench.target.environment, bench.project.name)
    goes_on = before.opened if before and before.next(hands.now()) is not None else None
    repository = bench.repository
    came = [commit]
    if before and repository.is_ancestor(before.opened.commit, commit):
        came = repository.log([commit], [before.opened.commit], most=MOST_FIXES) or came
    # After a roll-back the watch is over an older commit, and that does not have them all.
    fixes = {
        fix.commit: fix
        for fix in (goes_on.fixes if goes_on else ())
        if may_have(commit, fix.commit, repository)
    }
    named = list(goes_on.named) if goes_on else []
    for one in reversed(came):
        about = bench.ahead.commit(repository, one)
        errors = named_by_trailers(about.trailers.get(TRAILER, ()))
        if one == commit:
            errors = (*bench.target.named_errors, *errors)
        if errors or one == commit:
            names = tuple(error.name for error in errors)
            fixes[one] = Fix(commit=one, subject=about.subject, errors=names)
            named += errors
    listed = tuple(fixes.values())
    return goes_on, listed, covered(listed, named)


def may_have(commit: str, fix: str, repository: Repository) -> bool:
    """Whether a fix may be in a commit. A squash or a rebase brings it as another one, which its
    content shows; and what nobody can tell stays covered.
    """
    if repository.is_ancestor(fix, commit) is not False:
        return True
    if repository.is_ancestor(commit, fix):
        return False
    try:
        paths = repository.changed_paths(fix) or []
        there = {path: one for path, (_, one) in followed(repository, paths, fix, commit).items()}
        found, _ = presence(
            paths, there.get, repository.read, repository.merge3, in_history=False, whole=True
        )
    except ProviderError:
        return True
    return found is not Presence.ABSENT


def checkpoint(watch: str, number: int, hands: Hands) -> Next | None:
    """Looks, where this checkpoint is due and nobody looked; returns the next one.

    One that comes too late does not look: it stays missed, and the next one is made ready. At the
    end the verdict is written down.
    """
    kept = records.kept(hands.ledger, watch)
    moment = hands.now()
    if kept is None:
        raise DataError(f"{watch} is not in the ledger", "put a backup of it in its place")
    if kept.closed_at is not None:
        return None
    begun = kept.opened
    if kept.next(moment) == number and begun.due_at(number) <= moment:
        records.write_look(hands.ledger, begun, _look(kept, number, moment, hands))
        kept = records.kept(hands.ledger, watch) or kept
    following = kept.next(hands.now())
    if following is not None:
        return Next(number=following, at=begun.due_at(following))
    verdict = finding(kept, hands.now())
    records.close(hands.ledger, begun, hands.now(), f"{verdict.status}: {verdict.because}")
    return None


def turn(watch: str, number: int, tries: int, hands: Hands) -> Turn | None:
    """Takes a checkpoint, and says which one is next. It is this one again where the ledger fails,
    as a watch must not end by that: once it is too late for this one, the next one comes. It is as
    well where this machine's clock says that it is not due yet.
    """
    try:
        following = checkpoint(watch, number, hands)
    except LandedError:
        wait = min(2.0**tries, LONGEST_SECONDS)
        again = Turn(number=number, seconds=wait, tries=tries + 1)
        return again if tries < MOST_TRIES else None
    if following is None:
        return None
    return Turn(
        number=following.number,
        seconds=max((following.at - hands.now()).total_seconds(), 0.0),
        tries=tries + 1 if following.number == number else 0,
    )


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
    except Exception as error:  # noqa: BLE001 - a bug as well: it would end the watch in silence
        why = redact(f"a bug in landed: {type(error).__name__}: {error}")
    due = begun.due_at(number)
    return Look(watch=begun.id, number=number, due_at=due, looked_at=moment, unseen=why)


def seen(kept: Kept) -> WatchRecord:
    """The watch as the judge gets it."""
    opened = kept.opened
    facts = {
        "watch": opened.id,
        "digest": opened.digest,
        "opened": opened.opened_at,
        "looks": [[look.number, look.looked_at, len(look.executions)] for look in kept.looks],
        "baseline": len(opened.baseline),
        "elsewhere": next((look.elsewhere for look in reversed(kept.looks)), ""),
    }
    evidence = Evidence(
        station=Station.WATCH,
        strength=Strength.RECORDED,
        facts=facts,
        see=command("landed", "watch", opened.environment, "--json"),
        observed_at=now(),
    )
    return WatchRecord(watch=kept.record(), evidence=(evidence,))


def finding(kept: Kept, moment: datetime) -> Finding:
    """What `held` says of a watch at a moment, by the same rule and diagnoses as a trace."""
    opened = kept.opened
    nothing = Made(build=_NOT_ASKED, source=_NOT_ASKED, image=_NOT_ASKED)
    observed = Observations(
        change=Change(
            asked=opened.commit,
            commit=opened.commit,
            subject=opened.subject,
            committed_at=opened.opened_at,
            named_errors=opened.named,
        ),
        deployable=opened.deployable,
        environment=opened.environment,
        work_tree=_NOT_ASKED,
        remote=_NOT_ASKED,
        forward=nothing,
        registry=_NOT_ASKED,
        deployment=_NOT_ASKED,
        execution=_NOT_ASKED,
        backward=nothing,
        running=_NOT_ASKED,
        logs=_NOT_ASKED,
        watch=seen(kept),
        observed_at=moment,
        commands=Commands(logs=opened.logs) if opened.logs else Commands(),
    )
    return find(Link.HELD, observed, DIAGNOSES)
