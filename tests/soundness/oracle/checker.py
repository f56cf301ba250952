"""What must hold of every verdict, whatever the rules look like: words against the truth."""

from __future__ import annotations

import msgspec

from landed.core.chain import CHAIN
from landed.core.judge import judge
from landed.core.model import Answer, Link, Outcome, Status, Verdict
from landed.diagnoses import DIAGNOSES
from soundness.oracle.built import chosen, differing
from soundness.oracle.links import equality_seen, hollow
from soundness.oracle.probes import observe
from soundness.oracle.truth_table import Row
from soundness.oracle.world import NAMED, Second, World

ORDER = tuple(spec.link for spec in CHAIN)
LETTERS = {Answer.YES: "y", Answer.NO: "n", Answer.UNKNOWN: "?"}
NEEDED = {
    "work-tree": (Link.COMMITTED,),
    "bare": (Link.COMMITTED,),
    "no-remote": (Link.PUSHED,),
    "shallow": (Link.PUSHED,),
    "commit": (Link.SOURCED,),
    "digest": (Link.RAN,),
    "spec": (Link.DEPLOYED, Link.RAN),
    "remote": (Link.PUSHED, Link.SOURCED),
    "build": (Link.SOURCED, Link.BUILT),
    "source": (Link.SOURCED,),
    "image": (Link.PACKED,),
    "registry": (Link.PUBLISHED,),
    "deployment": (Link.DEPLOYED, Link.RAN),
    "execution": (Link.RAN, Link.HEALED),
    "logs": (Link.HEALED,),
    "no-log": (Link.HEALED,),
}
MUTE = {
    "work-tree": Link.COMMITTED,
    "remote": Link.PUSHED,
    "build": Link.BUILT,
    "deployment": Link.DEPLOYED,
    "execution": Link.RAN,
    "logs": Link.HEALED,
}


def judged(world: World, through: Link = Link.HEALED) -> Verdict:
    return judge(observe(world), DIAGNOSES, through)


def statuses(verdict: Verdict) -> dict[Link, Status]:
    return {finding.link: finding.status for finding in verdict.links}


def reaches(through: Link, link: Link) -> bool:
    return ORDER.index(through) >= ORDER.index(link)


def false_words(world: World, verdict: Verdict) -> list[str]:
    """Everything that is said and is not so."""
    said, wrong = verdict.answers, []
    proved = verdict.verdict is Outcome.PROVED
    if proved and reaches(verdict.through, Link.RAN):
        if not world.runs_change:
            wrong.append("proved, and the change does not run")
        if said.in_there is not Answer.YES:
            wrong.append("proved, and in there is not yes")
    if proved and reaches(verdict.through, Link.HEALED) and world.names_error:  # noqa: SIM102
        if world.named_error_shown:
            wrong.append("proved, and the named error is still shown")
    if said.in_there is Answer.YES and not world.runs_change:
        wrong.append("in there: yes, and it does not run")
    if said.in_there is Answer.NO and world.runs_change:
        wrong.append("in there: no, and it runs")
    book = said.by_the_book is Answer.YES
    if book and not world.rebuildable:
        wrong.append("by the book: yes, and the remote has no such commit")
    honest = not {"build", "source", "image", "remote", "shallow", "commit"} & (
        world.silent | world.lying
    )
    if book and honest and not world.unbroken:
        wrong.append("by the book: yes, and custody is broken")
    healed = statuses(verdict)[Link.HEALED]
    if said.did_it_help is Answer.YES and healed is not Status.HOLDS:
        wrong.append(f"did it help: yes, and healed is {healed}")
    gone = world.named_error_before and not world.named_error_shown
    if said.did_it_help is Answer.YES and not (world.names_error and gone and world.runs_change):
        wrong.append("did it help: yes, and it did not")
    return wrong + false_past(world, verdict)


def false_past(world: World, verdict: Verdict) -> list[str]:
    """What is said of earlier executions, whatever anybody kept of them, and is not so."""
    wrong = []
    healed = next(finding for finding in verdict.links if finding.link is Link.HEALED)
    new = healed.diagnosis in {"new-error", "next-bug"}
    if new and len(world.counting) == 1:
        run = world.counting[0][0]
        past = world.runs[: world.runs.index(run)]
        without = {name for one in past if not world.had_change(one) for name in one.errors}
        if set(run.errors) <= {*without, NAMED}:
            wrong.append(f"{healed.diagnosis}, and an execution without the change showed it")
    if verdict.answers.did_it_help is Answer.YES and world.counting:
        last = world.runs[: world.runs.index(world.counting[0][0])]
        while last and world.had_change(last[-1]):
            if NAMED in last.pop().errors:
                wrong.append("did it help: yes, and one with the change still showed it")
    return wrong


