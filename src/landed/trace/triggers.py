"""What would have started a build of the change: triggers against its ref and its paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from landed.content.patterns import trigger_pattern
from landed.core.clock import now
from landed.core.model import (
    Evidence,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import Cloud, Trigger
from landed.core.seen import (
    Remote,
    TriggerSeen,
)
from landed.core.words import listed
from landed.project import address

_PLAIN = re.compile(r"(?:[A-Za-z0-9_/ -]|\\[.\-/+]|\.\*)*")
_PIECE = re.compile(r"\\(.)|(\.\*)|(.)")


def observe(
    cloud: Cloud, remote: Remote, changed: Sequence[str] | None
) -> tuple[TriggerSeen, ...] | Unseen:
    """The triggers, and whether each takes the remote's ref and lets a change of these paths
    through.

    `changed` are paths of the repository, None where nobody knows them.
    """
    triggers = cloud.triggers()
    if isinstance(triggers, Unseen):
        return triggers
    return tuple(_seen(trigger, remote, changed) for trigger in triggers)


def _seen(trigger: Trigger, remote: Remote, changed: Sequence[str] | None) -> TriggerSeen:
    facts = {
        "trigger": trigger.name,
        "repository": trigger.url,
        "ref": trigger.ref,
        "included": list(trigger.included),
        "ignored": list(trigger.ignored),
        "disabled": trigger.disabled,
    }
    evidence = Evidence(
        station=Station.BUILD,
        strength=Strength.RECORDED,
        facts=facts,
        see=trigger.see,
        observed_at=now(),
    )
    return TriggerSeen(
        name=trigger.name,
        watches=not elsewhere(trigger.url, remote.url) and watches(trigger, remote.ref),
        passes=None if changed is None else passes(trigger.included, trigger.ignored, changed),
        disabled=trigger.disabled,
        enable=trigger.enable,
        filters=_in_words(trigger),
        evidence=(evidence,),
    )


def elsewhere(one: str, other: str) -> bool:
    """Whether two URLs are surely of two repositories: on one host, under two names. A host may be
    a mirror of another, and of what is no URL nobody can tell.
    """
    try:
        (host, name), (other_host, other_name) = map(_place, (one, other))
    except ValueError:
        return False
    return bool(host) and host == other_host and name != other_name


def _place(url: str) -> tuple[str, str]:
    """Host and name of a repository, in small letters, whichever way leads there."""
    host, _, name = address(url, Path("/")).lower().partition("/")
    return host, name


def watches(trigger: Trigger, ref: str) -> bool | None:
    """Whether a trigger takes this ref; None for a pattern that is more than words and `.*`.

    The pattern is a regular expression of somebody else's, and is not run as one: a bad one could
    take for ever. Alternatives between bars are read, with or without their parentheses.
    """
    kind = "refs/tags/" if trigger.of_tags else "refs/heads/"
    if not trigger.ref:
        return None
    if not ref.startswith(kind):
        return False
    name = ref.removeprefix(kind)
    bare = trigger.ref
    begins, ends = bare.startswith("^"), bare.endswith("$") and not bare.endswith("\\$")
    bare = bare.removeprefix("^")
    bare = bare.removesuffix("$") if ends else bare
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    elif "|" in bare and (begins or ends):
        return None
    answers = [_matches(one, name, begins=begins, ends=ends) for one in bare.split("|")]
    if True in answers:
        return True
    return None if None in answers else False


def _matches(pattern: str, name: str, *, begins: bool, ends: bool) -> bool | None:
    """Whether words and `.*` are found in a name; each stands behind the one before."""
    if not _PLAIN.fullmatch(pattern):
        return None
    words = [""]
    for escaped, anything, plain in _PIECE.findall(pattern):
        if anything:
            words.append("")
        else:
            words[-1] += escaped or plain
    first, *rest = words
    place = 0 if begins else name.find(first)
    if place < 0 or not name.startswith(first, place):
        return False
    place += len(first)
    if not rest:
        return place == len(name) or not ends or (not begins and name.endswith(first))
    for word in rest[:-1] if ends else rest:
        found = name.find(word, place)
        if found < 0:
            return False
        place = found + len(word)
    return not ends or (name.endswith(rest[-1]) and len(name) - len(rest[-1]) >= place)


def passes(included: Iterable[str], ignored: Iterable[str], changed: Sequence[str]) -> bool | None:
    """Whether Google's path filters let a push of these paths through: one path that is not ignored
    has to be there, and one of those has to be included, where anything is. None for a pattern that
    cannot be read.
    """
    try:
        out = [trigger_pattern(pattern) for pattern in ignored]
        wanted = [trigger_pattern(pattern) for pattern in included]
    except ValueError:
        return None
    left = [path for path in changed if not any(pattern.fullmatch(path) for pattern in out)]
    if not changed:
        return None
    return bool(left) and (
        not wanted or any(pattern.fullmatch(path) for pattern in wanted for path in left)
    )


def _in_words(trigger: Trigger) -> str:
    parts = []
    if trigger.included:
        parts.append(f"what is in {listed(trigger.included)}")
    if trigger.ignored:
        parts.append(f"what is not in {listed(trigger.ignored)}")
    return " and ".join(parts)
