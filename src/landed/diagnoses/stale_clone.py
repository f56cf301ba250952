"""The builder's clone was older than the remote."""

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


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The remote's tip, recorded when the builder fetched, is not the commit that it took."""
    source = seen.forward.source
    if not isinstance(source, Source) or source.kind is not SourceKind.CLONE:
        return None
    if source.tip_then is None or source.requested:
        return None
    if source.tip_then == source.commit:
        return Excluded(because="the builder took what the remote had at that moment")
    return Fits(
        because=f"the remote was at {short(source.tip_then)} then, and the builder took "
        f"{short(source.commit or 'nothing')}",
        remedy=("empty the builder's cached clone, and build again",),
    )


DIAGNOSIS = Diagnosis(
    id="stale-clone",
    title="The builder's clone was older than the remote",
    links=(Link.SOURCED,),
    recognise=recognise,
)
