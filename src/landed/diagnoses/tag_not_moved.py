"""The tag that people deploy still names an older image."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Build,
    Observations,
    Registry,
)
from landed.core.words import filled, listed, repository, short


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The name's digest, asked of the registry, is not this build's."""
    registry, build = seen.registry, seen.forward.build
    if not isinstance(registry, Registry) or not isinstance(build, Build) or not build.pushed:
        return None
    digest = build.pushed[0]
    if registry.digest == digest:
        return Excluded(because=f"{registry.name} is this build's {short(digest)}")
    holds = short(registry.digest) if registry.digest else "nothing"
    names = listed(build.names)
    pushed_as = build.names[0] if build.names else registry.name
    pushed = f"; the build went to {names}" if names else ""
    return Fits(
        because=f"{registry.name} is still {holds}, the build made {short(digest)}{pushed}",
        remedy=(filled(seen.commands.deploy, image=f"{repository(pushed_as)}@{digest}"),),
    )


DIAGNOSIS = Diagnosis(
    id="tag-not-moved",
    title="The tag did not move",
    links=(Link.PUBLISHED,),
    recognise=recognise,
)
