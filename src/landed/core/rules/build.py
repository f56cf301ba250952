"""Links 3 to 6: from the remote to the registry. Each compares two neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landed.core.in_words import misfit_in_words, stale_in_words
from landed.core.model import (
    Absent,
    Effect,
    Presence,
    Status,
    Unseen,
)
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Build,
    BuildState,
    Copy,
    Deployment,
    Difference,
    DifferenceKind,
    Image,
    Observations,
    Registry,
    Remote,
    Source,
    SourceKind,
)
from landed.core.words import branch, count, listed, printable, short


def built_digest(seen: Observations) -> str | None:
    """The digest that the forward build pushed, None where there is none."""
    build = seen.forward.build
    return build.pushed[0] if isinstance(build, Build) and build.pushed else None


def ref_has_change(seen: Observations) -> bool | None:
    """Whether the builder's ref has the change; None where nobody could tell."""
    return seen.remote.presence.arrived if isinstance(seen.remote, Remote) else None


def _equal_by_content(seen: Observations) -> Image | None:
    """The image, where it was compared with the change's own commit and is equal to it."""
    image = seen.forward.image
    if isinstance(image, Image) and image.against == seen.change.commit and image.compared:
        return None if differing(image.differences) else image
    return None


SLIGHT = {
    DifferenceKind.MODE: "in the exec bit only",
    DifferenceKind.LINE_ENDS: "in line ends only",
    DifferenceKind.EXPANDED: "in what `git archive` fills in only",
    DifferenceKind.EXPORT_IGNORED: "by what `git archive` leaves out only",
}
"""What is a note and not a break: checkouts and images do that."""


def differing(differences: tuple[Difference, ...]) -> list[Difference]:
    """Differences of content, and what nobody could compare: it is not proved to be equal."""
    return [d for d in differences if d.kind not in SLIGHT]


def seen_to_differ(differences: tuple[Difference, ...]) -> list[Difference]:
    """Differences of content that somebody saw."""
    return [d for d in differing(differences) if d.kind is not DifferenceKind.UNREAD]


def _unread(differences: tuple[Difference, ...]) -> list[str]:
    return [d.path for d in differences if d.kind is DifferenceKind.UNREAD]


def _slight(differences: tuple[Difference, ...]) -> list[str]:
    """Notes about the others."""
    counted = {kind: sum(d.kind is kind for d in differences) for kind in SLIGHT}
    return [f"{count(n, 'file')} differ {SLIGHT[kind]}" for kind, n in counted.items() if n]


def differences_in_words(differences: tuple[Difference, ...]) -> str:
    """What differs, most telling first."""
    words = {
        DifferenceKind.NEVER_COMMITTED: "in no commit",
        DifferenceKind.CHANGED: "not as committed",
        DifferenceKind.MISSING: "missing",
        DifferenceKind.LFS_POINTER: "an LFS pointer instead of the file",
        DifferenceKind.SUBMODULE: "a submodule of which nothing is there",
    }
    parts = []
    for kind, said in words.items():
        names = [d.path for d in differences if d.kind is kind]
        holders = [d.has_it for d in differences if d.kind is kind and d.has_it]
        held = f"; {short(holders[0])} has that content" if holders else ""
        if names:
            parts.append(f"{listed(names)} ({said}{held})")
    return "; ".join(parts)


def sourced(seen: Observations) -> Judged:
    """The builder took a commit of its ref (with the change, if the ref has it) or its equal."""
    source = seen.forward.source
    if isinstance(source, Absent):
        return not_yet(source)
    if isinstance(source, Unseen):
        image = _equal_by_content(seen)
        if image:
            return Judged(
                status=Status.HOLDS,
                because="the build's source could not be seen; the image equals the commit, "
                "file by file",
                subject={"digest": image.digest},
                evidence=image.evidence,
            )
        return not_seen(source)
    subject: dict[str, Any] = {"kind": source.kind, "commit": source.commit, "ref": source.ref}
    if isinstance(seen.forward.build, Build):
        subject["build"] = seen.forward.build.id

    def judged(status: Status, because: str, *notes: str) -> Judged:
        return Judged(
            status=status,
            because=because,
            subject=subject,
            notes=(*notes, *_slight(source.differences)),
            evidence=source.evidence,
        )

    taken = _taken(source)
    if seen_to_differ(source.differences):
        return judged(
            Status.BROKEN, f"{taken}, and differs: {differences_in_words(source.differences)}"
        )
    if unread := _unread(source.differences):
        return judged(Status.UNSEEN, f"{taken}; nobody could compare {listed(unread)}")
    if source.commit is None:
        return judged(Status.UNSEEN, f"{taken}; which commit that is, nobody could tell")
    return _commit_taken(seen, source, judged, taken)


