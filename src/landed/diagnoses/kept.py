"""Which old layers of an image were kept from an earlier build, and what else explains others."""

from __future__ import annotations

from landed.core.seen import (
    Build,
    Image,
    Observations,
    OldLayer,
)
from landed.core.words import clock, count

WITHOUT = "build without kept layers: `docker build --no-cache`, kaniko with `--cache=false`"


def kept_layers(seen: Observations) -> list[OldLayer]:
    """Those that were kept, as far as anybody can tell."""
    image = seen.forward.image
    layers = image.old_layers if isinstance(image, Image) else ()
    return [one for one in layers if not otherwise(seen, one)]


def otherwise(seen: Observations, old: OldLayer) -> str:
    """What explains the old files without a kept layer, empty where nothing does."""
    build = seen.forward.build
    if old.also_in:
        return f"the source has these very files in `{old.also_in}`: that may have been copied"
    if old.apart:
        return f"{count(old.apart, 'file')} of `{old.copy}` came by another layer than the rest"
    if old.files == 1 and old.by_run:
        return f"the file of `{old.copy}` came by `{old.made_by}`"
    if old.made_at and isinstance(build, Build) and old.made_at >= build.started_at:
        return f"the layer of `{old.copy}` was made at {clock(old.made_at)}, in this build"
    return ""
