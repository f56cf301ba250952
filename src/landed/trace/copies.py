"""Copies of a change's files in an image that lack the change, and which of them ran."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import structs

from landed.content.candidates import Sought
from landed.content.copies import Copies, Found
from landed.content.effect import State, states
from landed.content.names import prefix_of
from landed.core.clock import now
from landed.core.model import Evidence, Presence, Station, Strength
from landed.core.probe import ImageContent
from landed.core.seen import Execution, OtherCopy, Running
from landed.core.words import printable, short
from landed.trace.footprint import Changed, Footprint
from landed.trace.project import Project
from landed.trace.there import There


def look(
    project: Project,
    commit: str,
    image: ImageContent,
    change: Footprint,
    there: There,
    loaded: Collection[str],
) -> tuple[OtherCopy, ...]:
    """The copies that are not known to have the change. `loaded` are files of the image that some
    execution of it has loaded.
    """
    root = prefix_of(project.folder)
    changed = {path: (path, old, new) for path, old, new in change.copied}
    sought = []
    for path, old, new in changed.values():
        name, like = there.name(path), new or old
        if like is not None:
            sought.append(
                Sought(
                    path=path,
                    origin=name,
                    names=tuple(dict.fromkeys((root + path, root + name))),
                    places=tuple(there.places(path)),
                    like=like,
                )
            )
    copies = Copies(project.repository, image, there.planned, loaded)
    judged = (
        _judged(project, commit, copies, there, changed[one.sought.path], one)
        for one in copies.of(sought)
    )
    return tuple(copy for copy in judged if copy is not None)


def _judged(
    project: Project,
    commit: str,
    copies: Copies,
    there: There,
    changed: Changed,
    found: Found,
) -> OtherCopy | None:
    """One copy; None for one that has the change."""
    _, _, new = changed
    if new is None and found.other.path in there.planned():
        # The change moved the file there.
        return None
    lacks = found.file is None or _lacks(project, commit, copies, changed, found)
    if lacks is None or (not lacks and _made_of_it(copies.image, found)):
        return None
    return OtherCopy(
        path=found.other.path,
        place=found.place.path,
        package=found.other.package,
        own=found.place.package,
        lacks=lacks,
        missing=found.file is None,
        blob=found.file.blob if found.file else None,
        has_it=found.commits[0] if found.commits else None,
        installed=found.installed,
    )


def _made_of_it(image: ImageContent, found: Found) -> bool:
    """Whether a RUN of this build wrote it above the file, in a form of its own: a compiler did, or
    a tool that makes code smaller. What installers fetch may be of any age.
    """
    mine, its = image.layer(found.place.path), image.layer(found.other.path)
    later = mine is not None and its is not None and its.number > mine.number and its.by_run
    return later and found.file is not None and not found.commits and not found.installed


def _lacks(
    project: Project, commit: str, copies: Copies, changed: Changed, found: Found
) -> bool | None:
    """Whether a copy lacks the change; False where nobody could tell, None where it has it."""
    repository = project.repository

    def read(blobs: Iterable[str]) -> dict[str, bytes | None]:
        contents = repository.read(blobs)
        blob = found.file.blob if found.file else ""
        if blob in contents and contents[blob] is None:
            contents[blob] = copies.image.read([found.other.path])[found.other.path]
        return contents

    state = states([changed], lambda _: found.file, read, repository.merge3)[changed[0]]
    if state is State.THERE:
        return None
    if state in (State.UNDONE, State.PARTLY):
        return True
    follows = {repository.is_ancestor(commit, one) for one in found.commits}
    if follows == {True}:
        return None
    return any(repository.is_ancestor(one, commit) for one in found.commits)


def settled(running: Running, executions: Sequence[Execution]) -> Running:
    """What ran, by what these executions of its image say that they loaded."""
    if not running.copies:
        return running
    copies = ran(running.copies, executions)
    taken = [copy for copy in copies if copy.ran]
    without = [copy for copy in taken if copy.ran_without]
    open_ = [copy for copy in copies if copy.open]
    presence, because = running.presence, running.because
    has = f"{short(running.digest)} has it at {printable((taken or open_ or copies)[0].place)}"
    if without:
        presence = Presence.ABSENT
        because = f"{has}, and what ran is the copy without it: {without[0].called}"
    elif taken:
        presence = Presence.UNKNOWN
        because = f"{has}, and what ran is another copy: {taken[0].called}"
    elif open_:
        presence = Presence.UNKNOWN
        because = f"{has}, and not in {open_[0].called}; which of them runs, nobody could tell"
    facts = {"digest": running.digest, "copies": [structs.asdict(copy) for copy in copies]}
    about = Evidence(
        station=Station.EXECUTION if taken else Station.IMAGE,
        strength=Strength.RECORDED if taken else Strength.CONTENT,
        facts=facts,
        see=_see(running, executions if taken else ()),
        observed_at=now(),
    )
    return structs.replace(
        running,
        presence=presence,
        because=because,
        copies=copies,
        evidence=(*running.evidence, about),
    )


def _see(running: Running, executions: Sequence[Execution]) -> str:
    """What shows it: the record of what was loaded, else the image."""
    evidence = [*(found for one in executions for found in one.evidence), *running.evidence]
    return evidence[0].see if evidence else ""


def ran(copies: Iterable[OtherCopy], executions: Sequence[Execution]) -> tuple[OtherCopy, ...]:
    """The copies, with whether these executions loaded them: True where one did, False where all
    are known not to have.
    """
    told = [one.loaded for one in executions]

    def one(copy: OtherCopy) -> OtherCopy:
        said = {None if modules is None else copy.loaded(modules) for modules in told}
        known = True if True in said else (False if said == {False} else None)
        return structs.replace(copy, ran=known)

    return tuple(map(one, copies))
