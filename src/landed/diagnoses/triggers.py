"""What the diagnoses about triggers share: those that should have built the change, and did not."""

from __future__ import annotations

from landed.core.model import (
    Absent,
    Presence,
)
from landed.core.rules.build import ref_has_change
from landed.core.rules.differences import differing
from landed.core.seen import (
    Observations,
    Source,
    TriggerSeen,
)


def expected(seen: Observations) -> tuple[TriggerSeen, ...]:
    """The triggers of the builder's ref, where that has the change and no build took it.

    Empty as well where a build took something else than the commit: then that is what broke.
    """
    source = seen.forward.source
    lacks = isinstance(source, Absent) or (
        isinstance(source, Source)
        and source.presence is Presence.ABSENT
        and not differing(source.differences)
    )
    if not lacks or not ref_has_change(seen) or not isinstance(seen.triggers, tuple):
        return ()
    return tuple(trigger for trigger in seen.triggers if trigger.watches)
