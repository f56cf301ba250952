"""A build's workspace: what was uploaded and what was cloned, each in its folder, never laid out
unless a step has to see files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from landed.content.commit import CommitFiles
from landed.content.git import process
from landed.core.errors import DataError, UsageError
from landed.core.model import Frozen
from landed.core.probe import SYMLINK, Content, File
from landed.localcloud.records import SourceRecord


class Part(Frozen):
    """Files in one folder of the workspace, and where they are from."""

    content: Content
    source: SourceRecord


def inside(folder: str, path: str = "") -> str:
    """A path of the workspace, empty for its top. Raises UsageError for one that lies outside."""
    joined = posixpath.normpath(posixpath.join("/workspace", folder, path))
    if joined == "/workspace":
        return ""
    if not joined.startswith("/workspace/"):
        raise UsageError(f"`{path or folder}` lies outside of /workspace", "use a path below it")
    return joined.removeprefix("/workspace/")


class Workspace:
    """The folders of one build, less the files that a step has `removed`."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.removed: set[str] = set()

    def holder(self, folder: str) -> tuple[str, Part] | None:
        """The innermost part that a folder lies in, and where that part lies."""
        tops = [top for top in self.parts if _below(folder, top) is not None]
        top = max(tops, key=len, default=None)
        return None if top is None else (top, self.parts[top])

    def files(self, folder: str) -> Content:
        """What lies below a folder, of all parts; a part covers what others have in its place."""
        shown: list[tuple[str, str, Content]] = []
        for top, part in sorted(self.parts.items(), key=lambda one: len(one[0])):
            within, around = _below(folder, top), _below(top, folder)
            if within is not None:
                shown.append(("", within, part.content))
            elif around is not None:
                shown.append((around, "", part.content))
        gone = (_below(path, folder) for path in self.removed)
        return _Merged(shown, frozenset(path for path in gone if path))

    def lay_out(self, folder: Path) -> None:
        """Writes all files, for a step that has to see them. A clone has its `.git`, too."""
        files = self.files("")
        for path, data in files.read(files.files).items():
            _lay(folder, path, files.files[path], data)
        for top, part in self.parts.items():
            if isinstance(part.content, CommitFiles):
                _with_git(folder / top, part.content)


def _below(path: str, top: str) -> str | None:
    """The path as it is from `top`; None where it does not lie in there."""
    if not top or path == top:
        return path if not top else ""
    return path.removeprefix(f"{top}/") if path.startswith(f"{top}/") else None


class _Merged:
    """Several contents as one: each shown at a place, and from a folder of its own on."""

    def __init__(self, shown: Sequence[tuple[str, str, Content]], removed: frozenset[str]) -> None:
        self._shown = shown
        self._removed = removed

    @cached_property
    def _from(self) -> dict[str, tuple[Content, str]]:
        found: dict[str, tuple[Content, str]] = {}
        for place, within, content in self._shown:
            for path in content.files:
                inner = _below(posixpath.normpath(path), within)
                if inner:
                    found[posixpath.join(place, inner)] = (content, path)
        return {path: own for path, own in found.items() if path not in self._removed}

    @cached_property
    def files(self) -> Mapping[str, File]:
        """Every file by its path."""
        return {path: content.files[own] for path, (content, own) in self._from.items()}

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of these files."""
        found: dict[str, bytes | None] = {}
        asked: dict[int, tuple[Content, dict[str, str]]] = {}
        for path in paths:
            if path not in self._from:
                found[path] = None
                continue
            content, own = self._from[path]
            asked.setdefault(id(content), (content, {}))[1][own] = path
        for content, names in asked.values():
            read = content.read(names)
            found |= {path: read.get(own) for own, path in names.items()}
        return found


def _lay(folder: Path, path: str, file: File, data: bytes | None) -> None:
    """Writes one file. Raises DataError where that would be outside, also by a link."""
    if data is None:
        raise DataError(f"`{path[:200]}` is too large to be laid out", "leave it out")
    place = folder / path
    try:
        if not place.parent.resolve().is_relative_to(folder):
            raise DataError(f"`{path[:200]}` lies outside of the workspace", "mend the archive")
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == SYMLINK:
            place.symlink_to(data.decode("utf-8", "surrogateescape"))
        else:
            place.write_bytes(data)
            place.chmod(0o755 if file.mode == "100755" else 0o644)
    except (OSError, ValueError) as error:
        raise DataError(
            f"`{path[:200]}` cannot be laid out: {error}", "mend the archive"
        ) from error


def _with_git(folder: Path, clone: CommitFiles) -> None:
    """Puts the repository there that a clone would have left."""
    folder.mkdir(parents=True, exist_ok=True)
    for words in (
        ("init", "--quiet", "--template="),
        ("fetch", "--quiet", "--no-tags", "--", str(clone.store.folder), clone.commit),
        ("reset", "--quiet", "--mixed", clone.commit),
    ):
        done = process.run(*words, env=process.reading(), cwd=folder)
        if done.code:
            raise DataError(f"the clone cannot be laid out: {process.first_words(done.words)}")
