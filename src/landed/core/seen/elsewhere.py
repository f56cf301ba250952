"""The named error where it says nothing of this environment: in entries that are another's."""

from __future__ import annotations

from landed.core.model import Evidence, Frozen
from landed.core.seen.running import SeenError


class Elsewhere(Frozen):
    """A named error in entries that stand in the log that was read, or beside it, and are of
    another project, job, service or place: `owner` says of which.
    """

    owner: str
    error: SeenError
    evidence: tuple[Evidence, ...] = ()
