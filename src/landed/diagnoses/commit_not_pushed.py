"""The commit is only on this machine."""

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
from landed.core.words import branch, command, count, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """No ref of the remote, asked live, has the commit or its equal."""
    remote = seen.remote
    if not isinstance(remote, Remote) or remote.presence is not Presence.ABSENT:
        return None
    commit = seen.change.commit
    if remote.others:
        return Excluded(because=f"{branch(remote.others[0].ref)} on {remote.remote} has it")
    ahead = count(len(remote.unpushed), "commit") if remote.unpushed else "it"
    return Fits(
        because=f"{short(commit)} is on no ref of {remote.remote}; {ahead} not pushed to "
        f"{branch(remote.ref)}",
        remedy=(command("git", "push", remote.remote, f"{_what(seen, commit)}:{remote.ref}"),),
    )


def _what(seen: Observations, commit: str) -> str:
    """`HEAD` where that is the commit: it reads better, and is what people type."""
    return "HEAD" if getattr(seen.work_tree, "head", None) == commit else commit


DIAGNOSIS = Diagnosis(
    id="commit-not-pushed",
    title="The commit is only on this machine",
    links=(Link.PUSHED,),
    recognise=recognise,
)
