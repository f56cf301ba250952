"""The steps of a shipment, each from what it finds to what became of it.

A step may be killed at any moment and is then taken once more. So each is either a look, which may
be repeated, or one action with a key, which is looked for before it is done (see `core.action`).
What cannot be seen stops a shipment as a break does, and is never called one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from landed.content.image.reference import split
from landed.core.action import BuildOrder
from landed.core.clock import now
from landed.core.errors import LandedError
from landed.core.judge import judge
from landed.core.model import Frozen, Link, Outcome, Status, Unseen, Verdict
from landed.core.probe import Workload
from landed.core.redact import redact
from landed.core.seen import Deployment, ExecutionState, Remote
from landed.core.words import branch, clock, command, count, short
from landed.diagnoses import DIAGNOSES
from landed.render.document import trace
from landed.ship import records
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import Done, Order, Step, fact
from landed.ship.watching import open_watch
from landed.trace.before import look
from landed.trace.gather import gather
from landed.trace.target import Choice

_STATUS = {
    Outcome.PROVED: Status.HOLDS,
    Outcome.BROKEN: Status.BROKEN,
    Outcome.UNPROVED: Status.UNSEEN,
}


class _Found(Frozen):
    """What a step found, before it is dated."""

    status: Status
    because: str
    facts: dict[str, Any] = {}
    diagnosis: str | None = None
    remedy: tuple[str, ...] = ()


def take(step: Step, order: Order, done: Sequence[Done], hands: Hands) -> Done:
    """Takes one step. Failures of a provider or the disk stop the shipment; a bug is raised."""
    began = now()
    try:
        with hands.bench(order.environment, order.deployable) as bench:
            found = _STEPS[step](order, done, bench, hands)
    except LandedError as error:
        hint = (error.hint,) if error.hint else ()
        found = _Found(status=Status.UNSEEN, because=error.message, remedy=hint)
    except OSError as error:
        found = _Found(status=Status.UNSEEN, because=f"{error.strerror or error}")
    return Done(
        step=step,
        status=found.status,
        because=redact(found.because),
        began_at=began,
        ended_at=now(),
        facts=found.facts,
        diagnosis=found.diagnosis,
        remedy=found.remedy,
    )


def _check(order: Order, _done: Sequence[Done], bench: Bench, _hands: Hands) -> _Found:
    """The work tree is clean, and the remote has the commit: asked of the remote itself."""
    seen = look([bench.project], bench.probes(order.commit), order.asked, order.commit)
    verdict = judge(seen, DIAGNOSES, Link.PUSHED)
    if order.push and verdict.first_break is Link.PUSHED and isinstance(seen.remote, Remote):
        url = bench.repository.remotes()[seen.remote.remote]
        bench.repository.push(url, order.commit, seen.remote.ref)
        seen = look([bench.project], bench.probes(order.commit), order.asked, order.commit)
        verdict = judge(seen, DIAGNOSES, Link.PUSHED)
    if verdict.verdict is not Outcome.PROVED or not isinstance(seen.remote, Remote):
        return _stopped(verdict)
    remote = seen.remote
    taken = remote.equivalent if not remote.in_history and remote.equivalent else order.commit
    return _Found(
        status=Status.HOLDS,
        because=f"{short(order.commit)} is on {branch(remote.ref)} of {remote.remote}, "
        "and the work tree adds nothing",
        facts={"taken": taken, "ref": remote.ref, "remote": remote.remote},
    )


def _build(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> _Found:
    """Builds the commit as the remote has it, under a name that nobody deploys."""
    taken = str(fact(done, "taken"))
    repository, *_ = split(_people_deploy(bench))
    asked = BuildOrder(
        commit=taken,
        folder=bench.project.folder,
        dockerfile=bench.project.settings.dockerfile,
        image=f"{repository}:commit-{taken[:12]}",
    )
    built = bench.actions.build(order.key(Step.BUILD), asked)
    facts = {"build": built.id}
    if built.digest is None:
        return _Found(
            status=Status.BROKEN,
            because=f"build {built.id} failed: {built.failure}",
            diagnosis="build-failed",
            facts=facts,
            remedy=(f"mend it, then: {_again(order)}",),
        )
    return _Found(
        status=Status.HOLDS,
        because=f"build {built.id} of {short(taken)} made {short(built.digest)}",
        facts={**facts, "digest": built.digest, "image": f"{repository}@{built.digest}"},
    )


def _prove(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> _Found:
    """The image has the commit's files, by content."""
    verdict = _judged(order, bench, Link.PACKED, Choice(build=str(fact(done, "build"))))
    if verdict.verdict is not Outcome.PROVED:
        return _stopped(verdict)
    packed = next(finding for finding in verdict.links if finding.link is Link.PACKED)
    return _Found(status=Status.HOLDS, because=packed.because)


