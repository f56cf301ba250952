"""The errors of a target, for a person and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from landed.core.model import Absent, Frozen, Unseen
from landed.core.redact import redact
from landed.core.seen import Deployment
from landed.core.words import clock, count, printable, short
from landed.logs.families import Family, Identity, Sighting
from landed.render.document import plain
from landed.render.text import Paint, wrap

SHOWN = 5
"""So many of a kind are on the screen; the JSON has all."""
NAME = 60


class Target(Frozen):
    """One deployable in one environment: what its executions logged, as far as it could be read.

    `read` counts the executions that were read, `unread` says why others were not. `unseen` is
    there where nothing could be read at all.
    """

    deployable: str
    environment: str
    deployment: Deployment | Absent | Unseen
    read: int
    unread: dict[str, Unseen]
    unseen: Unseen | None
    families: tuple[Family, ...]

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was seen."""
        unseen = self.unseen or self.unread or isinstance(self.deployment, Unseen)
        return not unseen

    @property
    def deployed(self) -> Deployment | None:
        """What is deployed, where that was seen."""
        return self.deployment if isinstance(self.deployment, Deployment) else None

    @property
    def runs(self) -> str:
        """What its logs are told apart by."""
        return "revision" if self.deployed and self.deployed.kind == "service" else "execution"


def document(targets: Sequence[Target]) -> dict[str, Any]:
    """`landed/errors/v1`."""
    found: dict[str, Any] = plain(
        {"schema": "landed/errors/v1", "targets": [_target(target) for target in targets]}
    )
    return found


def _target(target: Target) -> dict[str, Any]:
    deployed = target.deployed
    return {
        "deployable": target.deployable,
        "environment": target.environment,
        "deployed": ({"digest": deployed.digest, "since": deployed.since} if deployed else None),
        "executions": target.read,
        "unread": [
            {"execution": execution, "reason": why.reason, "hint": why.hint}
            for execution, why in target.unread.items()
        ],
        "unseen": target.unseen and {"reason": target.unseen.reason, "hint": target.unseen.hint},
        "families": [
            {
                "family": family.family,
                "exception": family.exception,
                "template": family.template,
                "frames": [printable(redact(frame)) for frame in family.frames],
                "identities": [_identity(identity) for identity in family.identities],
            }
            for family in target.families
        ],
    }


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "identity": identity.identity,
        "title": identity.title,
        "named": identity.named,
        "mixed": identity.mixed,
        "count": identity.count,
        "first_at": identity.first_at,
        "last_at": identity.last_at,
        "sightings": list(identity.sightings),
    }


def screen(target: Target, *, width: int, paint: Paint) -> str:
    """All that was seen, the newest first, with what to copy into a commit or the settings."""
    where = f"{target.deployable} in {target.environment or 'no environment'}"
    if target.unseen:
        said = f"{where}: {target.unseen.reason}"
        hint = [wrap(target.unseen.hint, width, first="  ")] if target.unseen.hint else []
        return "\n".join([wrap(said, width, first=paint("? ", "yellow")), *hint])
    identities = [identity for family in target.families for identity in family.identities]
    told, last = "no error", ""
    if identities:
        last = f", the last at {clock(max(one.last_at for one in identities))}"
        told = count(len(identities), "error")
        if len(target.families) < len(identities):
            told += f" of {count(len(target.families), 'family', 'families')}"
    lines = [wrap(f"{where}: {told} in {count(target.read, target.runs)}{last}", width)]
    for execution, why in list(target.unread.items())[:SHOWN]:
        said = f"{execution} was not read: {why.reason}"
        lines.append(wrap(said, width, first=paint("? ", "yellow")))
    lines += _more(len(target.unread), "that was not read", "that were not read")
    if isinstance(target.deployment, Unseen):
        said = f"what is deployed was not seen: {target.deployment.reason}"
        lines.append(wrap(said, width, first=paint("? ", "yellow")))
    for group in _groups(target.families):
        lines += ["", *_group(group, target, width, paint)]
    return "\n".join([*lines, *_copy(identities, width, paint)])


