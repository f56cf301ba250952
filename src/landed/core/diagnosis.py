"""What a diagnosis is: a named failure mode, and how it is recognised in what was seen."""

from __future__ import annotations

from collections.abc import Callable

from landed.core.model import (
    Evidence,
    Frozen,
    Link,
)
from landed.core.seen import (
    Observations,
)


class Fits(Frozen):
    """The evidence shows this failure mode.

    With `cause=False` it does not explain the link's break, and is worth knowing all the same: it
    is listed in `also`, and said as a note. `evidence` is what the link's own rule does not look
    at.
    """

    because: str
    remedy: tuple[str, ...] = ()
    cause: bool = True
    evidence: tuple[Evidence, ...] = ()


class Excluded(Frozen):
    """It was considered, and this evidence excludes it."""

    because: str


class Diagnosis(Frozen):
    """A failure mode. `recognise` is pure; None means that it has nothing to say of this case."""

    id: str
    title: str
    links: tuple[Link, ...]
    recognise: Callable[[Observations, Link], Fits | Excluded | None]
