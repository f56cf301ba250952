"""What each step would do, in words: nothing is done."""

from __future__ import annotations

from landed.content.image.reference import split
from landed.core.probe import WorkloadKind
from landed.core.words import command, short
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import Order, Step
from landed.ship.steps.bring import last_proved
from landed.ship.steps.found import people_deploy


def foretold(order: Order, bench: Bench, hands: Hands) -> dict[Step, str]:
    """What each step would do."""
    workload, name = bench.workload, people_deploy(bench)
    repository, tag, _ = split(name)
    smoke = bench.project.settings.smoke
    settings = hands.settings
    serves = workload.kind is WorkloadKind.SERVICE
    back = "; after a break from here on, back to the last proved digest" if order.back else ""
    moves = f", and move {name} to it" if bench.project.settings.image and tag else ""
    ways = bench.actions.ways(workload)
    pinned = f"pin {workload.kind} {workload.name}{ways.place} to"
    most = f"at most {settings.execution_seconds:g} s"
    return {
        Step.CHECK: "ask the work tree and the remote"
        + ("; push first where the remote lacks it" if order.push else "; nothing is pushed"),
        Step.BUILD: f"build {short(order.commit)} {ways.build} as {repository}:"
        f"commit-{order.commit[:12]}",
        Step.PROVE: "compare every file of the image with the commit",
        Step.SMOKE: f"run {command(*smoke)} {ways.smoke}" if smoke else "no command is set",
        Step.DEPLOY: f"{pinned} the new digest{moves}{back}",
        Step.EXECUTE: f"wait until the new revision of {workload.name} takes the traffic, {most}"
        if serves
        else f"execute {workload.name} and wait, {most}",
        Step.LOGS: "judge all links through healed, on that revision's own entries; wait at most "
        f"{settings.work_seconds:g} s for the expected work"
        if serves
        else "judge all links through healed, on that execution's own entries",
        Step.WATCH: f"watch for {settings.watch_hours:g} h, a checkpoint every "
        f"{settings.checkpoint_hours:g} h",
        Step.ROLL_BACK: _back(pinned, order, bench, hands) if Step.ROLL_BACK in order.steps else "",
    }


def _back(pinned: str, order: Order, bench: Bench, hands: Hands) -> str:
    found = last_proved(order, (), bench, hands)
    if found is None:
        return "nothing: no other digest was proved here by a shipment"
    commit = short(found["change"]["commit"])
    return f"{pinned} {short(found['digest'])}, proved for {commit}, and open the watch over it"