def _groups(families: Sequence[Family]) -> list[list[Family]]:
    """Families without an exception stand together where one line of a program wrote them."""
    groups: dict[str, list[Family]] = {}
    for family in families:
        groups.setdefault(family.family if family.exception else family.template, []).append(family)
    return list(groups.values())


def _group(group: Sequence[Family], target: Target, width: int, paint: Paint) -> list[str]:
    listed = [(identity, family) for family in group for identity in family.identities]
    identities = [identity for identity, _ in listed]
    lines = []
    if len(group) > 1:
        said = f"{len(group)} families of one form: {group[0].template}"
        lines = [wrap(said, width)]
    elif len(identities) > 1:
        said = f"{len(identities)} errors of family {group[0].family}"
        lines = [wrap(said, width)]
    for identity, family in listed[:SHOWN]:
        place = _place(family, identity.title, target.families)
        lines += _identity_lines(identity, place, target, width, paint)
    return lines + _more(len(identities), "identity", "identities")


def _place(family: Family, title: str, families: Sequence[Family]) -> str:
    """Where in the program an error is, if another one reads the same: the frames that are its own,
    else where it was at last.
    """
    others = [
        one.frames
        for one in families
        if one is not family and any(identity.title == title for identity in one.identities)
    ]
    if not others or not family.frames:
        return ""
    own = [one for one in family.frames if not all(one in frames for frames in others)]
    return printable(redact(", ".join(own[:SHOWN] or family.frames[-1:])))


def _identity_lines(
    identity: Identity, place: str, target: Target, width: int, paint: Paint
) -> list[str]:
    lines = [wrap(identity.title, width, first=paint("✗ ", "red"))]
    if place:
        lines.append(wrap(f"in {place}", width, first="  "))
    if identity.mixed:
        lines.append(wrap("its lines are not surely its own: two stacks mix", width, first="  "))
    else:
        lines.append(f"  {paint(f'Landed-Fixes: {identity.identity}', 'bold')}")
    if identity.named:
        lines.append(wrap(f"named: {identity.named}", width, first="  "))
    sightings = identity.sightings[:SHOWN]
    lines += [wrap(_sighting(sighting, target), width, first="  ") for sighting in sightings]
    return lines + _more(len(identity.sightings), "image", "images")


def _sighting(sighting: Sighting, target: Target) -> str:
    deployed = target.deployed.digest if target.deployed else None
    where = short(sighting.digest) if sighting.digest else "an unknown image"
    state = ""
    if sighting.old:
        state = " (ran before the present deployment)"
    elif deployed and sighting.digest:
        state = " (deployed now)" if sighting.digest == deployed else " (not deployed now)"
    when = clock(sighting.first_at)
    if sighting.last_at != sighting.first_at:
        when += f" to {clock(sighting.last_at)}"
    runs = count(len(sighting.executions), target.runs)
    return f"{where}{state}: {sighting.count} × in {runs}, {when}"


def _more(number: int, noun: str, nouns: str) -> list[str]:
    rest = number - SHOWN
    return [f"  and {count(rest, noun, nouns)} more; --json has all"] if rest > 0 else []


def _copy(identities: Sequence[Identity], width: int, paint: Paint) -> list[str]:
    """How to name an error, with the newest that nobody has named as the example."""
    about = next((one for one in identities if not one.named and not one.mixed), None)
    if about is None:
        return []
    words = "the line goes at the end of the commit's message, or into landed.toml as"
    return [
        "",
        paint("To name the error that a commit should stop", "bold"),
        wrap(words, width, first="  "),
        "  [[errors]]",
        f"  name = {_quoted(about.title[:NAME])}",
        f'  identity = "{about.identity}"',
    ]


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(printable(redact(text)), ensure_ascii=False)
