"""The build took an upload of a folder; it never read the remote."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Observations,
    Source,
    SourceKind,
)
from landed.core.words import short
from landed.diagnoses.again import build_again


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The build's record holds an archive and no commit, so pushing could not change it."""
    source = seen.forward.source
    if not isinstance(source, Source):
        return None
    if source.kind is SourceKind.CLONE:
        return Excluded(because="the build's record names the commit that it cloned")
    near = f", closest to {short(source.commit)}" if source.commit else ""
    return Fits(
        because=f"the build took an upload of somebody's folder{near}; a push does not reach it",
        remedy=(build_again(seen),),
    )


DIAGNOSIS = Diagnosis(
    id="upload-not-clone",
    title="An upload, believed to be a clone",
    links=(Link.SOURCED,),
    recognise=recognise,
)