def _taken(source: Source) -> str:
    if source.kind is SourceKind.UPLOAD:
        near = f" next to {short(source.commit)}" if source.commit else ""
        return f"the builder took an upload of a folder{near}"
    ref = f" of {branch(source.ref)}" if source.ref else ""
    return f"the builder cloned {short(source.commit or 'nothing')}{ref}"


def _commit_taken(
    seen: Observations, source: Source, judged: Callable[..., Judged], taken: str
) -> Judged:
    """A clean source: is its commit the right one?"""
    commit = short(seen.change.commit)
    ref_has = ref_has_change(seen)
    has = source.presence.arrived
    if has is not True and ref_has and seen.change.effect is Effect.NONE and source.on_ref:
        return judged(Status.HOLDS, f"{taken}; {commit} changes nothing in the image")
    if has is not True and ref_has is not False:
        if has is False and ref_has:
            back = "has it reverted" if source.presence is Presence.REVERTED else "does not have it"
            return judged(Status.BROKEN, f"{taken}; the ref has {commit}, this source {back}")
        return judged(
            Status.UNSEEN, f"{taken}; whether that should have {commit}, nobody could tell"
        )
    if has and ref_has is False:
        return judged(Status.HOLDS, f"{taken}, which has {commit}; that it is not pushed is link 2")
    if source.on_ref is False:
        return judged(
            Status.BROKEN, f"{taken}; {short(source.commit or '')} is not on the builder's ref"
        )
    if source.on_ref is None:
        return judged(Status.UNSEEN, f"{taken}; whether that is on the remote, nobody could tell")
    if source.kind is SourceKind.UPLOAD:
        return judged(Status.HOLDS, f"the upload equals {short(source.commit or '')}, file by file")
    return judged(Status.HOLDS, taken)


def built(seen: Observations) -> Judged:
    """The build of that source succeeded and pushed something."""
    build = seen.forward.build
    if isinstance(build, Absent):
        return not_yet(build)
    if isinstance(build, Unseen):
        image = _equal_by_content(seen)
        if image:
            return Judged(
                status=Status.HOLDS,
                because="the build's record could not be seen; its image is there, and equals "
                "the commit",
                subject={"digest": image.digest},
                evidence=image.evidence,
            )
        return not_seen(build)
    status, because = {
        BuildState.RUNNING: (Status.PENDING, "is still running"),
        BuildState.LOST: (Status.UNSEEN, build.failure or "never recorded an end"),
        BuildState.FAILED: (Status.BROKEN, f"failed: {build.failure or 'no reason recorded'}"),
        BuildState.SUCCEEDED: (Status.BROKEN, "succeeded, and pushed nothing"),
    }[build.state]
    if build.state is BuildState.SUCCEEDED and build.pushed:
        status, because = Status.HOLDS, f"succeeded and pushed {short(build.pushed[0])}"
    elif build.state is BuildState.SUCCEEDED and build.pushes_itself:
        status, because = Status.UNSEEN, "succeeded; a step may have pushed what it does not name"
    return Judged(
        status=status,
        because=f"build {build.id} {because}",
        subject={"build": build.id, "digests": list(build.pushed)},
        evidence=build.evidence,
    )


def _no_image_yet(seen: Observations) -> Judged:
    """There is no image of this build: it may still come, or the build has ended without one."""
    build = seen.forward.build
    if isinstance(build, Build) and build.state in (BuildState.FAILED, BuildState.SUCCEEDED):
        return Judged(status=Status.SKIPPED, because=f"build {build.id} made no image")
    if isinstance(build, Build) and build.state is BuildState.LOST:
        return Judged(status=Status.UNSEEN, because=f"build {build.id} never recorded an end")
    if isinstance(build, Unseen):
        return not_seen(build)
    return Judged(status=Status.PENDING, because="no image was built yet")


_ONE_COPY = (
    "leave one copy in the image: take the other one out of it, or of its base",
    "or install it again, behind the last COPY: pip install --force-reinstall --no-deps .",
)


def installed_and_ran(image: Image) -> Copy | None:
    """A copy without the change that lies among installed packages, and that is what ran."""
    return next((c for c in image.copies if c.ran and c.lacks and c.installed), None)


def _open(image: Image) -> Copy | None:
    """A copy of which nobody can tell whether it runs; or that did, from where it was installed,
    and whether the change is in it nobody can tell.
    """
    return next(
        (c for c in image.copies if c.ran is None or (c.ran and c.installed and not c.lacks)), None
    )


