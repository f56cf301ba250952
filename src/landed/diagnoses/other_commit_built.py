"""The builder took another commit than the one that was asked for."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
    Remote,
    Source,
    SourceKind,
)
from landed.core.words import branch, short
from landed.diagnoses.again import build_again


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The resolved commit differs from the requested one, or is of another ref."""
    source = seen.forward.source
    if not isinstance(source, Source) or source.kind is not SourceKind.CLONE:
        return None
    took = short(source.commit or "nothing")
    if source.requested and source.requested != source.commit:
        return Fits(
            because=f"{short(source.requested)} was asked for, and the builder took {took}",
            remedy=(build_again(seen, commit=source.requested),),
        )
    remote = seen.remote
    if isinstance(remote, Remote) and source.ref and source.ref != remote.ref:
        return Fits(
            because=f"the builder took {took} of {branch(source.ref)}; the settings say "
            f"{branch(remote.ref)}",
            remedy=(build_again(seen),),
        )
    if source.on_ref is False:
        return Fits(
            because=f"the builder took {took}, which is on no builder's ref",
            remedy=(build_again(seen),),
        )
    if source.requested:
        return Fits(
            because=f"{took} was asked for and built; {short(seen.change.commit)} is not in it",
            remedy=(build_again(seen, commit=seen.change.commit),),
        )
    return Excluded(because=f"no other commit was asked for than the tip of {branch(source.ref)}")


DIAGNOSIS = Diagnosis(
    id="other-commit-built",
    title="Another commit was built than the one asked for",
    links=(Link.SOURCED,),
    recognise=recognise,
)
