"""File by file: what was expected against what is there, by git blob id.

Checkouts and images change some bytes on purpose (see `content.checkout`), and lose exec bits. Such
a file counts as the same, and what it lost is told apart. What could not be read is never the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from landed.content.checkout import difference
from landed.content.git.attributes import UNSPECIFIED, Rules, folders, no_rules
from landed.core.model import (
    Frozen,
)
from landed.core.probe import GITLINK, SYMLINK, Content, File
from landed.core.seen import (
    Difference,
    DifferenceKind,
)

EXPORT_IGNORE = ".gitattributes: export-ignore"


class Compared(Frozen):
    """`same` files are equal by content; `extra` paths are there and were not expected."""

    same: int
    differences: tuple[Difference, ...]
    extra: tuple[str, ...]


def compare(
    expected: Content,
    actual: Content,
    rules: Rules = no_rules,
    submodules: Collection[str] = (),
) -> Compared:
    """Compares all files of `expected` with the same paths of `actual`.

    `rules` are the attributes of the expected paths. `submodules` are folders of which `expected`
    holds the files; of one that stands there as a link nobody knows them.
    """
    links = [path for path, file in expected.files.items() if file.mode == GITLINK]
    absent = _absent([*submodules, *links], actual)
    found = [Difference(path=path, kind=DifferenceKind.SUBMODULE) for path in absent]
    unknown = [link for link in links if link not in absent]
    found += [Difference(path=path, kind=DifferenceKind.UNREAD) for path in unknown]
    left_out = _below(absent)
    missing: list[str] = []
    doubtful: list[str] = []
    same = 0
    for path, file in expected.files.items():
        there = actual.files.get(path)
        if file.mode == GITLINK:
            continue
        if there is None:
            missing += [] if path.startswith(left_out) else [path]
        elif there.blob == file.blob and _kind(there) == _kind(file):
            same += 1
            found += _mode(path, file, there)
        elif SYMLINK in (_kind(there), _kind(file)):
            found.append(Difference(path=path, kind=DifferenceKind.CHANGED))
        else:
            doubtful.append(path)
    for path, kind in _judged(doubtful, expected, actual, rules):
        found += [] if kind is None else [Difference(path=path, kind=kind)]
        if kind not in (DifferenceKind.CHANGED, DifferenceKind.UNREAD):
            same += 1
            found += _mode(path, expected.files[path], actual.files[path])
    found += _missing(missing, expected, actual, rules)
    hidden = _below(unknown)
    extra = (path for path in actual.files if path not in expected.files)
    return Compared(
        same=same,
        differences=tuple(found),
        extra=tuple(path for path in extra if not path.startswith(hidden)),
    )


def _judged(
    paths: list[str], expected: Content, actual: Content, rules: Rules
) -> Iterable[tuple[str, DifferenceKind | None]]:
    """How each of these differs: all of them have another blob."""
    if not paths:
        return
    said = rules(paths)
    ours, theirs = expected.read(paths), actual.read(paths)
    for path in paths:
        one, other = ours.get(path), theirs.get(path)
        if one is None or other is None:
            yield path, DifferenceKind.UNREAD
            continue
        blob = expected.files[path].blob
        yield path, difference(one, other, blob, said.get(path, UNSPECIFIED))


def _missing(
    paths: list[str], expected: Content, actual: Content, rules: Rules
) -> list[Difference]:
    """What is not there. `git archive` explains it for files that it leaves out, as long as not one
    of those is there.
    """
    if not paths:
        return []
    ignored = {path for path, said in rules(expected.files).items() if said.ignored}
    archived = not any(path in actual.files for path in ignored)
    return [
        Difference(path=path, kind=DifferenceKind.EXPORT_IGNORED, rule=EXPORT_IGNORE)
        if archived and path in ignored
        else Difference(path=path, kind=DifferenceKind.MISSING)
        for path in paths
    ]


def _absent(submodules: Iterable[str], actual: Content) -> list[str]:
    """Those of which nothing is there; of one inside another, the outer alone."""
    roots = {f"{path}/": path for path in submodules}
    if not roots:
        return []
    seen = {head for path in actual.files for head in folders(path) if head in roots}
    absent = {root for root in roots if root not in seen}
    return [roots[root] for root in absent if absent.isdisjoint(folders(roots[root]))]


def _below(roots: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{root}/" for root in roots)


def _kind(file: File) -> str:
    """Whether it is a file or a link: a file whose mode nobody knows is a file."""
    return file.mode if file.mode == SYMLINK else "100644"


def _mode(path: str, file: File, there: File) -> list[Difference]:
    """Whether the exec bit is another one."""
    known = there.mode and file.mode
    differs = known and there.mode != file.mode
    return [Difference(path=path, kind=DifferenceKind.MODE)] if differs else []
