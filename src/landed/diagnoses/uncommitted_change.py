"""A change that was never committed was built."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Difference,
    DifferenceKind,
    DirtKind,
    Observations,
)
from landed.core.words import listed, paths, short
from landed.diagnoses.again import build_again
from landed.diagnoses.files import container, differences, dirt
from landed.diagnoses.kept import kept_layers


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """A tracked file is not what the commit holds, in the work tree, the upload or the image."""
    if link is Link.COMMITTED:
        found = dirt(seen, DirtKind.CHANGED, DirtKind.DELETED)
        if not found:
            return Excluded(because="no tracked file that the build would read has changed")
        names = [d.path for d in found]
        hidden = sorted({d.hidden for d in found if d.hidden})
        unseen = f" (`git status` does not show it: {hidden[0]})" if hidden else ""
        because = f"{listed(names)} changed here and not committed{unseen}"
    else:
        old = {path for one in kept_layers(seen) for path in one.differ if link is Link.PACKED}
        changed = differences(seen, link, _not_as_committed)
        if changed and old.issuperset(d.path for d in changed):
            return Excluded(because="what differs was committed: an older commit has all of it")
        if not changed:
            return Excluded(because=f"no tracked file differs in {container(link)}")
        names = [d.path for d in changed]
        known = next((d.has_it for d in changed if d.has_it), None)
        where = f"; {short(known)} has that content" if known else ""
        because = f"{container(link)} has {listed(names)} otherwise than the commit{where}"
    again = () if link is Link.COMMITTED else (build_again(seen),)
    remedy = (f"git add -- {paths(names)}", "git commit", "git push", *again)
    return Fits(because=because, remedy=remedy)


def _not_as_committed(difference: Difference) -> bool:
    """Other content, or gone without an ignore rule that would explain it."""
    missing = difference.kind is DifferenceKind.MISSING and not difference.rule
    return difference.kind is DifferenceKind.CHANGED or missing


DIAGNOSIS = Diagnosis(
    id="uncommitted-change",
    title="A change that is not committed was built",
    links=(Link.COMMITTED, Link.SOURCED, Link.PACKED),
    recognise=recognise,
)
