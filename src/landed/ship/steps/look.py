"""What is seen of what was deployed: its execution, its logs, and the watch over it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from landed.core.model import Link, Outcome, Status, Unseen, Verdict
from landed.core.probe import WorkloadKind
from landed.core.seen import ExecutionState
from landed.core.words import MENDED, clock, count, resume
from landed.render.document import trace
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import TRIED, WAITS_ON, Done, Order, Step, fact
from landed.ship.steps import serving
from landed.ship.steps.found import Found, judged, stopped
from landed.ship.watching import open_watch, told
from landed.trace.target import Choice

_BY_CODE = {"fix-ineffective", "next-bug", "missing-dependency"}
"""What only another commit mends."""
_PERHAPS_BY_CODE = {None, "new-error", "execution-failed", "never-ready", "auto-rollback"}


def execute(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """Executes a job, and waits for the end; how it ended is judged with its logs. Of a service it
    waits until the new revision takes the traffic.
    """
    workload = bench.workload
    if workload.kind is WorkloadKind.SERVICE:
        return _served(order, done, bench, hands)
    if order.tried and _passes(order, done, bench):
        return Found(
            status=Status.HOLDS,
            because=f"{order.tried} has ended, and passes by now: no other one is started",
            facts={"execution": order.tried},
        )
    started = order.waits_on or bench.actions.execute(order.key(Step.EXECUTE), workload)
    until = time.monotonic() + hands.settings.execution_seconds
    wait = 0.1
    while True:
        ran = bench.actions.execution(workload, started)
        if isinstance(ran, Unseen):
            return Found(
                status=Status.UNSEEN,
                because=ran.reason,
                facts={WAITS_ON: started},
                remedy=(ran.hint,),
            )
        if ran.state is not ExecutionState.RUNNING:
            break
        if time.monotonic() > until:
            return Found(
                status=Status.UNSEEN,
                because=f"{started} still runs after {hands.settings.execution_seconds:g} s",
                facts={"execution": started, WAITS_ON: started},
                remedy=(f"{resume(order.id)} waits on; or raise execution_seconds under [ship]",),
            )
        time.sleep(wait)
        wait = min(wait * 1.5, 5.0)
    if ran.state is ExecutionState.LOST:
        return Found(
            status=Status.UNSEEN,
            because=f"{started} never recorded an end: nobody knows how far it came",
            facts={"execution": started},
            remedy=(f"look at its log, then execute once more: {resume(order.id)}",),
        )
    return Found(
        status=Status.HOLDS,
        because=f"{started} ended: {ran.state}",
        facts={"execution": started},
    )


def _passes(order: Order, done: Sequence[Done], bench: Bench) -> bool:
    """Whether an execution that did not pass does by now: its entries came late, or the settings
    say what normal work looks like.
    """
    choice = Choice(build=str(fact(done, "build")), execution=order.tried)
    return judged(order, bench, Link.HEALED, choice).verdict is Outcome.PROVED


def _served(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """The new revision takes the traffic. Where it does not, a trace says why, in its own words."""
    digest = str(fact(done, "digest"))
    stand = serving.settled(bench, digest, hands.settings.execution_seconds)
    facts = {"execution": stand.revision} if stand.revision else {}
    if stand.status is not Status.BROKEN:
        return Found(status=stand.status, because=stand.because, facts=facts, remedy=stand.remedy)
    verdict = judged(order, bench, Link.RAN, Choice(build=str(fact(done, "build"))))
    said = {**facts, "said": list(stand.said)}
    if verdict.verdict is not Outcome.BROKEN:
        return Found(status=Status.BROKEN, because=stand.because, facts=said, remedy=stand.remedy)
    found = stopped(verdict, said)
    last = f"; its log ends: {stand.said[-1]}" if stand.said else ""
    found = msgspec.structs.replace(found, because=f"{found.because}{last}")
    return _followed(found, order)


def logs(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """All that can be said of the change now, from the work tree to this execution's entries. What
    a service writes when somebody asks it is waited for.
    """
    choice = Choice(build=str(fact(done, "build")), execution=str(fact(done, "execution")))
    serves = bench.workload.kind is WorkloadKind.SERVICE
    verdict = _worked(order, bench, choice, hands.settings.work_seconds if serves else 0.0)
    facts = {"trace": trace(verdict)}
    if verdict.verdict is not Outcome.PROVED:
        return _not_passed(verdict, facts, order, bench, choice)
    healed = next(finding for finding in verdict.links if finding.link is Link.HEALED)
    return Found(status=Status.HOLDS, because=healed.because, facts=facts)


def _not_passed(
    verdict: Verdict, facts: dict[str, Any], order: Order, bench: Bench, choice: Choice
) -> Found:
    """What stopped it. What a job's execution did does not change: where that is the reason, and
    was seen, this shipment executes once more as it goes on, in place of a person.
    """
    workload, execution = bench.workload, str(choice.execution)
    where = verdict.first_break or verdict.first_unseen
    found = stopped(verdict, facts)
    if workload.kind is not WorkloadKind.SERVICE and where in (Link.RAN, Link.HEALED):
        by_hand, seen = bench.cloud.commands(workload).execute, bench.cloud.entries
        if not isinstance(seen(workload, execution), Unseen):
            remedy = tuple(one.replace(by_hand, resume(order.id)) for one in found.remedy)
            facts = {**facts, TRIED: execution}
            found = msgspec.structs.replace(found, facts=facts, remedy=remedy)
    return _followed(found, order)


def _followed(found: Found, order: Order) -> Found:
    """With what to do after it, where that is not to go on: that brings out the same code."""
    if found.status is not Status.BROKEN or found.diagnosis not in _BY_CODE | _PERHAPS_BY_CODE:
        return found
    onward = resume(order.id)
    remedy = (*(one for one in found.remedy if one != onward), MENDED)
    if found.diagnosis in _PERHAPS_BY_CODE:
        remedy = (*remedy, f"or, where the code is not at fault: {onward}")
    return msgspec.structs.replace(found, remedy=remedy)


def _worked(order: Order, bench: Bench, choice: Choice, seconds: float) -> Verdict:
    """The verdict as soon as there is one, or what it is after `seconds`; judged anew whenever
    there are more entries.
    """
    until, wait, known = time.monotonic() + seconds, 0.1, -1
    workload, execution = bench.workload, str(choice.execution)
    while True:
        over = time.monotonic() >= until
        entries = bench.cloud.entries(workload, execution) if seconds else ()
        number = -2 if isinstance(entries, Unseen) else len(entries)
        if number != known:
            known = number
            verdict = judged(order, bench, Link.HEALED, choice)
        if over or verdict.first_break or verdict.first_unseen is not Link.HEALED:
            return verdict
        time.sleep(wait)
        wait = min(wait * 1.5, 5.0)
        bench = bench.again()


def watch(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """Opens the watch over what was proved, in place of the one before it."""
    opened = open_watch(order.watch, order.commit, str(fact(done, "digest")), bench, hands)
    ends, times = clock(opened.ends_at), count(opened.checkpoints, "checkpoint")
    return Found(
        status=Status.HOLDS,
        because=f"watched until {ends}, with {times}",
        facts=told(opened),
    )
