"""What a trace is about: one deployable of one repository, and its files at some commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from landed.config import DeployableSettings
from landed.content.commit import CommitFiles, plan_of
from landed.content.names import normal_folder
from landed.content.placement import Plan
from landed.content.repo import Repository
from landed.core.errors import LandedError
from landed.core.model import Unseen
from landed.core.probe import BuildRecord, Content, Lent, Workload, WorkloadKind


class Project:
    """A deployable in a repository. Trees and plans are read once. `others` are the folders that
    other deployables are built from.
    """

    def __init__(
        self,
        repository: Repository,
        name: str,
        settings: DeployableSettings,
        others: Sequence[str] = (),
    ) -> None:
        # The whole repository as a folder tells nothing of whose a path is.
        self.others = [folder for folder in map(normal_folder, others) if folder]
        self.repository = repository
        self.name = name
        self.settings = settings
        self.at = lru_cache(maxsize=64)(self._at)

    @property
    def folder(self) -> str:
        """The build's context from the repository's root, `""` for the root itself."""
        return normal_folder(self.settings.folder)

    def works_when_asked(self, workload: Workload | None) -> bool:
        """Whether only what it writes after a request can be work: a service's start is none."""
        serves = workload is not None and workload.kind is WorkloadKind.SERVICE
        return serves and not self.settings.unasked

    def _at(self, commit: str, folder: str) -> CommitFiles:
        return CommitFiles(self.repository, commit, folder)

    def beside(self, path: str) -> bool:
        """Whether a path of the repository belongs to other deployables alone."""
        theirs = any(self.inside(path, folder) is not None for folder in self.others)
        return theirs and self.inside(path, self.folder) is None

    def inside(self, path: str, folder: str) -> str | None:
        """A repository path as a path of the context, None where it lies outside."""
        if not folder:
            return path
        return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None


def plan_at(
    content: Content,
    dockerfile: str,
    build_args: Mapping[str, str] | None = None,
    *,
    lent: Callable[[str], Lent] | None = None,
    ignoring: bool = True,
) -> Plan | Unseen:
    """The plan (see `plan_of`), Unseen where nobody can tell what goes where."""
    try:
        return plan_of(content, dockerfile, build_args, lent=lent, ignoring=ignoring)
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)


def plan_of_build(content: Content, record: BuildRecord) -> Plan | Unseen:
    """The plan of a build: by its own Dockerfile and arguments, on the base that it had."""
    if record.unread:
        return Unseen(reason=record.unread, hint="see the steps of the build")
    return plan_at(content, record.dockerfile, record.build_args, lent=lambda _: record.lent)


def landing(plan: Plan) -> dict[str, list[str]]:
    """Where each source path lands in the image."""
    places: dict[str, list[str]] = {}
    for image_path, placed in plan.files.items():
        places.setdefault(placed.source, []).append(image_path)
    return places


def reads(plan: Plan | Unseen, path: str) -> bool | None:
    """Whether the build reads this path; None where nobody can tell."""
    if isinstance(plan, Unseen):
        return None
    return path in plan.inputs or any(placed.source == path for placed in plan.files.values())
