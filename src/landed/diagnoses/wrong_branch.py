"""The builder reads a branch that does not have the commit; another one does."""

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
    """The remote has the commit, on another ref than the builder's."""
    remote = seen.remote
    if not isinstance(remote, Remote) or remote.presence is not Presence.ABSENT:
        return None
    if not remote.others:
        return Excluded(because=f"no branch of {remote.remote} has {short(seen.change.commit)}")
    other = remote.others[0]
    return Fits(
        because=f"the builder reads {branch(remote.ref)}; {short(seen.change.commit)} is on "
        f"{branch(other.ref)}",
        remedy=(
            command("git", "switch", branch(remote.ref)),
            command("git", "merge", f"{remote.remote}/{branch(other.ref)}"),
            command("git", "push", remote.remote, f"HEAD:{remote.ref}"),
        ),
    )


DIAGNOSIS = Diagnosis(
    id="wrong-branch",
    title="The builder reads another branch",
    links=(Link.PUSHED,),
    recognise=recognise,
)
