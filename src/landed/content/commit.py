"""A commit's files as content, and what a Dockerfile among some files would make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from landed.content.git.store import Store
from landed.content.placement import Plan, plan_image
from landed.core.errors import UsageError
from landed.core.probe import GITLINK, Content, File, Lent

MAX_TEXT = 1 << 20


class CommitFiles:
    """The files of a commit below one folder, as `Content`.

    Without `submodules` their folders are empty, as in a clone that does not fetch them.
    """

    def __init__(
        self, store: Store, commit: str, folder: str = "", *, submodules: bool = True
    ) -> None:
        self.store = store
        self.commit = commit
        self.folder = folder
        self._submodules = submodules

    @cached_property
    def files(self) -> Mapping[str, File]:
        """By path from the folder."""
        tree = self.store.tree(self.commit, self.folder)
        if self._submodules:
            return tree
        return {path: file for path, file in tree.items() if file.mode != GITLINK}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files."""
        blobs = {path: self.files[path].blob for path in paths if path in self.files}
        contents = self.store.read(blobs.values())
        return {path: contents.get(blob) for path, blob in blobs.items()}


def plan_of(
    content: Content,
    dockerfile: str,
    build_args: Mapping[str, str] | None = None,
    *,
    lent: Callable[[str], Lent] | None = None,
    ignoring: bool = True,
) -> Plan:
    """What the Dockerfile in `content` would put where. Raises UsageError where it is not there or
    cannot be built.

    `lent` says what the base of a name lends; nothing, by default. Without `ignoring`: what would
    be put there if there were no `.dockerignore`.
    """
    own = f"{dockerfile}.dockerignore"
    ignore = own if own in content.files else ".dockerignore"
    texts = content.read([dockerfile, ignore])
    recipe = texts.get(dockerfile)
    if recipe is None:
        raise UsageError(
            f"the source has no {dockerfile}, so nobody can tell what goes where",
            "name it, or the folder that has it: with --dockerfile and --context, or in "
            "landed.toml",
        )
    try:
        return plan_image(
            _text(recipe, dockerfile),
            list(content.files),
            dockerignore=_text(texts.get(ignore) or b"", ignore) if ignoring else "",
            build_args=build_args,
            dockerfile_path=dockerfile,
            lent=lent,
        )
    except UsageError as error:
        raise UsageError(f"{dockerfile}: {error.message}", error.hint) from error


def _text(data: bytes, path: str) -> str:
    if len(data) > MAX_TEXT:
        raise UsageError(f"{path} is larger than {MAX_TEXT >> 20} MiB", "make it smaller")
    return data.decode("utf-8", "replace")