def packed(seen: Observations) -> Judged:
    """The files in the image equal the files of its source, whatever its labels say."""
    image = seen.forward.image
    if isinstance(image, Absent):
        return _no_image_yet(seen)
    if isinstance(image, Unseen):
        return not_seen(image)

    def judged(status: Status, because: str, *notes: str, remedy: tuple[str, ...] = ()) -> Judged:
        return Judged(
            status=status,
            because=because,
            subject={"digest": image.digest, "compared": image.compared},
            notes=notes,
            remedy=remedy,
            evidence=image.evidence,
        )

    real, unread = seen_to_differ(image.differences), _unread(image.differences)
    wrong_folder = image.matches_folder is not None and image.matches_folder != image.folder
    if wrong_folder:
        return judged(
            Status.BROKEN,
            f"the image's files are those of `{image.matches_folder}`, not of `{image.folder}`",
        )
    if image.built_with != image.dockerfile:
        return judged(
            Status.BROKEN, f"it was built with {image.built_with}, not with {image.dockerfile}"
        )
    if real:
        return judged(
            Status.BROKEN,
            f"the image differs from its source: {differences_in_words(image.differences)}",
        )
    if old := installed_and_ran(image):
        return judged(Status.BROKEN, f"what was installed ran, without the change: {old.called}")
    lies = [claim for claim in image.claims if claim.true is False]
    if lies:
        return judged(
            Status.BROKEN,
            f"{lies[0].where} claims {short(lies[0].commit)}, and the files say otherwise",
        )
    if stale := [one for one in image.outputs if one.certain]:
        return judged(Status.BROKEN, stale_in_words(stale[0]))
    behind = [one for one in image.misfits if one.breaks]
    if behind:
        return judged(Status.BROKEN, misfit_in_words(behind[0]))
    if unread:
        return judged(Status.UNSEEN, f"nobody could compare {listed(unread)} with the source")
    if not image.compared:
        return judged(Status.UNSEEN, "no file of the image could be compared with its source")
    if open_ := _open(image):
        which = "that ran" if open_.ran else "which of them runs, nobody could tell"
        return judged(
            Status.UNSEEN,
            f"{printable(open_.place)} is right, and there is {open_.called} beside it; {which}",
            remedy=_ONE_COPY,
        )
    notes = [
        f"{c.where} claims {short(c.commit)}, not known here"
        for c in image.claims
        if c.true is None
    ]
    notes += _slight(image.differences)
    notes += [f"not what runs: {copy.called}" for copy in image.copies if copy.ran is False]
    return judged(
        Status.HOLDS,
        f"{count(image.compared, 'file')} compared, all equal to the source",
        *notes,
    )


def _names_itself(deployment: Deployment, digest: str) -> bool:
    """Whether it is on a digest without the help of a name. A revision that serves always is."""
    by_digest = deployment.pinned and deployment.digest == digest
    return by_digest or any(one.digest == digest for one in deployment.serving)


def published(seen: Observations) -> Judged:
    """The name that people deploy resolves to the digest that was built."""
    digest = built_digest(seen)
    if digest is None:
        return _no_image_yet(seen)
    registry, deployment = seen.registry, seen.deployment
    newer = tuple(
        f"build {one.id} built the same commit later, and pushed it as {listed(one.names)}"
        for one in seen.newer
    )
    if isinstance(registry, Unseen):
        return not_seen(registry, {"digest": digest})
    if isinstance(deployment, Deployment) and _names_itself(deployment, digest):
        elsewhere = isinstance(registry, Registry) and registry.digest != digest
        return Judged(
            status=Status.HOLDS,
            because=deployment.holds_on_to(short(digest)),
            subject={"digest": digest},
            notes=(
                *(("the name that was built resolves to another digest",) if elsewhere else ()),
                *newer,
            ),
            evidence=deployment.evidence,
        )
    if isinstance(registry, Absent):
        return Judged(
            status=Status.BROKEN,
            because=registry.reason,
            subject={"digest": digest},
            evidence=registry.evidence,
        )
    subject = {"name": registry.name, "digest": registry.digest, "built": digest}
    if registry.digest == digest:
        status, because = Status.HOLDS, f"{registry.name} is {short(digest)}"
    elif isinstance(deployment, Unseen):
        status = Status.UNSEEN
        because = (
            f"{registry.name} is not {short(digest)}; whether anybody deploys by that name, nobody "
            "could see"
        )
    elif registry.digest is None:
        status, because = Status.BROKEN, f"{registry.name} is not in the registry"
    else:
        status = Status.BROKEN
        because = f"{registry.name} is {short(registry.digest)}, the build made {short(digest)}"
    return Judged(
        status=status, because=because, subject=subject, notes=newer, evidence=registry.evidence
    )
