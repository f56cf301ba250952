"""What lies in the folder, and what the commit's own `.gitattributes` there say of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from functools import cached_property

from landed.content.blob import blob_id
from landed.content.checkout import is_lfs_pointer, pointer_to
from landed.content.folder import Folder
from landed.content.gate.expected import Known
from landed.content.git import attributes
from landed.content.git.attributes import UNSPECIFIED, Attributes
from landed.content.names import prefix_of
from landed.core.probe import SYMLINK, File

_CHUNK = 1 << 20


class Given:
    """The folder as `Content`, without the proof that came along in it."""

    def __init__(self, known: Known, folder: Folder) -> None:
        self._known = known
        self._folder = folder
        self._there = {p: f for p, f in folder.files.items() if p != known.own}
        self._said: dict[str, Attributes] = {}
        names = [p for p in known.files if p.rsplit("/", 1)[-1] == attributes.NAME]
        # Only the commit's own attributes, and all of them, may explain a difference.
        own = (
            all(self._there.get(p) == known.files[p] for p in names) and not known.ruled_from_above
        )
        speak = own and any(b"lfs" in (text or b"") for text in folder.read(names).values())
        self.without_git = bool(names) and shutil.which("git") is None
        self._ruled = bool(names) and own and not self.without_git
        self._lfs = speak and self._ruled
        self.lfs_unseen = speak and self.without_git

    @cached_property
    def files(self) -> Mapping[str, File]:
        """Every file by its path. The one that a committed LFS pointer stands for has the pointer's
        id: that is what git would commit of it.
        """
        found = dict(self._there)
        for path, file in self._with_lfs(same=False):
            pointer = self._pointer(path)
            if pointer == self._known.files[path].blob:
                found[path] = File(mode=file.mode, blob=pointer)
        return found

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files."""
        return self._folder.read(paths)

    def pointers(self) -> list[str]:
        """The LFS pointers that lie here in place of their files."""
        small = [path for path, _ in self._with_lfs(same=True)]
        return [path for path, data in self._folder.read(small).items() if is_lfs_pointer(data)]

    def rules(self, paths: Iterable[str]) -> Mapping[str, Attributes]:
        """The attributes of some paths: of each those of its own repository."""
        wanted = [path for path in paths if path not in self._said] if self._ruled else []
        inner = sorted(self._known.roots, key=len, reverse=True)
        for root in (*inner, ""):
            start = prefix_of(root)
            mine = [path for path in wanted if path.startswith(start)]
            found = attributes.of_folder(
                self._folder.root / root, (path[len(start) :] for path in mine)
            )
            self._said |= {path: found.get(path[len(start) :], UNSPECIFIED) for path in mine}
            wanted = [path for path in wanted if not path.startswith(start)]
        return self._said

    def _with_lfs(self, *, same: bool) -> list[tuple[str, File]]:
        """Files that LFS keeps elsewhere, and whose bytes here are, or are not, the committed."""
        if not self._lfs:
            return []
        known = self._known.files
        found = [
            (path, file)
            for path, file in self._there.items()
            if path in known and (file.blob == known[path].blob) is same and file.mode != SYMLINK
        ]
        said = self.rules(path for path, _ in found)
        return [(path, file) for path, file in found if said[path].lfs]

    def _pointer(self, path: str) -> str:
        with (self._folder.root / path).open("rb") as file:
            text = pointer_to(iter(lambda: file.read(_CHUNK), b""))
        return blob_id([text], len(text), self._folder.object_format)
