"""File by file: what was expected against what is there, by git blob id.

Checkouts and images change some bytes on purpose: line ends, and LFS files in place of their
pointers. Such a file counts as the same. A lost exec bit is told apart from other content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

from landed.core.model import Difference, DifferenceKind, Frozen
from landed.core.probe import GITLINK, SYMLINK, Content

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)


class Compared(Frozen):
    """`same` files are equal by content; `extra` paths are there and were not expected."""

    same: int
    differences: tuple[Difference, ...]
    extra: tuple[str, ...]


def compare(expected: Content, actual: Content, paths: Collection[str] | None = None) -> Compared:
    """Compares `paths` of `expected` (all of them by default) with the same paths of `actual`."""
    wanted = expected.files if paths is None else {p: expected.files[p] for p in paths}
    differences: list[Difference] = []
    doubtful: list[str] = []
    same = 0
    for path, file in wanted.items():
        if file.mode == GITLINK:
            continue
        there = actual.files.get(path)
        if there is None:
            differences.append(Difference(path=path, kind=DifferenceKind.MISSING))
        elif (there.mode == SYMLINK) != (file.mode == SYMLINK):
            differences.append(Difference(path=path, kind=DifferenceKind.CHANGED))
        elif there.blob != file.blob:
            doubtful.append(path)
        else:
            same += 1
            if there.mode != file.mode:
                differences.append(Difference(path=path, kind=DifferenceKind.MODE))
    if doubtful:
        ours, theirs = expected.read(doubtful), actual.read(doubtful)
        for path in doubtful:
            if same_content(ours.get(path), theirs.get(path)):
                same += 1
                if not is_lfs_pointer(ours.get(path)):
                    kind = DifferenceKind.LINE_ENDS
                    differences.append(Difference(path=path, kind=kind))
            else:
                differences.append(Difference(path=path, kind=DifferenceKind.CHANGED))
    extra = tuple(path for path in actual.files if path not in expected.files)
    return Compared(same=same, differences=tuple(differences), extra=extra)


def same_content(committed: bytes | None, there: bytes | None) -> bool:
    """Equal but for what a checkout changes: line ends, and an LFS pointer's real file.

    Content that could not be read is never the same.
    """
    if committed is None or there is None:
        return False
    if committed == there:
        return True
    pointer = _POINTER.match(committed)
    if pointer:
        return hashlib.sha256(there).hexdigest().encode() == pointer[1]
    if b"\0" in committed or b"\0" in there:
        return False
    return committed.replace(b"\r\n", b"\n") == there.replace(b"\r\n", b"\n")


def generated(paths: Iterable[str], content: Content) -> set[str]:
    """Those of the paths that are byte code which Python made of a source that is there as well,
    and checks against it. Unchecked byte code runs whatever the source says: it does not count.
    """
    candidates = [
        path
        for path in paths
        if (found := _BYTE_CODE.fullmatch(path)) and f"{found[1]}{found[2]}.py" in content.files
    ]
    contents = content.read(candidates)
    return {path for path in candidates if _is_checked(contents.get(path))}


_BYTE_CODE = re.compile(r"(?s)(.*?)__pycache__/([^/]+?)\.[^./]+(?:\.opt-\d)?\.pyc")


def _is_checked(byte_code: bytes | None) -> bool:
    """Its second word holds flags: 1 is a hash without a check (PEP 552)."""
    return byte_code is not None and len(byte_code) >= 16 and byte_code[4] & 0b11 != 0b01


def is_lfs_pointer(data: bytes | None) -> bool:
    """Whether this is what git LFS keeps in place of a file."""
    return data is not None and _POINTER.match(data) is not None


def is_ignore_file(path: str) -> bool:
    """Git's and gcloud's own lists of what to leave out: uploads drop them, and nobody misses
    them.
    """
    return path.rsplit("/", 1)[-1] in {".gitignore", ".gcloudignore"}


_BESIDE_FOLDERS = frozenset(
    {"doc", "docs", "test", "tests", "spec", "specs", ".github", ".gitlab", ".circleci", ".vscode"}
)
_BESIDE_SUFFIXES = (".md", ".rst", ".adoc")
_BESIDE_NAMES = re.compile(
    r"\.(?:git|docker|gcloud)ignore|\.gitattributes|\.gitmodules|LICEN[CS]E.*|NOTICE.*|AUTHORS.*"
    r"|(?:.*\.)?Dockerfile.*|(?:docker-)?compose.*\.ya?ml|cloudbuild.*\.(?:ya?ml|json)|landed\.toml"
    r"|Makefile|\.editorconfig|\.pre-commit-config\.yaml|.*_test\.\w+|test_.*\.\w+",
    re.IGNORECASE,
)


def beside_the_code(path: str) -> bool:
    """Documentation, tests, CI and the build's own files: kept out of images on purpose."""
    *folders, name = path.split("/")
    return (
        any(folder.lower() in _BESIDE_FOLDERS for folder in folders)
        or name.lower().endswith(_BESIDE_SUFFIXES)
        or _BESIDE_NAMES.fullmatch(name) is not None
    )
