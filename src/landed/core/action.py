"""What a provider can do, beside what it shows: build, try, deploy, execute.

An action that must not be done twice has a `key`, kept with what it makes and looked for first: who
asks twice by one key has it done once, whatever was killed in between. None of them waits for the
end of an execution: how far one is, is asked for by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from landed.core.model import Frozen, Unseen
from landed.core.probe import Workload
from landed.core.seen import Execution


class BuildOrder(Frozen):
    """What to build: a commit that the remote has, the folder and Dockerfile in it, and the name
    under which the image is kept (not the one that people deploy: that moves once it is proved).
    """

    commit: str
    folder: str
    dockerfile: str
    image: str


class Built(Frozen):
    """A build that ended. `digest` is None where it failed, and `failure` says why. `by_code` says
    that the code itself made it fail: another build of the same commit fails as well.
    """

    id: str
    digest: str | None
    failure: str = ""
    by_code: bool = False


class Tried(Frozen):
    """How a command inside an image ended. `code` is None where it took too long."""

    code: int | None
    output: str
    isolation: str


class Ways(Frozen):
    """How a place does what a dry run foretells, in words: where a build takes the commit from,
    where a smoke command runs, and where the workload is.
    """

    build: str
    smoke: str
    place: str = ""


class Missing(Frozen):
    """Something that a shipment would need, and that is not there, with the command that makes it.
    `sure` is False where nobody can tell.
    """

    because: str
    remedy: str
    sure: bool = True


class Actions(Protocol):
    """What is done to bring a commit out. Each raises LandedError where it could not be done."""

    def ways(self, workload: Workload) -> Ways:
        """How it would be done. Nothing is asked for this."""

    def lacks(self, workload: Workload, *, builds: bool) -> Sequence[Missing]:
        """What is missing for it, as far as questions tell that change nothing; with `builds` also
        for the image, else for a deployment alone.
        """

    def build(self, key: str, order: BuildOrder) -> Built:
        """Builds a commit that the remote has, and waits for the end."""

    def smoke(
        self, workload: Workload, image: str, command: tuple[str, ...], seconds: float
    ) -> Tried:
        """Runs a command inside `NAME@DIGEST`, as near to the workload's own surroundings as the
        place can without showing its secrets; `isolation` says how.
        """

    def publish(self, image: str, name: str) -> None:
        """Points the name that people deploy to `NAME@DIGEST`. By nature it may be done twice."""

    def deploy(self, key: str, workload: Workload, image: str) -> None:
        """Pins the workload to `NAME@DIGEST`. A service gets a new revision of it. Nobody waits
        here until that is ready, and who gets the traffic stays as people said it.
        """

    def execute(self, key: str, workload: Workload) -> str:
        """Starts an execution of a job, and returns its id at once. A service is never executed."""

    def execution(self, workload: Workload, name: str) -> Execution | Unseen:
        """One execution of a job as it stands now, asked anew each time."""
