"""Thirty histories with what the design says of them. The sentence that decides stands beside each.

Statuses are given only for the links that the design determines for that history; the answers in
the order in there, by the book, did it help (y, n, ?).
"""

from __future__ import annotations

from dataclasses import dataclass

from landed.core.model import (
    Effect,
)
from landed.core.seen import (
    BuildState,
    ExecutionState,
)
from soundness.world import Built, Ran, World

HEALTHY = World()
SERVES = World(service=True)
OLD, NEW = Built(has_change=False), Built()


@dataclass(frozen=True)
class History:
    """A world, and what has to be said of it. `breaks` is the first broken link, if one is."""

    name: str
    because: str
    world: World
    verdict: str
    breaks: str | None
    answers: str
    statuses: str = ""


def h(
    name: str, world: World, verdict: str, breaks: str | None, answers: str, *rest: str
) -> History:
    statuses, because = rest if len(rest) == 2 else ("", rest[0])
    return History(name, because, world, verdict, breaks, answers, statuses)


TABLE: tuple[History, ...] = (
    h("it landed", HEALTHY, "proved", None, "yyy", "held=unseen",
      "proved if all links up to --through hold"),
    h("committed only here", HEALTHY.but(pushed=False, builds=(OLD,), ran=Ran(named=True)),
      "broken", "pushed", "nyn", "sourced=holds built=holds packed=holds deployed=holds ran=holds",
      "one fault breaks one link, not four; by the book is about what runs"),
    h("pushed, not built again", HEALTHY.but(builds=(OLD,), ran=Ran(named=True)),
      "broken", "sourced", "nyn", "pushed=holds built=holds packed=holds",
      "the source is on the builder's ref, and contains the commit if that ref does"),
    h("dirty before any build", HEALTHY.but(dirty=True, builds=(), ran=None, deployed=None),
      "broken", "committed", "n??", "sourced=pending built=pending ran=pending",
      "in trace any dirt that the build would read breaks it, while no build exists"),
    h("dirty after the build", HEALTHY.but(dirty=True), "proved", None, "yyy", "committed=holds",
      "once built, dirt that did not go into the build is a note"),
    h("an untracked file went along", HEALTHY.but(builds=(OLD, Built(upload=True, dirty=True))),
      "broken", "sourced", "nn?", "packed=holds built=holds deployed=holds ran=holds",
      "dirt that went into the build breaks sourced"),
    h("a clean upload of the pushed commit", HEALTHY.but(builds=(OLD, Built(upload=True))),
      "proved", None, "yyy", "sourced=holds", "or the upload equals it, file by file"),
    h("a clean upload, not pushed",
      HEALTHY.but(pushed=False, builds=(OLD, Built(upload=True, on_ref=False))),
      "broken", "pushed", "yny", "sourced=holds",
      "only links 1, 2 and in there concern the commit; from the remote nobody can rebuild it"),
    h("the build failed", HEALTHY.but(builds=(Built(state=BuildState.FAILED),), tag=None,
      deployed=None, ran=None), "broken", "built", "n??", "packed=skipped published=skipped",
      "the build of that source succeeded and pushed something"),
    h("success, nothing pushed", HEALTHY.but(builds=(OLD, Built(pushes=False)), tag=0, deployed=0,
      ran=Ran(build=0, named=True)), "broken", "built", "nyn", "sourced=holds packed=skipped",
      "a build without an image in its results"),
    h("the build still runs", HEALTHY.but(builds=(Built(state=BuildState.RUNNING, pushes=False),),
      tag=None, deployed=None, ran=None), "unproved", None, "n??", "built=pending",
      "pending: may still happen"),
    h("the image is not its source", HEALTHY.but(builds=(OLD, Built(equal=False))),
      "broken", "packed", "nn?", "sourced=holds published=holds",
      "packed: the image equals its source"),
    h("a label lies", HEALTHY.but(builds=(OLD, Built(lie=True))), "broken", "packed", "yyy",
      "sourced=holds", "a contradiction between strong and weak evidence is itself a finding"),
    h("the wrong folder", HEALTHY.but(builds=(OLD, Built(folder="other"))), "broken", "packed",
      "ny?",
      "sourced=holds", "wrong-context @packed: the best-matching subtree is another one"),
    h("the tag did not move", HEALTHY.but(tag=0, deployed=0, pinned=False,
      ran=Ran(build=0, named=True)), "broken", "published", "nyn", "deployed=holds ran=holds",
      "the name that people deploy resolves to that digest; links compare neighbours"),
    h("the job was not told", HEALTHY.but(deployed=0, ran=Ran(build=0, named=True)),
      "broken", "deployed", "nyn", "published=holds ran=holds",
      "the job that takes the work is pinned to that digest"),
    h("deployed by digest, the tag elsewhere", HEALTHY.but(tag=0), "proved", None, "yyy",
      "published=holds", "asked at the digest, not the tag: nobody deploys by that name"),
    h("not executed since the deployment", HEALTHY.but(ran=Ran(build=0, after=False, named=True)),
      "unproved", None, "ny?", "ran=pending healed=pending",
      "an execution started after that; entries of those that began before prove nothing"),
    h("nothing is deployed", HEALTHY.but(deployed=None, ran=None), "unproved", None, "n??",
      "published=holds deployed=pending ran=pending", "pending: may still happen"),
    h("never executed", HEALTHY.but(ran=None), "unproved", None, "n??",
      "ran=pending healed=pending",
      "no log entries from an execution that never ran proves nothing"),
    h("another digest ran", HEALTHY.but(ran=Ran(build=0, named=True)), "broken", "ran", "nyn",
      "deployed=holds", "ran: an execution on that digest"),
    h("the execution failed", HEALTHY.but(ran=Ran(state=ExecutionState.FAILED)), "broken", "ran",
      "yyy", "deployed=holds", "and finished"),
    h("the execution still runs", HEALTHY.but(ran=Ran(state=ExecutionState.RUNNING)),
      "unproved", None, "yy?", "ran=pending healed=pending", "pending: may still happen"),
    h("the execution's end is lost", HEALTHY.but(ran=Ran(state=ExecutionState.LOST)),
      "unproved", None, "yy?", "ran=unseen", "what could not be seen is never green"),
    h("the fix is wrong", HEALTHY.but(ran=Ran(named=True)), "broken", "healed", "yyn", "ran=holds",
      "healed: shows none of the errors named for this change"),
    h("the next bug", HEALTHY.but(ran=Ran(kin=True)), "broken", "healed", "yyn", "ran=holds",
      "a fix may be in there, by the book, and not help: a second bug stood behind the first"),
    h("known noise", HEALTHY.but(ran=Ran(noise=True)), "proved", None, "yyy", "healed=holds",
      "nothing new broke"),
    h("a quiet worker", HEALTHY.but(ran=Ran(work=0)), "unproved", None, "yy?", "healed=unseen",
      "silence is not success"),
    h("nothing expected is configured", HEALTHY.but(ran=Ran(work=None)), "unproved", None, "yy?",
      "healed=unseen", "expected work must be seen"),
    h("no error is named", HEALTHY.but(names_error=False), "proved", None, "yy?", "healed=holds",
      "no error named: unknown"),
    h("the error was never seen", HEALTHY.but(seen_before=False), "proved", None, "yy?",
      "healed=holds", "yes only with a named error that is gone"),
    h("reverted", HEALTHY.but(reverted=True), "broken", "pushed", "ny?", "built=holds packed=holds",
      "reverted: no, though it is an ancestor"),
    h("documentation only", HEALTHY.but(effect=Effect.NONE, names_error=False), "proved", None,
      "yy?", "sourced=holds", "a change with no effect on the image"),
    h("the remote is silent", HEALTHY.but(silent=frozenset({"remote"})), "unproved", None, "y?y",
      "pushed=unseen", "an unreachable remote: cannot tell, never green"),
    h("the log is silent", HEALTHY.but(silent=frozenset({"logs"})), "unproved", None, "yy?",
      "healed=unseen", "a probe that fails is unseen"),
    h("a service serves it", SERVES, "proved", None, "yyy", "deployed=holds ran=holds healed=holds",
      "for a service: every serving revision"),
    h("the traffic is pinned to the old revision", SERVES.but(ran=Ran(build=0, named=True)),
      "broken", "deployed", "nyn", "published=holds ran=holds healed=broken",
      "the service that takes the work is on that digest: its traffic is not"),
    h("a tenth of the traffic is old", SERVES.but(beside=(Ran(build=0),)),
      "broken", "deployed", "ny?", "ran=holds healed=holds",
      "is it in there: yes only if every serving revision has it"),
    h("a tenth of the traffic is old, and shows the error",
      SERVES.but(beside=(Ran(build=0, named=True),)),
      "broken", "deployed", "nyn", "ran=holds healed=broken",
      "entries of the revisions that serve, all of them"),
    h("two revisions serve it", SERVES.but(builds=(OLD, NEW, NEW), ran=Ran(build=1),
      beside=(Ran(build=2),), deployed=2), "proved", None, "yyy", "deployed=holds",
      "every serving revision has it; that they are two is a note"),
    h("two serve it, and one shows the error", SERVES.but(builds=(OLD, NEW, NEW),
      ran=Ran(build=1), beside=(Ran(build=2, named=True),), deployed=2), "broken", "healed", "yyn",
      "deployed=holds ran=holds", "entries of the revisions that serve, all of them"),
    h("two serve it, and one was never asked", SERVES.but(builds=(OLD, NEW, NEW),
      ran=Ran(build=1), beside=(Ran(build=2, work=0),), deployed=2), "unproved", None, "yy?",
      "healed=unseen", "silence is not success"),
    h("one revision has no record", SERVES.but(beside=(Ran(lost=True),)), "unproved", None, "???",
      "deployed=holds ran=unseen healed=unseen", "what could not be seen is never green"),
    h("rolled back by itself", SERVES.but(ran=Ran(build=0, named=True), newest_state="failed"),
      "broken", "deployed", "nyn", "ran=holds", "requested differs from running"),
    h("the new revision is on its way", SERVES.but(ran=Ran(build=0), newest_state="deploying"),
      "unproved", None, "ny?", "deployed=pending", "pending: may still happen"),
    h("nothing serves", SERVES.but(ran=None, newest_state="failed"), "broken", "deployed", "n??",
      "ran=pending", "the service that takes the work: none does"),
    h("nothing serves yet", SERVES.but(ran=None, newest_state="deploying"), "unproved", None, "n??",
      "deployed=pending ran=pending", "pending: may still happen"),
    h("a revision ended by itself", SERVES.but(ran=Ran(state=ExecutionState.FAILED)), "broken",
      "ran", "yyy", "deployed=holds", "and serves"),
    h("the registry is silent", HEALTHY.but(silent=frozenset({"registry"})), "unproved", None,
      "yyy",
      "published=unseen", "a probe that fails is unseen"),
)  # fmt: skip
