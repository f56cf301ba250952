"""Links 3 and 4: from the remote to the build. Each compares two neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landed.core.model import (
    Absent,
    Effect,
    Presence,
    Status,
    Unseen,
)
from landed.core.rules.differences import (
    differences_in_words,
    differing,
    seen_to_differ,
    slight,
    unread,
)
from landed.core.rules.judged import Judged, not_seen, not_yet
from landed.core.seen import (
    Build,
    BuildState,
    Image,
    Observations,
    Remote,
    Source,
    SourceKind,
)
from landed.core.words import branch, listed, short


def ref_has_change(seen: Observations) -> bool | None:
    """Whether the builder's ref has the change; None where nobody could tell."""
    return seen.remote.presence.arrived if isinstance(seen.remote, Remote) else None


def _equal_by_content(seen: Observations) -> Image | None:
    """The image, where it was compared with the change's own commit and is equal to it."""
    image = seen.forward.image
    if isinstance(image, Image) and image.against == seen.change.commit and image.compared:
        return None if differing(image.differences) else image
    return None


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
            notes=(*notes, *slight(source.differences)),
            evidence=source.evidence,
        )

    taken = _taken(source)
    if seen_to_differ(source.differences):
        return judged(
            Status.BROKEN, f"{taken}, and differs: {differences_in_words(source.differences)}"
        )
    if unknown := unread(source.differences):
        return judged(Status.UNSEEN, f"{taken}; nobody could compare {listed(unknown)}")
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
