"""The build took the right source, and a kept layer brought older files."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Build,
    Image,
    Observations,
    Source,
)
from landed.core.words import clock, command, repository, short
from landed.diagnoses.again import build_again
from landed.diagnoses.kept import WITHOUT, kept_layers, otherwise


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """A whole COPY is of an older commit than the source, and nothing else explains that."""
    image, source = seen.forward.image, seen.forward.source
    if not isinstance(image, Image) or not isinstance(source, Source) or not image.differences:
        return None
    if not image.old_layers:
        return Excluded(because="no COPY of the image is, in every file, an older commit's")
    kept = kept_layers(seen)
    if not kept:
        return Excluded(because=otherwise(seen, image.old_layers[0]))
    old = kept[0]
    made = f" (made {clock(old.made_at)})" if old.made_at else ""
    others = f"; so {_are(len(kept) - 1)}" if len(kept) > 1 else ""
    took = f", and the build took {short(source.commit)}" if source.commit else ""
    return Fits(
        because=f"the layer of `{old.copy}`{made} is an older one: {_its(old.files)} of "
        f"{short(old.commit)}{took}{others}",
        remedy=(
            WITHOUT,
            build_again(seen),
            command("docker", "history", "--no-trunc", _name(seen)),
        ),
    )


def _its(files: int) -> str:
    return "its file is that" if files == 1 else f"its {files} files are those"


def _are(others: int) -> str:
    return "is that of another COPY" if others == 1 else f"are those of {others} others"


def _name(seen: Observations) -> str:
    build, image = seen.forward.build, seen.forward.image
    names = build.names if isinstance(build, Build) else ()
    digest = image.digest if isinstance(image, Image) else ""
    return f"{repository(names[0])}@{digest}" if names else digest


DIAGNOSIS = Diagnosis(
    id="layer-cache",
    title="A kept layer brought older files",
    links=(Link.PACKED,),
    recognise=recognise,
)
