"""Link by link: it holds only where it is so, and is broken only where it is not."""

from __future__ import annotations

from fractions import Fraction
from math import comb

from landed.core.model import Link, Status, Verdict
from soundness.oracle.built import chosen, claims, differing, expected
from soundness.oracle.world import NAMED, Made, Run, Tree, World


def equality_seen(world: World) -> bool:
    """Content equality of the image may stand in for a source or a record that nobody kept."""
    if "image" in world.silent | world.lying:
        return False
    made = world.running() if "build" in world.silent else chosen(world)
    return made is not None and made.digest is not None and made.image == expected(world, made)[1]


def ref_carries(world: World) -> bool:
    return world.main is not None and world.carries(world.commits[world.main].tree)


def sourced(world: World, made: Made) -> bool:
    """On the ref, with the change if the ref has it; that a commit is not pushed is link 2."""
    on_ref = world.ancestors(world.main)
    trees = [world.commits[name].tree for name in on_ref]
    if made.clone_of in world.commits and made.clone_of not in on_ref:
        trees = []
    if made.source in trees and (world.carries(made.source) or not ref_carries(world)):
        return True
    known = [commit.tree for commit in world.commits.values()]
    return made.source in known and world.carries(made.source) and not ref_carries(world)


def new_errors(world: World, run: Run) -> list[str]:
    past = world.runs[: world.runs.index(run)]
    base = [r for r in past if not world.had_change(r)]
    return [name for name in run.errors if not any(name in r.errors for r in base)]


def healed(world: World, run: Run) -> bool:
    named = world.names_error and NAMED in run.errors
    open_ = {"lost"} if world.service else {"running", "lost"}
    worked = run.work > 0 and world.expects_work
    return worked and not named and not new_errors(world, run) and run.state not in open_


def by_choice(world: World, tree: Tree) -> bool | None:
    """Whether a second copy ran in place of the change: by how it was started (True), or because
    that is what is installed (False); None where none did.
    """
    if world.second is None or not world.second.runs or not world.carries(tree):
        return None
    return not world.second.installed


def ran(world: World, run: Run) -> bool:
    made = world.made(run.digest)
    astray = world.mounted or world.covered or world.otherwise
    astray = astray or (made is not None and by_choice(world, made.image) is True)
    if world.service:
        return run.state in {"succeeded", "running"} and not astray
    there = run.digest == world.deployed and not astray
    return there and run.at > world.in_force and run.state == "succeeded"


def held(world: World) -> bool | None:
    """None where it is a matter of chance: between clearly worse and no worse at all."""
    kept = world.watch
    if kept is None or not kept.over or not kept.looked >= kept.due > 0:
        return False
    before, since = kept.before, kept.since[: kept.due * 6]
    if not before or not since or "F" in since:
        return False
    both = len(before) + len(since)
    named = before.count("N")
    if world.names_error:
        silence = Fraction(comb(len(before), named), comb(both, named))
        if "N" in since or not named or silence > Fraction(1, 20):
            return False
    elif Fraction(1, comb(both, len(since))) > Fraction(4, 100):
        return False
    often, seldom = since.count("O") * len(before), before.count("O") * len(since)
    more = since.count("N") * len(before) > named * len(since)
    return None if often > seldom or more else True


def same_files(world: World, made: Made, digest: str) -> bool:
    if {"build", "image"} & (world.silent | world.lying):
        return False
    ours = world.made(digest)
    return ours is not None and made.digest is not None and ours.image == made.image


def really(world: World) -> dict[Link, bool]:
    """Whether each link that can be spoken of is so."""
    runs = [run for run, _ in world.counting]
    found = {
        Link.PUSHED: ref_carries(world),
        Link.RAN: bool(runs) and world.deployed is not None and all(ran(world, r) for r in runs),
        Link.HEALED: bool(runs) and all(healed(world, run) for run in runs),
    }
    if world.by_second and "image" in world.silent | world.lying:
        # Only the image shows that there are two; in there is unknown then.
        del found[Link.RAN]
    stayed = held(world)
    if stayed is not None:
        found[Link.HELD] = stayed
    made = None if "build" in world.silent else chosen(world)
    if made is not None:
        ours = made.digest is not None
        by_digest = not world.by_tag and "spec" not in world.lying and world.spec == made.digest
        lied = any(claim.true is False for claim in claims(world, made, "label"))
        found[Link.SOURCED] = sourced(world, made)
        found[Link.BUILT] = ours
        found[Link.PACKED] = ours and made.image == expected(world, made)[1]
        found[Link.PACKED] = found[Link.PACKED] and not lied
        if by_choice(world, made.image) is False:
            found[Link.PACKED] = False
        # Whether anybody deploys by that name, a silent deployment does not tell.
        if "deployment" not in world.silent:
            there = world.service and world.deployed is not None
            serves = there and made.digest in {run.digest for run in runs}
            serves = serves and not {"spec", "digest"} & world.lying
            if world.service:
                by_digest = by_digest and not world.by_tag and world.taken == made.digest
            found[Link.PUBLISHED] = ours and (world.tag == made.digest or by_digest or serves)
        neighbours = {made.digest, world.tag} if "registry" not in world.silent else {made.digest}
        if not world.service:
            found[Link.DEPLOYED] = world.deployed is not None and (
                world.deployed in neighbours or same_files(world, made, world.deployed)
            )
        elif runs and world.deployed is not None:
            as_built = [r.digest in neighbours or same_files(world, made, r.digest) for r in runs]
            lacking = [r for r in runs if not ((its := world.made(r.digest)) and
                       world.carries(its.image))]  # fmt: skip
            # What has the change on another digest may be said either way.
            if all(as_built):
                found[Link.DEPLOYED] = True
            elif any(r in lacking for r, same in zip(runs, as_built, strict=True) if not same):
                found[Link.DEPLOYED] = False
    return found


def hollow(world: World, verdict: Verdict) -> list[str]:
    """Links that hold or are broken and should not be."""
    truth, wrong = really(world), []
    for finding in verdict.links:
        so = truth.get(finding.link)
        stands_in = finding.link in {Link.SOURCED, Link.BUILT} and equality_seen(world)
        if finding.status is Status.HOLDS and so is False and not stands_in:
            wrong.append(f"{finding.link} holds, and it is not so")
        if finding.status is Status.BROKEN and so:
            wrong.append(f"{finding.link} is broken, and it is not so")
        if finding.link is Link.COMMITTED and finding.status is Status.HOLDS:
            dirty = differing(world.work_tree(), world.commits[world.head].tree)
            if dirty and ("build" in world.silent or not world.builds):
                wrong.append("committed holds, and there is dirt that a build may read")
    return wrong
