"""An earlier build was taken for one with the change."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Build,
    Observations,
    Remote,
    Source,
    SourceKind,
)
from landed.core.words import clock, short
from landed.diagnoses.again import build_again


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The build ended before the commit existed, or took the ref's tip before the push."""
    build, source = seen.forward.build, seen.forward.source
    if not isinstance(build, Build) or not isinstance(source, Source):
        return None
    if source.presence.arrived is None:
        return None
    if source.presence.arrived:
        return Excluded(because=f"the source of build {build.id} has the change")
    commit = seen.change.commit
    finished = build.finished_at
    if finished and finished < seen.change.committed_at:
        because = (
            f"build {build.id} ended at {clock(finished)}, and {short(commit)} was made at "
            f"{clock(seen.change.committed_at)}"
        )
    elif _took_the_tip(seen, source):
        because = (
            f"build {build.id} cloned {short(source.commit or '')}, then the tip of its ref; "
            f"{short(commit)} was pushed after that"
        )
    else:
        return Excluded(because=f"{short(commit)} is older than build {build.id}")
    return Fits(because=because, remedy=(build_again(seen),))


def _took_the_tip(seen: Observations, source: Source) -> bool:
    """It cloned what the builder's ref had at that time."""
    same_ref = not isinstance(seen.remote, Remote) or source.ref == seen.remote.ref
    cloned = source.kind is SourceKind.CLONE and source.requested is None
    return cloned and same_ref and source.commit == source.tip_then


DIAGNOSIS = Diagnosis(
    id="earlier-build",
    title="An earlier build, taken for a newer one",
    links=(Link.SOURCED,),
    recognise=recognise,
)
