"""Python packages: what is asked for, what the lock has, and what lies in the image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from landed.content.packages import python
from landed.content.packages.commands import Installer, Installs
from landed.content.packages.python import Asked, Installed
from landed.core.probe import Content
from landed.core.seen import Misfit, MisfitKind
from landed.trace.packages import ENOUGH, MOST

Wanted = Mapping[str, tuple[str, ...]]
"""The versions that would do, by name: any of these."""


def observe(
    command: Installs, lock: str, beside: Sequence[str], source: Content, image: Content
) -> Iterator[Misfit]:
    """What does not fit of the packages that one command installs by a lock, or by a requirements
    file. Of what a file `beside` it wants otherwise, the last one counts, and nobody knows which.
    """

    def read(path: str) -> bytes | None:
        return source.read([path]).get(path) if path in source.files else None

    if command.by is Installer.PIP:
        manifest = f"{lock.removesuffix('.txt')}.in"
        asked = python.requirements(manifest, read)
        pinned = python.requirements(lock, read)
        wanted: Wanted = {name: (spec,) for name, spec in pinned.wanted.items()}
        unsure = asked.open | pinned.open | python.NEVER_LOCKED
    else:
        manifest = f"{lock.rpartition('/')[0]}/pyproject.toml".lstrip("/")
        asked, own = python.project(read(manifest))
        versions = python.locked(read(lock))
        # Of all that is locked only what is asked for in so many words has to be installed.
        wanted = {
            name: tuple(f"=={version}" for version in sorted(versions[name]))
            for name in asked.wanted.keys() & versions.keys()
        }
        unsure = asked.open | {own} | {name for name, all_ in versions.items() if "" in all_}
    for other in beside:
        others = python.requirements(other, read).wanted
        unsure |= {
            name for name, specs in wanted.items() if others.get(name, specs[0]) not in specs
        }
    there = python.installed(image.files)
    behind = {}
    for misfit in _not_locked(asked, wanted, manifest, lock) if wanted else ():
        if misfit.name not in unsure:
            behind[misfit.name] = misfit
    for name, misfit in behind.items() if command.frozen else ():
        found = there.get(name, [])
        if not any(python.fits(one.version, misfit.wanted) is not False for one in found):
            yield replace(misfit, where=found[0].path if found else "")
    left = {name: specs for name, specs in wanted.items() if name not in unsure | behind.keys()}
    yield from _not_installed(left, there, lock, image)


def _not_locked(asked: Asked, wanted: Wanted, manifest: str, lock: str) -> Iterator[Misfit]:
    """What the manifest asks for, and the lock does not have so."""
    for name, spec in asked.wanted.items():
        pins = [pin.removeprefix("==") for pin in wanted.get(name, ())]
        about = Misfit(name=name, kind=MisfitKind.NOT_LOCKED, file=manifest, wanted=spec, lock=lock)
        if name not in wanted:
            yield about
        elif all(python.fits(pin, spec) is False for pin in pins):
            yield replace(about, kind=MisfitKind.OTHER_LOCKED, found=", ".join(pins))


def _not_installed(
    wanted: Wanted, there: Mapping[str, list[Installed]], lock: str, image: Content
) -> Iterator[Misfit]:
    """What the image has in another version, or not at all. A version that fits, anywhere in the
    image, is enough.
    """
    others = {
        name: there[name][0]
        for name, specs in wanted.items()
        if name in there and not any(_fits(one.version, specs) for one in there[name])
    }
    some = dict(list(others.items())[:MOST])
    records = image.read([one.path for one in some.values()])
    for name, one in some.items():
        said, version = python.says(records.get(one.path))
        if said == name and not _fits(version, wanted[name]):
            yield _about(name, wanted, lock, MisfitKind.OTHER_INSTALLED, version, one.path)
    sites = Counter(one.site for name in wanted for one in there.get(name, []))
    site, most = next(iter(sites.most_common(1)), ("", 0))
    missing = [name for name in wanted if name not in there]
    if missing and most and most >= ENOUGH * len(wanted):
        beside = {
            path[len(site) :].partition("/")[0] for path in image.files if path.startswith(site)
        }
        names = {entry.lower().removesuffix(".py").replace("_", "-") for entry in beside}
        for name in missing:
            if name not in names:
                yield _about(name, wanted, lock, MisfitKind.NOT_INSTALLED)


def _about(
    name: str, wanted: Wanted, lock: str, kind: MisfitKind, found: str = "", where: str = ""
) -> Misfit:
    asked = " or ".join(wanted[name])
    return Misfit(
        name=name, kind=kind, file=lock, wanted=asked, lock=lock, found=found, where=where
    )


def _fits(version: str, specs: tuple[str, ...]) -> bool:
    """Whether a version would do. One that nobody understands does."""
    return any(python.fits(version, spec) is not False for spec in specs)
