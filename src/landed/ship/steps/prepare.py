"""Before anything is deployed: check, build, prove, smoke."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from landed.content.image.reference import split
from landed.core.action import BuildOrder
from landed.core.judge import judge
from landed.core.model import Link, Outcome, Status
from landed.core.redact import redact
from landed.core.seen import Remote
from landed.core.words import MENDED, branch, command, resume, short
from landed.diagnoses import DIAGNOSES
from landed.logs.entries import spoken
from landed.ship.ahead import meanwhile
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import Done, Order, Step, fact
from landed.ship.steps.found import Found, judged, people_deploy, stopped
from landed.ship.steps.reading import reading
from landed.trace.before import look
from landed.trace.target import Choice


def check(order: Order, _done: Sequence[Done], bench: Bench, _hands: Hands) -> Found:
    """The work tree is clean, and the remote has the commit: asked of the remote itself."""
    seen = look([bench.project], bench.probes(order.commit), order.asked, order.commit)
    verdict = judge(seen, DIAGNOSES, Link.PUSHED)
    if order.push and verdict.first_break is Link.PUSHED and isinstance(seen.remote, Remote):
        url = bench.repository.remotes()[seen.remote.remote]
        bench.repository.push(url, order.commit, seen.remote.ref)
        seen = look([bench.project], bench.probes(order.commit), order.asked, order.commit)
        verdict = judge(seen, DIAGNOSES, Link.PUSHED)
    if verdict.verdict is not Outcome.PROVED or not isinstance(seen.remote, Remote):
        return stopped(verdict)
    remote = seen.remote
    taken = remote.equivalent if not remote.in_history and remote.equivalent else order.commit
    return Found(
        status=Status.HOLDS,
        because=f"{short(order.commit)} is on {branch(remote.ref)} of {remote.remote}, "
        "and the work tree adds nothing",
        facts={"taken": taken, "ref": remote.ref, "remote": remote.remote},
    )


def build(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """Builds the commit as the remote has it, under a name that nobody deploys. What needs no build
    is read meanwhile.
    """
    taken = str(fact(done, "taken"))
    repository, *_ = split(people_deploy(bench))
    asked = BuildOrder(
        commit=taken,
        folder=bench.project.folder,
        dockerfile=bench.project.settings.dockerfile,
        image=f"{repository}:commit-{taken[:12]}",
    )
    told = partial(bench.ahead.say, order.id)
    with meanwhile(lambda: reading(order, taken, hands), told):
        built = bench.actions.build(order.key(Step.BUILD), asked)
    facts = {"build": built.id, "meanwhile": bench.ahead.said(order.id)}
    if built.digest is None:
        return Found(
            status=Status.BROKEN,
            because=f"build {built.id} failed: {built.failure}",
            diagnosis="build-failed",
            facts=facts,
            remedy=(MENDED if built.by_code else f"mend it, then: {resume(order.id)}",),
        )
    return Found(
        status=Status.HOLDS,
        because=f"build {built.id} of {short(taken)} made {short(built.digest)}",
        facts={**facts, "digest": built.digest, "image": f"{repository}@{built.digest}"},
    )


def prove(order: Order, done: Sequence[Done], bench: Bench, _hands: Hands) -> Found:
    """The image has the commit's files, by content."""
    verdict = judged(order, bench, Link.PACKED, Choice(build=str(fact(done, "build"))))
    if verdict.verdict is not Outcome.PROVED:
        # An image does not change: to go on would judge the same one again.
        return stopped(verdict, follows="landed ship")
    packed = next(finding for finding in verdict.links if finding.link is Link.PACKED)
    return Found(status=Status.HOLDS, because=packed.because)


def smoke(order: Order, done: Sequence[Done], bench: Bench, hands: Hands) -> Found:
    """A command of the project's own, inside the image, before anybody is served by it."""
    words = bench.project.settings.smoke
    if not words:
        return Found(
            status=Status.SKIPPED,
            because=f'no command is set: [deployables.{bench.project.name}] smoke = ["…"]',
        )
    limit = hands.settings.smoke_seconds
    tried = bench.actions.smoke(bench.workload, str(fact(done, "image")), words, limit)
    said = [spoken(line) for line in redact(tried.output).splitlines() if line.strip()]
    facts = {"smoke": list(words), "said": said[-20:], "isolation": tried.isolation}
    if tried.code == 0:
        because = f"{command(*words)} passed in the image ({tried.isolation})"
        return Found(status=Status.HOLDS, because=because, facts=facts)
    longer = f"or raise smoke_seconds under [ship], then: {resume(order.id)}"
    ended = f"took over {limit:g} s" if tried.code is None else f"ended with {tried.code}"
    last = f": {said[-1]}" if said else ""
    return Found(
        status=Status.BROKEN,
        because=f"{command(*words)} {ended} in the image{last}",
        facts=facts,
        remedy=(MENDED, longer) if tried.code is None else (MENDED,),
    )
