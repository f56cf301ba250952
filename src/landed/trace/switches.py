"""The switches that a change puts before its path: asked where the named error is still there."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from landed.content import switches
from landed.core.clock import now
from landed.core.model import Evidence, Station, Strength
from landed.core.seen import Switch
from landed.core.words import command, short
from landed.trace.edits import edits
from landed.trace.footprint import Footprint
from landed.trace.project import Project

_SCRIPTS = ("*.sh", "*.bash", "*.env", "*.env.*", "Procfile")


def observe(project: Project, commit: str, change: Footprint) -> tuple[Switch, ...]:
    """The switches in the lines that the change adds to what is in the image."""
    found: dict[tuple[str, str], Switch] = {}
    for edit in edits(project.repository, change.copied):
        for one in switches.switches(edit.path, edit.added):
            found.setdefault((one.name, one.path), one)
    return tuple(_seen(project, commit, one) for one in found.values())


def _seen(project: Project, commit: str, switch: Switch) -> Switch:
    full = f"{project.folder}/{switch.path}" if project.folder else switch.path
    set_by = tuple(_setting(project, commit, switch.name))
    facts = {
        "variable": switch.name,
        "path": full,
        "taken_with": list(switch.taken),
        "taken_unset": switch.unset,
        "may_be_set_by": list(set_by),
    }
    evidence = Evidence(
        station=Station.COMMIT,
        strength=Strength.CONTENT,
        facts=facts,
        see=command("git", "show", short(commit), "--", full),
        observed_at=now(),
    )
    return replace(switch, set_by=set_by, evidence=(evidence,))


def _setting(project: Project, commit: str, name: str) -> Iterator[str]:
    """Scripts of the commit that give the variable a value before the program starts."""
    done = project.repository.git(
        *("grep", "-l", "-z", "-E", "-e", rf"(^|[^A-Za-z0-9_]){name}=", commit, "--", *_SCRIPTS)
    )
    for line in done.out.decode("utf-8", "replace").split("\0") if not done.code else ():
        if line:
            yield line.partition(":")[2]
