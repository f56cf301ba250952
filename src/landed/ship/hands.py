"""What a shipment works with. The wiring fills it in: `ship` itself chooses no provider."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from landed.config import ShipSettings
from landed.content.repo import Repository
from landed.core.action import Actions
from landed.core.model import Frozen
from landed.core.probe import Cloud, Workload
from landed.ledger.store import Ledger
from landed.ship.ahead import Ahead
from landed.trace.project import Project
from landed.trace.target import Probes, Target


class Bench(Frozen):
    """One target with all that sees and changes it, in a repository that is opened anew for each
    step. A cloud may answer the same question alike each time: `look` makes a new one.
    """

    repository: Repository
    project: Project
    target: Target
    cloud: Cloud
    actions: Actions
    probes: Callable[[str], Probes]
    ahead: Ahead
    look: Callable[[], Cloud]

    @property
    def workload(self) -> Workload:
        """The job or service that takes the work."""
        workload = self.target.workload
        assert workload is not None  # noqa: S101 - it is only made for a target that has one
        return workload

    def again(self) -> Bench:
        """The same, looked at anew."""
        return replace(self, cloud=self.look())


class Hands(Protocol):
    """The surroundings of all shipments and watches of one project."""

    settings: ShipSettings
    ledger: Ledger
    ahead: Ahead

    def bench(self, environment: str, deployable: str) -> AbstractContextManager[Bench]:
        """Opens a target. Raises UsageError for one that the settings do not have."""

    def now(self) -> datetime:
        """The present moment; tests drive it."""
