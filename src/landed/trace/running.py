"""Whether what runs has the change: by the content of the image that the execution ran."""

from __future__ import annotations

import re
from collections.abc import Collection

from landed.content.compare import EXPORT_IGNORE
from landed.content.effect import presence
from landed.content.names import beside_the_code
from landed.core.clock import now
from landed.core.in_words import stale_in_words
from landed.core.model import (
    Evidence,
    Presence,
    Station,
    Strength,
)
from landed.core.probe import BuildRecord, ImageContent
from landed.core.rules.differences import differing
from landed.core.seen import (
    Image,
    Running,
    Variable,
)
from landed.core.seen.switches import shown, variables
from landed.core.words import count, listed, short
from landed.trace import copies
from landed.trace.footprint import Footprint
from landed.trace.project import Project
from landed.trace.sources import SourceSeen
from landed.trace.there import There

_DOTENV = re.compile(r"(?:\A|/)\.env(?:\.\w+)?\Z")


def observe(
    project: Project,
    commit: str,
    digest: str,
    image: ImageContent,
    change: Footprint,
    source: SourceSeen | None,
    packed: Image | None,
    record: BuildRecord | None,
    loaded: Collection[str],
    see: str,
) -> Running:
    """The change's effect in one image. `source` and `packed` are those of the image's build, and
    `loaded` are files of it that some execution loaded.
    """
    there = There(project, commit, image, change, source, packed, record)
    found, because = _presence(project, commit, digest, there, change, source, packed)
    said = _variables(image)
    others = copies.look(project, commit, image, change, there, loaded) if found.arrived else ()
    facts = {
        "digest": digest,
        "presence": found.value,
        "variables": None if said is None else shown(said),
        "paths": [path for path, _, _ in change.copied][:20],
    }
    return Running(
        digest=digest,
        presence=found,
        because=because,
        variables=said,
        copies=others,
        evidence=(
            Evidence(
                station=Station.IMAGE,
                strength=Strength.CONTENT,
                facts=facts,
                see=see,
                observed_at=now(),
            ),
        ),
    )


def _presence(
    project: Project,
    commit: str,
    digest: str,
    there: There,
    change: Footprint,
    source: SourceSeen | None,
    packed: Image | None,
) -> tuple[Presence, str]:
    what = short(digest)
    stale = packed.outputs if packed else ()
    if certain := next((one for one in stale if one.certain), None):
        return Presence.ABSENT, f"{what} runs an older output: {stale_in_words(certain)}"
    if change.kept_out:
        path, rule = change.kept_out[0]
        return Presence.ABSENT, f"{what} lacks {path}: {rule} keeps it out"
    left_out = there.left_out()
    lost = [path for path in left_out if not beside_the_code(path)]
    if lost:
        return Presence.ABSENT, f"{what} lacks {lost[0]}: {EXPORT_IGNORE} keeps it out"
    changed = [c for c in (*change.copied, *change.steering) if c[0] not in left_out]
    if not changed and stale:
        return Presence.UNKNOWN, f"{stale_in_words(stale[0])}; whether it would differ, is not seen"
    if not changed:
        return Presence.UNKNOWN, change.because or "it changes nothing in the image"
    whole = packed is not None and bool(packed.compared) and not differing(packed.differences)
    if change.steering and not (whole and source):
        because = (
            f"{listed([p for p, _, _ in change.steering])} shapes the image without being in it, "
            "and the image is not proved to be of a known source"
        )
        return Presence.UNKNOWN, because
    if not whole and not there.placed():
        return Presence.UNKNOWN, f"where the commit's files lie in {what}, nobody could tell"
    # "It was there and was rewritten, or removed, later" needs an image that equals a commit.
    # Rewritten by what nobody committed is not there.
    in_history = None
    if there.whole and source and source.source.commit:
        in_history = project.repository.is_ancestor(commit, source.source.commit)
    found, because = presence(
        changed,
        there.file,
        there.read,
        project.repository.merge3,
        in_history=in_history,
        whole=there.whole,
    )
    if found.arrived and (overruled := there.overruled()):
        because = f"{what} has it, and {listed(overruled)} that Python runs without a look at it"
        return Presence.UNKNOWN, because
    if found.arrived:
        because = f"{what} has its effect in {count(len(changed), 'file')}, by content"
        if found is Presence.SUPERSEDED:
            because = f"{what} has it, rewritten by later commits"
    elif found.arrived is False:
        because = f"{what} does not have it ({because})"
    return found, because


def _variables(image: ImageContent) -> tuple[Variable, ...] | None:
    """The variables that an image sets itself; None where a file in it may set more."""
    if any(".env" in path and _DOTENV.search(path) for path in image.files):
        return None
    return variables(dict(one.split("=", 1) for one in image.start.env if "=" in one))
