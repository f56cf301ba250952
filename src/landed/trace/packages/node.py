"""Packages of npm: what the lock demands, and what lies in `node_modules`."""

from __future__ import annotations

from collections.abc import Iterator

from landed.content.packages import node
from landed.content.packages.commands import Installs
from landed.content.placement import Plan
from landed.core.probe import Content
from landed.core.seen import Misfit, MisfitKind
from landed.trace.packages import ENOUGH, MOST


def observe(
    command: Installs, lock: str, plan: Plan, source: Content, image: Content
) -> Iterator[Misfit]:
    """What `node_modules` beside the lock has otherwise than the lock demands, by npm's own note of
    what it installed, and by the packages themselves.
    """
    above = lock.rpartition("/")[0]
    manifest = f"{above}/package.json".lstrip("/")
    texts = source.read([one for one in (lock, manifest) if one in source.files])
    wanted = node.lock(texts.get(lock))
    _, asked = node.manifest(texts.get(manifest))
    if wanted is None or not wanted.wanted or (not command.frozen and asked != wanted.asked):
        return
    for place in (path for path, one in plan.files.items() if one.source == lock):
        folder = place.rpartition("/")[0]
        yield from _below(f"{folder}/".lstrip("/"), wanted.wanted, lock, image)


def _below(folder: str, wanted: dict[str, str], lock: str, image: Content) -> Iterator[Misfit]:
    note = folder + node.HIDDEN
    noted = node.lock(image.read([note]).get(note)) if note in image.files else None
    if noted is None:
        return
    others = [k for k, v in wanted.items() if k in noted.all and noted.all[k] != v]
    records = {k: f"{folder}{k}/package.json" for k in others[:MOST]}
    texts = image.read(records.values())
    for place, record in records.items():
        version, _ = node.manifest(texts.get(record))
        if version and version != wanted[place]:
            yield _about(place, wanted, lock, MisfitKind.OTHER_INSTALLED, version, record)
    missing = [k for k in wanted if f"{folder}{k}/package.json" not in image.files]
    for place in missing if len(missing) <= ENOUGH * len(wanted) else ():
        if place not in noted.all:
            yield _about(place, wanted, lock, MisfitKind.NOT_INSTALLED)


def _about(
    place: str,
    wanted: dict[str, str],
    lock: str,
    kind: MisfitKind,
    found: str = "",
    where: str = "",
) -> Misfit:
    return Misfit(
        name=node.name(place),
        kind=kind,
        file=lock,
        wanted=f"@{wanted[place]}",
        lock=lock,
        found=found,
        where=where,
    )