def green_by_silence(world: World, verdict: Verdict) -> list[str]:
    """A link that holds although its station said nothing, or only words."""
    found = statuses(verdict)
    wrong = [
        f"{link} is broken, and the {station} was silent"
        for station, link in MUTE.items()
        if station in world.silent and found[link] is Status.BROKEN
    ]
    for station in (*world.silent, *world.lying):
        for link in NEEDED[station]:
            if found[link] is not Status.HOLDS:
                continue
            kept = not {"source", "build"} & (world.silent | world.lying)
            stands_in = equality_seen(world) and not (station == "remote" and kept)
            if link in {Link.SOURCED, Link.BUILT} and stands_in:
                continue
            wrong.append(f"{link} holds, and the {station} was {lens(world, station)}")
        if verdict.verdict is Outcome.PROVED and station != "bare":
            missed = [link for link in NEEDED[station] if reaches(verdict.through, link)]
            if missed and not equality_seen(world):
                wrong.append(f"proved, and the {station} was {lens(world, station)}")
    return wrong


def lens(world: World, station: str) -> str:
    return "silent" if station in world.silent else "lying"


def inconsistent(verdict: Verdict) -> list[str]:
    """The parts of a verdict against each other."""
    found, wrong = statuses(verdict), []
    if tuple(finding.link for finding in verdict.links) != ORDER:
        return ["not the ten links in their order"]
    early = not reaches(verdict.through, Link.RAN)
    counted = [link for link in ORDER if not early or reaches(verdict.through, link)]
    broken = [link for link in counted if found[link] is Status.BROKEN]
    if (verdict.verdict is Outcome.BROKEN) != bool(broken):
        wrong.append(f"{verdict.verdict}, and broken are {broken}")
    if verdict.first_break != (broken[0] if broken else None):
        wrong.append(f"first_break is {verdict.first_break}, and broken are {broken}")
    upto = [link for link in ORDER if reaches(verdict.through, link)]
    if verdict.verdict is Outcome.PROVED:
        loose = [link for link in upto if found[link] not in {Status.HOLDS, Status.SKIPPED}]
        wrong += [f"proved, and {link} is {found[link]}" for link in loose]
    missing = verdict.first_unseen
    if missing is not None:
        if found[missing] in {Status.HOLDS, Status.BROKEN} and verdict.answers.in_there == "yes":
            wrong.append(f"first_unseen is {missing}, which {found[missing]}")
        unseen = [link for link in upto if found[link] is Status.UNSEEN]
        if unseen and ORDER.index(missing) > ORDER.index(unseen[0]):
            wrong.append(f"first_unseen is {missing}, and {unseen[0]} is unseen before it")
    elif verdict.verdict is Outcome.UNPROVED:
        wrong.append("unproved, and no link is named for it")
    for finding in verdict.links:
        if finding.status is Status.BROKEN and finding.diagnosis is None:
            wrong.append(f"{finding.link} is broken without a diagnosis")
        if finding.status in {Status.HOLDS, Status.SKIPPED} and finding.diagnosis:
            wrong.append(f"{finding.link} {finding.status} with {finding.diagnosis}")
    return wrong


def too_mild(world: World, verdict: Verdict) -> list[str]:
    """What was plain to see and must be said: soundness alone would be had by silence."""
    found, wrong = statuses(verdict), []
    blind = {"execution", "logs", "deployment"} & world.silent or {
        "digest",
        "spec",
        "no-log",
    } & world.lying
    if world.counting and not blind:
        run = world.counting[0][0]
        early = not world.service and run.at < world.in_force
        shows = [one for one, _ in world.counting if NAMED in one.errors]
        before = early or world.deploying
        stale = before and all(one.digest != world.deployed for one in shows)
        wanted = {Status.PENDING, Status.UNSEEN} if stale else {Status.BROKEN}
        # Another revision may show another error.
        wanted |= {Status.BROKEN} if len(world.counting) > 1 else set()
        named = world.names_error and world.named_error_shown
        if named and found[Link.HEALED] not in wanted:
            wrong.append(f"the named error is in the log, and healed is {found[Link.HEALED]}")
        if named and not stale and verdict.answers.did_it_help is not Answer.NO:
            wrong.append(f"it is in the log, and did it help: {verdict.answers.did_it_help}")
        if world.deployed and early and found[Link.RAN] is not Status.PENDING:
            wrong.append(f"none began since the deployment, and ran is {found[Link.RAN]}")
    dirty = bool(differing(world.work_tree(), world.commits[world.head].tree))
    if {"work-tree", "build"} & world.silent or world.builds or "bare" in world.lying:
        dirty = False
    if dirty and found[Link.COMMITTED] is not Status.BROKEN:
        wrong.append(f"dirt before any build, and committed is {found[Link.COMMITTED]}")
    if "remote" not in world.silent and not {"shallow", "no-remote"} & world.lying:
        there = world.main is not None and world.carries(world.commits[world.main].tree)
        if found[Link.PUSHED] is not (Status.HOLDS if there else Status.BROKEN):
            wrong.append(f"pushed is {found[Link.PUSHED]}, and on the ref is {there}")
    if world.counting and not world.silent | world.lying and not world.outside:
        clones = [made.clone_of for made in world.all_running() if made and made.clone_of]
        kept = world.on_remote().issuperset(clones)
        told = world.second is None or world.second.told
        if kept and told and (verdict.answers.by_the_book is Answer.YES) != world.unbroken:
            wrong.append(f"all was seen, and by the book: {verdict.answers.by_the_book}")
        if told and (verdict.answers.in_there is Answer.YES) != world.runs_change:
            wrong.append(f"all was seen, and in there: {verdict.answers.in_there}")
    if not world.counting and "execution" not in world.silent:
        if verdict.answers.in_there is not Answer.NO:
            wrong.append(f"nothing runs, and in there: {verdict.answers.in_there}")
        if verdict.answers.by_the_book is not Answer.UNKNOWN:
            wrong.append(f"nothing runs, and by the book: {verdict.answers.by_the_book}")
    return wrong


