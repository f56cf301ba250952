"""The fix is on another branch, and nobody picked it to the one that ships."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
    Presence,
)
from landed.core.seen import (
    Observations,
    Remote,
)
from landed.core.words import branch, command, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The shipped ref takes fixes by cherry-pick, and has no commit with this patch id."""
    remote = seen.remote
    if not isinstance(remote, Remote) or remote.presence is not Presence.ABSENT:
        return None
    if remote.equivalent:
        return Excluded(because=f"{short(remote.equivalent)} on the shipped ref is the same change")
    if not remote.others:
        return None
    if not remote.picks:
        return Excluded(because=f"{branch(remote.ref)} is no branch that takes picks")
    commit, target = seen.change.commit, branch(remote.ref)
    return Fits(
        because=f"{branch(remote.others[0].ref)} has {short(commit)}; {target}, which ships, has "
        "no commit with the same patch",
        remedy=(
            command("git", "switch", target),
            command("git", "cherry-pick", "-x", commit),
            command("git", "push", remote.remote, f"HEAD:{remote.ref}"),
        ),
    )


DIAGNOSIS = Diagnosis(
    id="pick-missing",
    title="The cherry-pick to the branch that ships is missing",
    links=(Link.PUSHED,),
    recognise=recognise,
)
