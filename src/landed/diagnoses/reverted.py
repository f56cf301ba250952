"""The change arrived, and a later commit took it back."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
    Presence,
)
from landed.core.seen import (
    Observations,
    Remote,
    Source,
)
from landed.core.words import branch, command, short


def recognise(seen: Observations, link: Link) -> Fits | Excluded | None:
    """The commit is in the history, and its effect is not in the files."""
    where = seen.remote if link is Link.PUSHED else seen.forward.source
    if not isinstance(where, (Remote, Source)) or where.presence is not Presence.REVERTED:
        return None
    by = where.undone_by if isinstance(where, Remote) else None
    who = short(by) if by else "a later commit"
    again = command("git", "cherry-pick", "-x", seen.change.commit)
    remedy = (command("git", "revert", by) if by else again, "git push")
    place = branch(where.ref) or "the source"
    return Fits(
        because=f"{place} contains {short(seen.change.commit)}, and {who} took its effect back",
        remedy=remedy,
    )


DIAGNOSIS = Diagnosis(
    id="reverted",
    title="A later commit took the change back",
    links=(Link.PUSHED, Link.SOURCED),
    recognise=recognise,
)