def misnamed(world: World, verdict: Verdict) -> list[str]:
    """Diagnoses that say what is not so."""
    made = chosen(world)
    runs = [run for run, _ in world.counting]
    having = [run for run in runs if (its := world.made(run.digest)) and world.carries(its.image)]
    on = {run.digest for run in runs}
    odd = made is None or on != {made.digest}
    fits = {
        "fix-ineffective": not world.outside and any(NAMED in run.errors for run in having),
        "change-not-running": not world.runs_change,
        "next-bug": any(NAMED not in run.errors for run in runs),
        "traffic-pinned": world.service and world.newest_is_ready and odd,
        "auto-rollback": world.service and world.unready and odd,
        "never-ready": world.service and world.unready and not runs,
        "not-restarted": world.service and world.by_tag and world.taken != world.tag,
        "mount-hides-code": world.covered,
        "package-not-reinstalled": world.by_second and world.second == Second(installed=True),
        "other-copy-ran": world.by_second and world.second == Second(),
        "commit-not-pushed": world.change not in world.on_remote(),
        "wrong-branch": world.change in world.ancestors(world.side),
        "execution-failed": any(run.state == "failed" for run in runs),
        "spec-not-updated": odd or (made is not None and world.deployed != made.digest),
        "tag-not-moved": made is None or world.tag != made.digest,
        "nothing-pushed": made is None or made.digest is None,
        "build-failed": made is None or made.state == "failed",
    }
    if made is not None:
        placed = "remote" in world.silent or made.clone_of in world.ancestors(world.main)
        right = world.carries(made.source) and made.asked_for == made.clone_of and placed
        lacking = ("other-commit-built", "earlier-build", "stale-clone")
        if right:
            fits.update(dict.fromkeys(lacking, False))
        fits["upload-not-clone"] = made.kind == "upload"
        fits["claimed-commit"] = made.claim is not None or bool(world.lying)
    return [
        f"{finding.diagnosis}: {finding.status}, {finding.because}"
        for finding in verdict.links
        if finding.diagnosis is not None and not fits.get(finding.diagnosis, True)
    ]


def unsound(world: World, verdict: Verdict) -> list[str]:
    """Everything that is wrong with a verdict."""
    said = false_words(world, verdict) + green_by_silence(world, verdict)
    return said + inconsistent(verdict) + too_mild(world, verdict) + hollow(world, verdict)


def shown(world: World) -> str:
    """A world in the words of its observations: what a failing test prints."""
    return msgspec.json.format(msgspec.json.encode(observe(world)), indent=1).decode()


def against(row: Row, verdict: Verdict) -> list[str]:
    """How a verdict differs from what a row of the table says."""
    found = {link.value: status.value for link, status in statuses(verdict).items()}
    wrong = []
    if (verdict.verdict.value, verdict.first_break) != (row.verdict, row.breaks):
        wrong.append(f"{verdict.verdict} at {verdict.first_break}, not {row.verdict}")
    for name, wanted in (pair.split("=") for pair in row.statuses.split()):
        if found[name] != wanted:
            wrong.append(f"{name} is {found[name]}, not {wanted}")
    said = verdict.answers
    for answer, letter in zip(
        (said.in_there, said.by_the_book, said.did_it_help), row.answers, strict=True
    ):
        if letter != "-" and LETTERS[answer] != letter:
            wrong.append(f"answers {said.in_there} {said.by_the_book} {said.did_it_help}")
    return wrong
