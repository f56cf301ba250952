"""What must hold of every verdict, as a function that tests and mutants share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from landed.core.chain import LINKS
from landed.core.judge import judge
from landed.core.model import (
    Answer,
    Link,
    Outcome,
    Status,
    Verdict,
)
from landed.core.rules import RULES
from landed.core.seen import (
    BuildState,
    ExecutionState,
)
from landed.diagnoses import DIAGNOSES
from soundness.points import (
    POINTS,
    by_the_book,
    hidden_by_a_volume,
    shown_on_an_unknown_image,
    shown_seldom,
    without_effect,
)
from soundness.truth_table import TABLE, History
from soundness.world import STATIONS, Built, Ran, World, observe, truth

ANSWERS = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNKNOWN}


def judged(world: World) -> Verdict:
    return judge(observe(world), DIAGNOSES)


def against_table(history: History) -> list[str]:
    """How the verdict differs from what the table says."""
    verdict = judged(history.world)
    said = {finding.link.value: finding.status.value for finding in verdict.links}
    wrong = []
    if (verdict.verdict.value, verdict.first_break) != (history.verdict, history.breaks):
        wrong.append(f"{verdict.verdict} at {verdict.first_break}, not {history.verdict}")
    for name, wanted in (pair.split("=") for pair in history.statuses.split()):
        if said[name] != wanted:
            wrong.append(f"{name} is {said[name]}, not {wanted}")
    answers = verdict.answers
    got = (answers.in_there, answers.by_the_book, answers.did_it_help)
    if got != tuple(ANSWERS[letter] for letter in history.answers):
        wrong.append(f"answers {[str(a) for a in got]}, not {history.answers}")
    return [f"{history.name}: {fault}" for fault in wrong]


def unsound(world: World, verdict: Verdict) -> list[str]:
    """Everything in a verdict that the truth forbids."""
    real, answers = truth(world), verdict.answers
    wrong = []
    if verdict.verdict is Outcome.PROVED:
        if not real.runs_change:
            wrong.append("proved, and it does not run")
        if world.names_error and real.error_shown:
            wrong.append("proved, and the error is still shown")
    if answers.in_there is Answer.YES and not real.runs_change:
        wrong.append("in there, and it is not")
    if answers.in_there is Answer.NO and real.runs_change:
        wrong.append("not in there, and it is")
    if answers.by_the_book is Answer.YES and not real.rebuildable:
        wrong.append("by the book, and nobody could rebuild it")
    if answers.did_it_help is Answer.YES and not (real.error_gone and real.runs_change):
        wrong.append("it helped, and it did not")
    return wrong + inconsistent(verdict) + green_by_silence(world, verdict)


def inconsistent(verdict: Verdict) -> list[str]:
    """The verdict's parts against each other."""
    statuses = [finding.status for finding in verdict.links]
    wrong = []
    if tuple(finding.link for finding in verdict.links) != LINKS:
        wrong.append("not ten links in order")
    broken = [f.link for f in verdict.links if f.status is Status.BROKEN]
    if verdict.first_break != (broken[0] if broken else None):
        wrong.append("first_break is not the first break")
    if (verdict.verdict is Outcome.BROKEN) != bool(broken):
        wrong.append("broken without a break, or a break without broken")
    if verdict.verdict is Outcome.PROVED and set(statuses[:9]) - {Status.HOLDS, Status.SKIPPED}:
        wrong.append("proved, and a link does not hold")
    nameless = [f.link for f in verdict.links if f.status is Status.BROKEN and not f.diagnosis]
    return wrong + [f"{link} is broken without a diagnosis" for link in nameless]


NEEDS = {
    "work tree": ("committed",),
    "remote": ("pushed",),
    "builds": ("sourced", "built", "packed"),
    "source": ("sourced",),
    "image": ("packed",),
    "registry": ("published",),
    "deployment": ("deployed", "ran"),
    "execution": ("ran", "healed"),
    "logs": ("healed",),
}


def green_by_silence(world: World, verdict: Verdict) -> list[str]:
    """A link whose station was silent must not hold."""
    said = {finding.link.value: finding.status for finding in verdict.links}
    return [
        f"{link} holds, and the {station} was silent"
        for station in world.silent
        for link in NEEDS.get(station, ())
        if said[link] is Status.HOLDS
    ]


