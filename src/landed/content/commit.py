"""A commit's files as content, and what a Dockerfile among some files would make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from landed.content.git import attributes
from landed.content.git.attributes import Attributes
from landed.content.git.store import Store
from landed.content.git.submodules import store_of
from landed.content.placement import Plan, plan_image
from landed.core.errors import UsageError
from landed.core.probe import GITLINK, Content, File, Lent

MAX_TEXT = 1 << 20


class CommitFiles:
    """The files of a commit below one folder, as `Content`, with those of its submodules.

    A submodule whose objects are not at hand stands there as the link that it is. Without
    `submodules` their folders are empty, as in a clone that does not fetch them.
    """

    def __init__(
        self, store: Store, commit: str, folder: str = "", *, submodules: bool = True
    ) -> None:
        self.store = store
        self.commit = commit
        self.folder = folder
        self._submodules = submodules

    @cached_property
    def _own(self) -> Mapping[str, File]:
        return self.store.tree(self.commit, self.folder)

    @cached_property
    def submodules(self) -> Mapping[str, CommitFiles]:
        """The submodules whose objects are at hand, by path from the folder."""
        found = {}
        for path, file in self._own.items():
            if self._submodules and file.mode == GITLINK:
                store = store_of(self.store, self.commit, self._whole(path), file.blob)
                if store is not None:
                    found[path] = CommitFiles(store, file.blob)
        return found

    @cached_property
    def files(self) -> Mapping[str, File]:
        """By path from the folder."""
        links = self.submodules.keys() if self._submodules else {*self._links()}
        own = {path: file for path, file in self._own.items() if path not in links}
        for root, inner in self.submodules.items():
            own |= {f"{root}/{path}": file for path, file in inner.files.items()}
        return own

    @property
    def roots(self) -> list[str]:
        """The folders of all submodules whose files are known, those inside others as well."""
        inside = (f"{root}/{r}" for root, inner in self.submodules.items() for r in inner.roots)
        return [*self.submodules, *inside]

    def _links(self) -> Iterator[str]:
        return (path for path, file in self._own.items() if file.mode == GITLINK)

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files."""
        found: dict[str, bytes | None] = {}
        for files, inner in self._by_owner(paths):
            if files is not self:
                read = files.read(inner)
                found |= {path: read.get(name) for name, path in inner.items()}
                continue
            blobs = {path: self._own[path].blob for path in inner if path in self._own}
            contents = self.store.read(blobs.values())
            found |= {path: contents.get(blob) for path, blob in blobs.items()}
        return found

    def rules(self, paths: Iterable[str]) -> dict[str, Attributes]:
        """What `.gitattributes` say of these files: of each those of its own repository."""
        found: dict[str, Attributes] = {}
        for files, inner in self._by_owner(paths):
            if files is self:
                whole = {self._whole(path): path for path in inner}
                said = attributes.read(self.store, self.commit, whole)
                found |= {whole[path]: one for path, one in said.items()}
            else:
                found |= {inner[path]: one for path, one in files.rules(inner).items()}
        return found

    def _whole(self, path: str) -> str:
        """A path as it is from the repository's root."""
        return f"{self.folder}/{path}" if self.folder else path

    def _by_owner(self, paths: Iterable[str]) -> list[tuple[CommitFiles, dict[str, str]]]:
        """The paths by the repository that they are of: in its own words, and in those of ours."""
        own: dict[str, str] = {}
        found: dict[str, dict[str, str]] = {}
        for path in paths:
            root = next((r for r in self.submodules if path.startswith(f"{r}/")), None)
            if root is None:
                own[path] = path
            else:
                found.setdefault(root, {})[path[len(root) + 1 :]] = path
        inside = [(self.submodules[root], inner) for root, inner in found.items()]
        return [(self, own), *inside] if own else inside


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
