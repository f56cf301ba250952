"""No environment is configured: every question behind the remote stays open, and says why."""

from __future__ import annotations

from landed.core.model import Unseen
from landed.core.probe import Workload
from landed.core.seen import Commands

NOWHERE = Unseen(
    reason="no environment is configured, so nobody can look behind the remote",
    hint="say in landed.toml where it runs, as [environments.NAME]; to try it on this disk: "
    "landed init --local worker",
)


class Nowhere:
    """A cloud that shows nothing."""

    def commands(self, _workload: Workload | None) -> Commands:
        """None: nobody knows the place."""
        return Commands()

    def builds(self) -> Unseen:
        """Not seen."""
        return NOWHERE

    def triggers(self) -> Unseen:
        """Not seen."""
        return NOWHERE

    def upload(self, _build: str) -> Unseen:
        """Not seen."""
        return NOWHERE

    def image(self, _digest: str) -> Unseen:
        """Not seen."""
        return NOWHERE

    def members(self, _digest: str) -> Unseen:
        """Not seen."""
        return NOWHERE

    def registry(self, _name: str) -> Unseen:
        """Not seen."""
        return NOWHERE

    def deployment(self, _workload: Workload) -> Unseen:
        """Not seen."""
        return NOWHERE

    def executions(self, _workload: Workload) -> Unseen:
        """Not seen."""
        return NOWHERE

    def keeps(self, _workload: Workload) -> None:
        """Nothing is known of it."""

    def entries(self, _workload: Workload, _execution: str) -> Unseen:
        """Not seen."""
        return NOWHERE

    def elsewhere(self, _workload: Workload) -> Unseen:
        """Not seen."""
        return NOWHERE
