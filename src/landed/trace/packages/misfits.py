"""The packages that a source asks for, against its lock and against what an image has of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from msgspec.structs import replace

from landed.content.commit import MAX_TEXT
from landed.content.names import beside_the_code, prefix_of
from landed.content.packages.commands import Installer, installs, named
from landed.content.placement import Plan
from landed.core.model import Unseen
from landed.core.probe import BuildRecord, ImageContent
from landed.core.seen import Image, Misfit
from landed.trace.footprint import Footprint
from landed.trace.images import with_found
from landed.trace.packages import MOST
from landed.trace.project import plan_of_build
from landed.trace.sources import SourceSeen


def with_misfits(
    record: BuildRecord,
    seen: SourceSeen,
    content: ImageContent,
    footprint: Footprint,
    image: Image,
) -> Image:
    """The image with the packages that are not what its source asks for. Nothing is read where no
    RUN line installs by a file.
    """
    recipe = seen.content.read([record.dockerfile]).get(record.dockerfile) or b""
    if next(installs([_joined(recipe)]), None) is None:
        return image
    plan = plan_of_build(seen.content, record)
    if isinstance(plan, Unseen):
        return image
    # A change that this source does not have is not what is wrong with it.
    arrived = seen.source.presence.arrived
    changed = {posixpath.normpath(path) for path, _, _ in footprint.all if arrived}
    root = prefix_of(seen.folder)
    found: list[Misfit] = []
    for misfit in _all(plan, seen, content):
        about = {root + misfit.file, root + misfit.lock}
        found.append(replace(misfit, changed=not changed.isdisjoint(about)))
    # What a RUN line names itself is as that line wants it.
    found = [one for one in found if not named(one.name, plan.recipe.run)][:MOST]
    if not found:
        return image
    found.sort(key=lambda one: not one.breaks)
    keys = ("name", "kind", "file", "wanted", "lock", "found", "where")
    facts = {"packages": [{key: getattr(one, key) for key in keys} for one in found]}
    return with_found(image, facts, misfits=tuple(found))


def _joined(recipe: bytes) -> str:
    """A Dockerfile with its continued lines in one: a plan of many files takes longer to make."""
    return re.sub(r"\\\r?\n", " ", recipe[:MAX_TEXT].decode("utf-8", "replace"))


def _all(plan: Plan, seen: SourceSeen, content: ImageContent) -> Iterator[Misfit]:
    """What does not fit of all that the RUN lines install."""
    files = {*(one.source for one in plan.files.values()), *plan.inputs}
    usual = {
        Installer.UV: "uv.lock",
        Installer.POETRY: "poetry.lock",
        Installer.NPM: "package-lock.json",
    }
    commands = sorted(
        set(installs(plan.recipe.run, tuple(plan.recipe.env))), key=lambda one: (one.by, one.file)
    )
    locks = {c: lock for c in commands if (lock := _only(files, usual.get(c.by, c.file)))}
    for command, lock in locks.items():
        if command.by is Installer.NPM:
            from landed.trace.packages import node  # noqa: PLC0415 - few need it

            yield from node.observe(command, lock, plan, seen.content, content)
        else:
            from landed.trace.packages import python  # noqa: PLC0415 - few need to read versions

            beside = [other for c, other in locks.items() if c.by is Installer.PIP and c != command]
            yield from python.observe(command, lock, beside, seen.content, content)


def _only(files: Collection[str], name: str) -> str | None:
    """The one file of the build that a command names so."""
    tidy = posixpath.normpath(name).lstrip("/")
    parts = tidy.split("/")
    while parts:
        # `/app/requirements.txt` and `requirements.txt` are told by what they have in common.
        tail = "/".join(parts)
        # What only documents are made with is installed where a command says so in full.
        found = [
            one
            for one in files
            if one == tail or (one.endswith(f"/{tail}") and not beside_the_code(one))
        ]
        if found:
            return found[0] if len(found) == 1 else None
        parts = parts[1:]
    return None
