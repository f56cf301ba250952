"""What builds would read of the work tree, an upload would take, and a build file says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from landed.config import FILE_NAME, STATE_FOLDER, Config
from landed.content.git.proof import NAME as PROOF
from landed.content.ignore import UploadRules
from landed.content.names import is_ignore_file
from landed.content.placement import Plan
from landed.content.repo import Repository
from landed.core.model import Unseen
from landed.core.probe import File
from landed.core.seen import BuildFile
from landed.trace.project import Project, plan_at, reads


class Reading:
    """What the builds of some deployables read of the work tree. `state` is the folder of landed's
    own state.
    """

    def __init__(
        self, config: Config, repository: Repository, chosen: Sequence[Project], state: Path
    ) -> None:
        self._config, self._repository, self._chosen = config, repository, chosen
        self._state = state
        self._plan = cache(self._plan_of)
        self._rules = cache(self._rules_of)

    def build_reads(self, path: str) -> bool | None:
        """Whether any of the builds reads this path; None where nobody can tell."""
        answers = []
        for project in self._chosen:
            inner = project.inside(path, project.folder)
            answers.append(False if inner is None else reads(self._plan(project), inner))
        if True in answers:
            return True
        return None if None in answers else False

    def upload_rule(self, path: str) -> str:
        """The ignore rule that keeps a path out of an upload, empty where it goes."""
        for project in self._chosen:
            inner = project.inside(path, project.folder)
            if inner is None or is_ignore_file(inner):
                continue
            rule = self._rules(project).rule(inner)
            if rule:
                return rule
        return ""

    def build_files(self) -> Iterator[BuildFile]:
        """The Cloud Build files beside what is built."""
        for project in self._chosen:
            folder = (self._repository.root or Path()) / project.folder
            if next(folder.glob("cloudbuild*.y*ml"), None):
                from landed.cloudbuild import recipe  # noqa: PLC0415 - few need a YAML reader

                yield from recipe.look(folder, project.settings.dockerfile, project.folder)

    def swept_in(self) -> Iterator[str]:
        """The folder with landed's own state, where an upload to Google Cloud would take it along:
        gcloud does not read the .gitignore inside it. The local cloud leaves it out by itself.
        """
        root, known = self._repository.root, self._config.settings.environments.values()
        if root is None or not any(one.provider == "gcp" for one in known):
            return
        path = os.path.relpath(self._state.resolve(), root.resolve())
        for project in self._chosen:
            inner = project.inside(path, project.folder)
            if (
                inner
                and self._state.is_dir()
                and not self._rules(project).rule(f"{inner}/ledger.db")
            ):
                yield path
                return

    def own_files(self) -> frozenset[str]:
        """Landed's own settings and state: never part of what is built."""
        root = self._repository.root
        own = {FILE_NAME, STATE_FOLDER, PROOF}
        if root and self._config.file:
            own.add(os.path.relpath(self._config.file.resolve(), root.resolve()))
        return frozenset(own)

    def _plan_of(self, project: Project) -> Plan | Unseen:
        return plan_at(WorkFiles(project), project.settings.dockerfile)

    def _rules_of(self, project: Project) -> UploadRules:
        return UploadRules.read((self._repository.root or Path()) / project.folder)


class WorkFiles:
    """The paths of HEAD and of the work tree together: all that a build could find here."""

    def __init__(self, project: Project) -> None:
        repository = project.repository
        head, _ = repository.head()
        tree = repository.tree(head, project.folder) if head else {}
        listed = repository.git_in_work_tree("ls-files", "-c", "-o", "-z").out.split(b"\0")
        inner = (project.inside(os.fsdecode(path), project.folder) for path in listed if path)
        here = {path: File(mode="100644", blob="") for path in inner if path is not None}
        self.files: Mapping[str, File] = {**here, **tree}
        self._folder = (repository.root or Path()) / project.folder

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files on disk; no link is followed."""
        found: dict[str, bytes | None] = {}
        for path in paths:
            place = self._folder / path
            found[path] = place.read_bytes() if place.is_file() and not place.is_symlink() else None
        return found
