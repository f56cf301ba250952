"""One rule for each link: pure, from observations to a status with its reason."""

from __future__ import annotations

from collections.abc import Callable

from landed.core.model import (
    Link,
)
from landed.core.rules.build import built, sourced
from landed.core.rules.image import packed, published
from landed.core.rules.judged import Judged
from landed.core.rules.logs import healed, held
from landed.core.rules.repository import committed, pushed
from landed.core.rules.rollout import deployed
from landed.core.rules.running import ran
from landed.core.seen import (
    Observations,
)

RULES: dict[Link, Callable[[Observations], Judged]] = {
    Link.COMMITTED: committed,
    Link.PUSHED: pushed,
    Link.SOURCED: sourced,
    Link.BUILT: built,
    Link.PACKED: packed,
    Link.PUBLISHED: published,
    Link.DEPLOYED: deployed,
    Link.RAN: ran,
    Link.HEALED: healed,
    Link.HELD: held,
}

__all__ = ["RULES", "Judged"]
