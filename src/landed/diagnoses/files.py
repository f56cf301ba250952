"""What the diagnoses about files share: which files are meant at which link."""

from __future__ import annotations

from collections.abc import Callable

from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Difference,
    Dirt,
    DirtKind,
    Image,
    Observations,
    Source,
    WorkTree,
)


def dirt(seen: Observations, *kinds: DirtKind) -> list[Dirt]:
    """Files of the work tree that the build would read, of these kinds."""
    tree = seen.work_tree
    if not isinstance(tree, WorkTree):
        return []
    return [d for d in tree.dirt if d.kind in kinds and d.read_by_build is not False]


def differences(
    seen: Observations, link: Link, wanted: Callable[[Difference], bool]
) -> list[Difference]:
    """Files in which the source (or, at `packed`, the image) differs in the wanted way."""
    station = seen.forward.source if link is Link.SOURCED else seen.forward.image
    if not isinstance(station, (Source, Image)):
        return []
    return [d for d in station.differences if wanted(d)]


def container(link: Link) -> str:
    """What holds the files, in the words of a sentence."""
    return "the upload" if link is Link.SOURCED else "the image"
