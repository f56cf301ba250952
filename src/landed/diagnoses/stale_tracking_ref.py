"""The remote's branch as this clone remembers it is not what the remote says."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
    Remote,
)
from landed.core.words import branch, command, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The tracking ref here differs from the remote's own answer."""
    remote = seen.remote
    if not isinstance(remote, Remote) or remote.presence.arrived is not False:
        return None
    if remote.local_tip is None:
        return None
    name = f"{remote.remote}/{branch(remote.ref)}"
    if remote.local_tip == remote.tip:
        return Excluded(because=f"{name} here is what the remote says, {short(remote.local_tip)}")
    says = short(remote.tip) if remote.tip else "that it has no such ref"
    return Fits(
        because=f"{name} here is {short(remote.local_tip)}, the remote itself says {says}",
        remedy=(command("git", "fetch", remote.remote), f"git log --oneline {name}..HEAD"),
        cause=bool(remote.local_contains),
    )


DIAGNOSIS = Diagnosis(
    id="stale-tracking-ref",
    title="The tracking ref here is not what the remote says",
    links=(Link.PUSHED,),
    recognise=recognise,
)
