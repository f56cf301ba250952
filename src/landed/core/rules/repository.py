"""Links 1 and 2: from the work tree to the remote. They concern the change that was asked about."""

from __future__ import annotations

from landed.core.model import (
    Absent,
    Presence,
    Status,
    Unseen,
)
from landed.core.rules.judged import Judged, not_seen
from landed.core.seen import (
    BuildFile,
    Dirt,
    DirtKind,
    Lack,
    Observations,
)
from landed.core.words import branch, listed, short


def committed(seen: Observations) -> Judged:
    """Nothing that the build would read is uncommitted, untracked or hidden from git.

    Once something was built, dirt that went into it breaks `sourced` or `packed`; what did not
    go in is only a note here.
    """
    tree = seen.work_tree
    if isinstance(tree, Unseen):
        return not_seen(tree)
    if isinstance(tree, Absent):
        return Judged(status=Status.SKIPPED, because=tree.reason, evidence=tree.evidence)
    subject = {"head": tree.head, "branch": tree.branch}
    read = [d for d in tree.dirt if d.read_by_build is not False]
    # Once something was built, the build itself has shown what these would have prevented.
    unbuilt = isinstance(seen.forward.build, Absent)
    advice = (
        *(
            f"an upload would take {folder}/ along, and with it {_STATE}"
            for folder in tree.swept_in
        ),
        *(_advice(file) for file in tree.build_files if unbuilt and _wants(file)),
    )
    if not read and tree.not_there:
        return Judged(
            status=Status.UNSEEN,
            because=f"the commit has no {listed(tree.not_there)}, which landed.toml names: nobody "
            "can tell what the build reads",
            subject=subject,
            notes=advice,
            remedy=(
                "add it, or name the right one in landed.toml: folder and dockerfile",
                "git commit",
                "git push",
            ),
            evidence=tree.evidence,
        )
    if not read:
        beside = len(tree.dirt)
        which = "file differs" if beside == 1 else "files differ"
        note = (f"beside what the build reads, {beside} {which} from HEAD",) if beside else ()
        return Judged(
            status=Status.HOLDS,
            because=f"every file that the build reads is as HEAD {short(tree.head)} has it",
            subject=subject,
            notes=(*note, *advice),
            evidence=tree.evidence,
        )
    what = _dirt_in_words(read)
    if isinstance(seen.forward.build, Unseen):
        return Judged(
            status=Status.UNSEEN,
            because=f"{what}; whether a build took that, nobody could see",
            subject=subject,
            evidence=tree.evidence,
        )
    if isinstance(seen.forward.build, Absent):
        return Judged(
            status=Status.BROKEN,
            because=what,
            subject=subject,
            notes=advice,
            evidence=tree.evidence,
        )
    return Judged(
        status=Status.HOLDS,
        because=f"there are builds already; what differs from HEAD {short(tree.head)} is a note",
        subject=subject,
        notes=(what,),
        evidence=tree.evidence,
    )


_STATE = "the ledger: name it in .gcloudignore, or in .gitignore where there is none"
_LACKS = {
    Lack.GATE: "no `landed gate` before the build, so nothing there proves which commit is built",
    Lack.LABEL: "no revision label on the image",
    Lack.IMAGES: "no `images:`, so a build may succeed and push nothing",
}


def _wants(file: BuildFile) -> bool:
    return bool(file.lacks or file.problem)


def _advice(file: BuildFile) -> str:
    if file.problem:
        return f"{file.path} could not be read: {file.problem}"
    missing = "; ".join(_LACKS[lack] for lack in file.lacks)
    return f"{file.path} has {missing} (landed init --cloudbuild adds what is missing)"


def _dirt_in_words(dirt: list[Dirt]) -> str:
    words = {
        DirtKind.CHANGED: "changed and not committed",
        DirtKind.DELETED: "deleted and not committed",
        DirtKind.UNTRACKED: "in no commit",
        DirtKind.UPLOAD_DROPS: "committed, and an upload would leave it out",
        DirtKind.LFS_POINTER: "an LFS pointer instead of the file",
        DirtKind.SUBMODULE: "a submodule that is not what HEAD says",
    }
    parts = []
    for kind, said in words.items():
        names = [d.path for d in dirt if d.kind is kind]
        if names:
            parts.append(f"{listed(names)}: {said}")
    return "; ".join(parts)


def pushed(seen: Observations) -> Judged:
    """The ref that the builder reads, asked of the remote itself, has the change or its equal."""
    remote = seen.remote
    if isinstance(remote, Unseen):
        return not_seen(remote)
    if isinstance(remote, Absent):
        return Judged(
            status=Status.UNSEEN,
            because=remote.reason,
            remedy=(remote.remedy,) if remote.remedy else (),
            evidence=remote.evidence,
        )
    commit = seen.change.commit
    subject = {"commit": commit, "remote": remote.remote, "ref": remote.ref, "tip": remote.tip}
    where = f"{branch(remote.ref)} on {remote.remote}"

    def judged(status: Status, because: str, *notes: str) -> Judged:
        return Judged(
            status=status, because=because, subject=subject, notes=notes, evidence=remote.evidence
        )

    if remote.tip is None:
        return judged(Status.BROKEN, f"{remote.remote} has no {branch(remote.ref)}")
    match remote.presence:
        case Presence.PRESENT if remote.equivalent:
            return judged(
                Status.HOLDS,
                f"{where} has the same change as {short(remote.equivalent)} "
                f"(by {remote.equivalent_by})",
            )
        case Presence.PRESENT:
            return judged(Status.HOLDS, f"{where} contains {short(commit)}")
        case Presence.SUPERSEDED:
            return judged(
                Status.HOLDS,
                f"{where} contains {short(commit)}",
                "superseded: later commits rewrote the same lines",
            )
        case Presence.REVERTED:
            by = f" by {short(remote.undone_by)}" if remote.undone_by else ""
            return judged(
                Status.BROKEN,
                f"{where} has {short(commit)} in its history, and its effect was taken back{by}",
            )
        case Presence.ABSENT:
            return judged(
                Status.BROKEN, f"{where} (at {short(remote.tip)}) does not have {short(commit)}"
            )
        case Presence.UNKNOWN:
            return judged(
                Status.UNSEEN,
                f"the history at hand does not reach far enough to tell whether {where} "
                f"contains {short(commit)}",
                "a shallow or partial clone; `git fetch --unshallow` brings the rest",
            )
