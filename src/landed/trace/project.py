"""What a trace is about: one deployable of one repository, and its files at some commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from landed.config import DeployableSettings
from landed.content.placement import Plan, plan_image
from landed.content.repo import Repository
from landed.core.errors import LandedError
from landed.core.model import Unseen
from landed.core.probe import Content, File

MAX_TEXT = 1 << 20


class CommitFiles:
    """The files of a commit below one folder, as `Content`."""

    def __init__(self, repository: Repository, commit: str, folder: str) -> None:
        self.repository = repository
        self.commit = commit
        self.folder = folder

    @cached_property
    def files(self) -> Mapping[str, File]:
        """By path from the folder."""
        return self.repository.tree(self.commit, self.folder)

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files."""
        blobs = {path: self.files[path].blob for path in paths if path in self.files}
        contents = self.repository.read(blobs.values())
        return {path: contents.get(blob) for path, blob in blobs.items()}


class Project:
    """A deployable in a repository. Trees and plans are read once."""

    def __init__(self, repository: Repository, name: str, settings: DeployableSettings) -> None:
        self.repository = repository
        self.name = name
        self.settings = settings
        self.at = lru_cache(maxsize=64)(self._at)

    @property
    def folder(self) -> str:
        """The build's context from the repository's root, `""` for the root itself."""
        return normal_folder(self.settings.folder)

    def _at(self, commit: str, folder: str) -> CommitFiles:
        return CommitFiles(self.repository, commit, folder)

    def inside(self, path: str, folder: str) -> str | None:
        """A repository path as a path of the context, None where it lies outside."""
        if not folder:
            return path
        return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None


def normal_folder(folder: str) -> str:
    """`.` and `./x/` as git writes them: empty, and `x`."""
    return "/".join(part for part in folder.split("/") if part not in ("", "."))


def plan_of(
    content: Content,
    dockerfile: str,
    build_args: Mapping[str, str] | None = None,
    *,
    ignoring: bool = True,
) -> Plan | Unseen:
    """What the Dockerfile in `content` would put where; Unseen where that cannot be told.

    Without `ignoring`: what it would put there if there were no `.dockerignore`.
    """
    ignore = f"{dockerfile}.dockerignore"
    ignore = ignore if ignore in content.files else ".dockerignore"
    texts = content.read([dockerfile, ignore])
    recipe = texts.get(dockerfile)
    if recipe is None:
        return Unseen(
            reason=f"the source has no {dockerfile}, so nobody can tell what goes where",
            hint="set `dockerfile` in landed.toml",
        )
    try:
        return plan_image(
            _text(recipe),
            list(content.files),
            dockerignore=_text(texts.get(ignore) or b"") if ignoring else "",
            build_args=dict(build_args or {}),
            dockerfile_path=dockerfile,
        )
    except LandedError as error:
        return Unseen(reason=f"{dockerfile}: {error.message}", hint=error.hint)


def _text(data: bytes) -> str:
    return data[:MAX_TEXT].decode("utf-8", "replace")


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


def now() -> datetime:
    """The moment of an observation, in UTC."""
    return datetime.now(UTC)
