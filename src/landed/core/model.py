"""The words of the product as types, and what is judged with them.

Everything here is frozen. A probe answers with a station's observation (see `core.seen`), with
`Absent` (it looked, and there is none) or with `Unseen` (it could not look). These three are never
mixed up: silence is not success, and "there is none" is not "I could not see".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all values; the decorator tells type checkers what msgspec inherits."""


def learned(*types: Any) -> None:
    """Lets msgspec learn types now, while their module loads. It would do so at their first use,
    and two threads that are first at once crash the process (msgspec 0.22).
    """
    for one in types:
        msgspec.json.Decoder(one)


class Link(StrEnum):
    """The ten links between work tree and watch; `core.chain` holds their order and meaning."""

    COMMITTED = "committed"
    PUSHED = "pushed"
    SOURCED = "sourced"
    BUILT = "built"
    PACKED = "packed"
    PUBLISHED = "published"
    DEPLOYED = "deployed"
    RAN = "ran"
    HEALED = "healed"
    HELD = "held"


class Station(StrEnum):
    """Where code stands between two links."""

    WORK_TREE = "work-tree"
    COMMIT = "commit"
    REMOTE = "remote"
    SOURCE = "source"
    BUILD = "build"
    IMAGE = "image"
    REGISTRY = "registry"
    DEPLOYMENT = "deployment"
    EXECUTION = "execution"
    LOGS = "logs"
    WATCH = "watch"


class Strength(StrEnum):
    """How much a piece of evidence is worth, the weakest last."""

    CONTENT = "content"
    ATTESTED = "attested"
    RECORDED = "recorded"
    CLAIMED = "claimed"


class Status(StrEnum):
    """What became of a link."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNSEEN = "unseen"
    PENDING = "pending"
    SKIPPED = "skipped"


class Answer(StrEnum):
    """Yes, no, or cannot tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """The verdict in one word."""

    PROVED = "proved"
    BROKEN = "broken"
    UNPROVED = "unproved"


class Effect(StrEnum):
    """Whether a change alters the image at all (documentation, say, does not)."""

    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """Whether the effect of a change is in some content.

    `superseded` means that it arrived and was rewritten by a later commit: that counts as there.
    `reverted` means that it was there in history and was taken back: that does not.
    """

    PRESENT = "present"
    SUPERSEDED = "superseded"
    REVERTED = "reverted"
    ABSENT = "absent"
    UNKNOWN = "unknown"

    @property
    def arrived(self) -> bool | None:
        """True where the effect is there, False where it is not, None where nobody can tell."""
        if self is Presence.UNKNOWN:
            return None
        return self in (Presence.PRESENT, Presence.SUPERSEDED)


class Evidence(Frozen):
    """One thing that was seen: where, how strong, the facts, and the command that shows it."""

    station: Station
    strength: Strength
    facts: dict[str, Any]
    see: str
    observed_at: datetime


class Unseen(Frozen):
    """A probe could not look. `reason` says why, `hint` what a person can do about it."""

    reason: str
    hint: str = ""
    evidence: tuple[Evidence, ...] = ()


class Absent(Frozen):
    """A probe looked, and there is none (yet). `remedy` is the command that would make one."""

    reason: str
    remedy: str = ""
    evidence: tuple[Evidence, ...] = ()


class NamedError(Frozen):
    """An error that a change is meant to stop: an identity, or words that its text contains."""

    name: str
    identity: str | None = None
    contains: str | None = None


class Change(Frozen):
    """The commit whose arrival is in question.

    `unplaced` are files of it that look like code and do not reach the image. `beside` says that
    all of it is in folders that other deployables alone are built from.
    """

    asked: str
    commit: str
    subject: str
    committed_at: datetime
    effect: Effect = Effect.UNKNOWN
    effect_because: str = ""
    unplaced: tuple[str, ...] = ()
    beside: bool = False
    named_errors: tuple[NamedError, ...] = ()


class RuledOut(Frozen):
    """A diagnosis that was considered, and the evidence that excludes it."""

    diagnosis: str
    because: str


class Finding(Frozen):
    """What was judged of one link."""

    link: Link
    status: Status
    because: str
    subject: dict[str, Any] = {}
    diagnosis: str | None = None
    also: tuple[str, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    remedy: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Answers(Frozen):
    """The three answers, each with the sentence that carries it."""

    in_there: Answer
    by_the_book: Answer
    did_it_help: Answer
    because: dict[str, str] = {}


class Verdict(Frozen):
    """A trace, judged."""

    change: Change
    environment: str
    deployable: str
    through: Link
    verdict: Outcome
    answers: Answers
    first_break: Link | None
    first_unseen: Link | None
    links: tuple[Finding, ...]
    observed_at: datetime
