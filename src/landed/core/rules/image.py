"""Links 5 and 6: from the build to the registry. Each compares two neighbours."""

from __future__ import annotations

from landed.core.in_words import misfit_in_words, stale_in_words
from landed.core.model import (
    Absent,
    Status,
    Unseen,
)
from landed.core.rules.differences import (
    differences_in_words,
    seen_to_differ,
    slight,
    unread,
)
from landed.core.rules.judged import Judged, not_seen
from landed.core.seen import (
    Build,
    BuildState,
    Deployment,
    Image,
    Observations,
    OtherCopy,
    Registry,
)
from landed.core.words import count, listed, printable, short


def built_digest(seen: Observations) -> str | None:
    """The digest that the forward build pushed, None where there is none."""
    build = seen.forward.build
    return build.pushed[0] if isinstance(build, Build) and build.pushed else None


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


def installed_and_ran(image: Image) -> OtherCopy | None:
    """A copy without the change that lies among installed packages, and that is what ran."""
    return next((c for c in image.copies if c.ran_without and c.installed), None)


def _open(image: Image) -> OtherCopy | None:
    """A copy of which nobody can tell whether it runs; or that did, from where it was installed,
    and whether the change is in it nobody can tell.
    """
    return next((c for c in image.copies if c.open and (c.installed or c.ran is None)), None)


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

    real, unknown = seen_to_differ(image.differences), unread(image.differences)
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
    if unknown:
        return judged(Status.UNSEEN, f"nobody could compare {listed(unknown)} with the source")
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
    notes += slight(image.differences)
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
