"""A file that is in no commit was swept into the build."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    DifferenceKind,
    DirtKind,
    Observations,
)
from landed.core.words import listed, paths
from landed.diagnoses.again import build_again
from landed.diagnoses.files import container, differences, dirt


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The build reads, or has taken, content that no commit holds at a path that no commit has."""
    if link is Link.COMMITTED:
        found = dirt(seen, DirtKind.UNTRACKED)
        if not found:
            return Excluded(because="every file that the build would read is tracked")
        names = [d.path for d in found]
        hidden = sorted({d.hidden for d in found if d.hidden})
        unseen = f" (`git status` does not show it: {hidden[0]})" if hidden else ""
        because = f"the build would take {listed(names)}, which is in no commit{unseen}"
    else:
        names = [
            d.path
            for d in differences(seen, link, lambda d: d.kind is DifferenceKind.NEVER_COMMITTED)
        ]
        if not names:
            return Excluded(because=f"every file of {container(link)} has a path in the commit")
        because = f"{container(link)} holds {listed(names)}; that content is in no commit"
    again = () if link is Link.COMMITTED else (build_again(seen),)
    remedy = (f"git add -- {paths(names)}", "git commit", "git push", *again)
    return Fits(because=because, remedy=remedy)


DIAGNOSIS = Diagnosis(
    id="untracked-file",
    title="A file that is in no commit was swept in",
    links=(Link.COMMITTED, Link.SOURCED, Link.PACKED),
    recognise=recognise,
)
