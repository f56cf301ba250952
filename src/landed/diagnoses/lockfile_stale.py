"""Manifest, lock and what is installed do not agree."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.in_words import misfit_in_words
from landed.core.model import (
    Link,
)
from landed.core.seen import (
    Image,
    Misfit,
    MisfitKind,
    Observations,
)
from landed.core.words import command, count, paths
from landed.diagnoses.again import build_again
from landed.diagnoses.kept import WITHOUT

_LOCK_AGAIN = {"uv.lock": ("uv", "lock"), "poetry.lock": ("poetry", "lock")}


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """A package is asked for in one version, and locked or installed in another, or not at all."""
    image = seen.forward.image
    if not isinstance(image, Image):
        return None
    if not image.misfits:
        return Excluded(because="no package is seen to differ from what the source asks for")
    breaking = [one for one in image.misfits if one.breaks]
    first = (breaking or list(image.misfits))[0]
    more = len(breaking) - 1
    others = f"; so it is with {count(more, 'other package')}" if more > 0 else ""
    return Fits(
        because=f"{misfit_in_words(first)}{others}",
        remedy=(*_mended(first), build_again(seen)),
        cause=bool(breaking),
    )


def _mended(one: Misfit) -> tuple[str, ...]:
    """The commands before the next build."""
    if one.kind in (MisfitKind.NOT_INSTALLED, MisfitKind.OTHER_INSTALLED):
        return (WITHOUT,)
    name = one.lock.rsplit("/", 1)[-1]
    folder = one.lock.rpartition("/")[0]
    again = _LOCK_AGAIN.get(name, ("pip-compile", one.file))
    at = ("--directory", folder) if folder and name in _LOCK_AGAIN else ()
    return (command(*again, *at), f"git add -- {paths([one.lock])}", "git commit", "git push")


DIAGNOSIS = Diagnosis(
    id="lockfile-stale",
    title="Manifest, lock and what is installed do not agree",
    links=(Link.PACKED,),
    recognise=recognise,
)