def _smoke(_order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> _Found:
    """A command of the project's own, inside the image, before anybody is served by it."""
    words = bench.project.settings.smoke
    if not words:
        return _Found(
            status=Status.SKIPPED,
            because=f'no command is set: [deployables.{bench.project.name}] smoke = ["…"]',
        )
    limit = hands.settings.smoke_seconds
    tried = bench.actions.smoke(_workload(bench), str(fact(done, "image")), words, limit)
    said = [line for line in redact(tried.output).splitlines() if line.strip()]
    facts = {"smoke": list(words), "said": said[-20:], "isolation": tried.isolation}
    if tried.code == 0:
        because = f"{command(*words)} passed in the image ({tried.isolation})"
        return _Found(status=Status.HOLDS, because=because, facts=facts)
    ended = f"took over {limit:g} s" if tried.code is None else f"ended with {tried.code}"
    last = f": {said[-1]}" if said else ""
    return _Found(
        status=Status.BROKEN,
        because=f"{command(*words)} {ended} in the image{last}",
        facts=facts,
        remedy=("mend it, commit and push, then: landed ship",),
    )


def _deploy(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> _Found:
    """Pins the workload to the digest. A tag that people deploy moves first, as it is proved."""
    image, workload = str(fact(done, "image")), _workload(bench)
    named = bench.project.settings.image
    if named and split(named)[1]:
        bench.actions.publish(image, named)
    bench.actions.deploy(order.key(Step.DEPLOY), workload, image)
    return _Found(
        status=Status.HOLDS,
        because=f"{workload.kind} {workload.name} is pinned to {short(str(fact(done, 'digest')))}",
    )


def _execute(order: Order, _done: Sequence[Done], bench: Bench, hands: Hands) -> _Found:
    """Executes, and waits for the end. How it ended is judged with its logs."""
    workload = _workload(bench)
    started = bench.actions.execute(order.key(Step.EXECUTE), workload)
    until = time.monotonic() + hands.settings.execution_seconds
    wait = 0.1
    while True:
        ran = bench.actions.execution(workload, started)
        if isinstance(ran, Unseen):
            return _Found(status=Status.UNSEEN, because=ran.reason, remedy=(ran.hint,))
        if ran.state is not ExecutionState.RUNNING:
            break
        if time.monotonic() > until:
            return _Found(
                status=Status.UNSEEN,
                because=f"{started} still runs after {hands.settings.execution_seconds:g} s",
                facts={"execution": started},
                remedy=(f"{_again(order)} waits on; or raise execution_seconds under [ship]",),
            )
        time.sleep(wait)
        wait = min(wait * 1.5, 5.0)
    if ran.state is ExecutionState.LOST:
        return _Found(
            status=Status.UNSEEN,
            because=f"{started} never recorded an end: nobody knows how far it came",
            facts={"execution": started},
            remedy=(f"look at its log, then execute once more: {_again(order)}",),
        )
    return _Found(
        status=Status.HOLDS,
        because=f"{started} ended: {ran.state}",
        facts={"execution": started},
    )


def _logs(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> _Found:
    """All that can be said of the change now, from the work tree to this execution's entries."""
    choice = Choice(build=str(fact(done, "build")), execution=str(fact(done, "execution")))
    verdict = _judged(order, bench, Link.HEALED, choice)
    facts = {"trace": trace(verdict)}
    if verdict.verdict is not Outcome.PROVED:
        return _stopped(verdict, facts)
    healed = next(finding for finding in verdict.links if finding.link is Link.HEALED)
    return _Found(status=Status.HOLDS, because=healed.because, facts=facts)


def _watch(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> _Found:
    """Opens the watch over what was proved, in place of the one before it."""
    watch = open_watch(f"watch-{order.id}", order.commit, str(fact(done, "digest")), bench, hands)
    ends, times = clock(watch.ends_at), count(watch.checkpoints, "checkpoint")
    return _Found(
        status=Status.HOLDS,
        because=f"watched until {ends}, with {times}",
        # With all that it is: what its entry says can be written once more, if that is lost.
        facts={"watch": watch.id, "opened": msgspec.to_builtins(watch)},
    )


def _roll_back(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> _Found:
    """Pins the workload to the last digest that was proved here, other than the one that broke."""
    workload = _workload(bench)
    deployment = bench.cloud.deployment(workload)
    mine = fact(done, "digest")
    if mine is None and isinstance(deployment, Deployment):
        mine = deployment.digest
    proved = records.proved(hands.ledger, order.environment, order.deployable, other_than=str(mine))
    if proved is None:
        return _Found(
            status=Status.UNSEEN,
            because="no other digest was proved here by a shipment: nothing to roll back to",
            remedy=("deploy one that you trust by hand",),
        )
    image, digest = str(proved["image"]), str(proved["digest"])
    bench.actions.deploy(order.key(Step.ROLL_BACK), workload, image)
    return _Found(
        status=Status.HOLDS,
        because=f"{workload.kind} {workload.name} is pinned to {short(digest)} again",
        facts={"back": digest},
    )


_STEPS: Mapping[Step, Callable[[Order, Sequence[Done], Bench, Hands], _Found]] = {
    Step.CHECK: _check,
    Step.BUILD: _build,
    Step.PROVE: _prove,
    Step.SMOKE: _smoke,
    Step.DEPLOY: _deploy,
    Step.EXECUTE: _execute,
    Step.LOGS: _logs,
    Step.WATCH: _watch,
    Step.ROLL_BACK: _roll_back,
}


def foretold(order: Order, bench: Bench, hands: Hands) -> dict[Step, str]:
    """What each step would do, in words: nothing is done."""
    workload, name = _workload(bench), _people_deploy(bench)
    repository, tag, _ = split(name)
    smoke = bench.project.settings.smoke
    settings = hands.settings
    back = "; after a break from here on, back to the last proved digest" if order.back else ""
    moves = f", and move {name} to it" if bench.project.settings.image and tag else ""
    return {
        Step.CHECK: "ask the work tree and the remote"
        + ("; push first where the remote lacks it" if order.push else "; nothing is pushed"),
        Step.BUILD: f"build {short(order.commit)} from the remote as {repository}:"
        f"commit-{order.commit[:12]}",
        Step.PROVE: "compare every file of the image with the commit",
        Step.SMOKE: f"run {command(*smoke)} inside the image" if smoke else "no command is set",
        Step.DEPLOY: f"pin {workload.kind} {workload.name} to the new digest{moves}{back}",
        Step.EXECUTE: f"execute {workload.name} and wait, at most {settings.execution_seconds:g} s",
        Step.LOGS: "judge all links through healed, on that execution's own entries",
        Step.WATCH: f"watch for {settings.watch_hours:g} h, a checkpoint every "
        f"{settings.checkpoint_hours:g} h",
        Step.ROLL_BACK: f"pin {workload.kind} {workload.name} to the last proved digest",
    }


def _judged(order: Order, bench: Bench, through: Link, choice: Choice) -> Verdict:
    probes = bench.probes(order.commit)
    seen, _ = gather(bench.project, bench.cloud, bench.target, probes, order.commit, choice)
    return judge(seen, DIAGNOSES, through)


def _stopped(verdict: Verdict, facts: dict[str, Any] | None = None) -> _Found:
    """The link that stopped it, with its own remedy."""
    where = verdict.first_break or verdict.first_unseen
    finding = next(one for one in verdict.links if one.link is where)
    because = finding.because
    if finding.status in (Status.HOLDS, Status.SKIPPED):
        because = verdict.answers.because.get("in_there", because)
    return _Found(
        status=_STATUS[verdict.verdict],
        because=f"{finding.link}: {because}",
        diagnosis=finding.diagnosis,
        facts=facts or {},
        remedy=finding.remedy,
    )


def _people_deploy(bench: Bench) -> str:
    """The name that people deploy: the settings', else what is deployed, else the deployable's."""
    named = bench.project.settings.image
    if named:
        return named
    deployment = bench.cloud.deployment(_workload(bench))
    if isinstance(deployment, Deployment):
        repository, *_ = split(deployment.image)
        return repository
    return bench.project.name.lower()


def _workload(bench: Bench) -> Workload:
    workload = bench.target.workload
    assert workload is not None  # noqa: S101 - a bench is only made for a target that has one
    return workload


def _again(order: Order) -> str:
    return f"landed ship --resume {order.id}"