def random_world(chance: random.Random) -> World:
    """Stations that fail, lie or stay silent, in any combination."""

    def often(share: float) -> bool:
        return chance.random() < share

    def built() -> Built:
        return Built(
            has_change=often(0.6),
            upload=often(0.3),
            dirty=often(0.15),
            on_ref=often(0.85),
            state=chance.choice([BuildState.SUCCEEDED] * 8 + list(BuildState)),
            pushes=often(0.9),
            equal=often(0.85),
            lie=often(0.1),
            folder="." if often(0.9) else "other",
        )

    builds = tuple(built() for _ in range(chance.randrange(4)))
    # Only what was pushed can be tagged, deployed and run.
    pushed = [n for n, b in enumerate(builds) if b.pushes and b.state is BuildState.SUCCEEDED]

    def some() -> int | None:
        return chance.choice(pushed) if pushed and often(0.9) else None

    deployed = some()
    newest = deployed if deployed is not None and often(0.7) else some()
    ran = None
    if newest is not None and often(0.9):
        ran = Ran(
            build=newest,
            after=often(0.8),
            state=chance.choice([ExecutionState.SUCCEEDED] * 6 + list(ExecutionState)),
            named=often(0.3),
            kin=often(0.15),
            fresh=often(0.1),
            noise=often(0.2),
            work=chance.choice([1, 1, 1, 2, 0, None]),
        )
    silent = frozenset(s for s in STATIONS if often(0.04))
    names_error, seen_before, looked_back = often(0.7), often(0.7), chance.choice([0, 1, 3])
    beside: tuple[Ran, ...] = ()
    service = often(0.3)
    if service and ran is not None:
        ran = replace(ran, lost=often(0.05))
        beside = tuple(
            Ran(
                build=chance.choice(pushed),
                state=chance.choice([ExecutionState.SUCCEEDED] * 6 + list(ExecutionState)),
                named=often(0.2),
                work=chance.choice([1, 1, 0, None]),
                lost=often(0.05),
            )
            for _ in range(chance.choice([0, 0, 1, 2]))
        )
    return World(
        dirty=often(0.2),
        pushed=often(0.8),
        reverted=often(0.1),
        builds=builds,
        tag=some(),
        deployed=deployed,
        pinned=often(0.6),
        ran=ran,
        seen_before=seen_before,
        looked_back=looked_back,
        names_error=names_error,
        silent=silent,
        service=service,
        beside=beside,
        newest_state=chance.choice(["ready", "ready", "failed", "deploying"]),
    )


def random_service(chance: random.Random) -> World:
    """A service whose change arrived, but for one or two things in what serves."""

    def serves(share: float) -> Ran:
        return Ran(
            build=0 if chance.random() < share else chance.choice([1, 2]),
            state=chance.choice([ExecutionState.SUCCEEDED] * 9 + [ExecutionState.LOST]),
            named=chance.random() < share / 2,
            work=chance.choice([1, 1, 1, 1, 0]),
            lost=chance.random() < share / 4,
        )

    return World(
        service=True,
        builds=(Built(has_change=False), Built(), Built(equal=chance.random() < 0.9)),
        ran=serves(0.1),
        beside=tuple(serves(0.2) for _ in range(chance.choice([0, 1, 2]))),
        deployed=chance.choice([0, 1, 2, 2]),
        tag=chance.choice([0, 1, 2]),
        pinned=chance.random() < 0.7,
        newest_state=chance.choice(["ready", "ready", "failed", "deploying"]),
        silent=frozenset(s for s in STATIONS if chance.random() < 0.02),
    )


def sample(size: int, seed: int = 2025) -> list[World]:
    """The same random worlds every time."""
    chance = random.Random(seed)
    some = [random_world(chance) for _ in range(size)]
    return some + [random_service(chance) for _ in range(size // 3)]


def at_points() -> list[str]:
    """Where a rule says other than what a single point asks for."""
    return [
        f"{name}: {link} is {said}, not {status}"
        for name, seen, link, status in POINTS
        if (said := RULES[Link(link)](seen).status) != status
    ]


def faults(worlds: list[World]) -> Iterator[str]:
    """What is wrong over the table and some worlds, one after the other."""
    for history in TABLE:
        yield from against_table(history)
    points = (
        at_points,
        without_effect,
        by_the_book,
        hidden_by_a_volume,
        shown_on_an_unknown_image,
        shown_seldom,
    )
    for check in points:
        yield from check()
    for world in worlds:
        yield from unsound(world, judged(world))
