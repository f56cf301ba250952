"""Which commit a folder of files comes from, and where in the repository it lies.

The plain form: the starting commits, and some history behind each along first parents, scored
file by file. Walking back costs one diff a commit, not one tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from landed.content.having import HISTORY
from landed.content.names import prefix_of
from landed.content.repo import Repository
from landed.core.probe import File

COMMON = 20
"""A blob that stands in more places than this says nothing about where a folder lies."""


def place(files: Mapping[str, File], tree: Mapping[str, File], preferred: str) -> str:
    """The folder of `tree` whose files these are, by a vote of the files themselves.

    The preferred folder wins a tie, then the shortest name.
    """
    where: dict[str, list[str]] = {}
    for path, file in tree.items():
        where.setdefault(file.blob, []).append(path)
    votes: Counter[str] = Counter()
    for path, file in files.items():
        candidates = where.get(file.blob, [])
        if len(candidates) > COMMON:
            continue
        for candidate in candidates:
            if candidate == path:
                votes[""] += 1
            elif candidate.endswith(f"/{path}"):
                votes[candidate[: -len(path) - 1]] += 1
    if not votes:
        return preferred
    return min(votes, key=lambda folder: (-votes[folder], folder != preferred, len(folder)))


def nearest(
    repository: Repository,
    files: Mapping[str, File],
    folder: str,
    starts: Sequence[str],
    dropped: Callable[[str], bool],
) -> str:
    """The commit whose files below `folder` come closest to these.

    Paths that an upload would have `dropped` do not count as missing. Raises IndexError without
    a start. Of equals the earliest in `starts` wins, then the newest.
    """
    best, best_score = starts[0], None
    for start in starts:
        score = _score(files, repository.tree(start, folder), dropped)
        if best_score is None or score > best_score:
            best, best_score = start, score
        if score == len(files):
            return start
    for start in starts:
        for commit, score in _behind(repository, files, folder, start, dropped):
            if best_score is None or score > best_score:
                best, best_score = commit, score
            if score == len(files):
                return commit
    return best


def _behind(
    repository: Repository,
    files: Mapping[str, File],
    folder: str,
    start: str,
    dropped: Callable[[str], bool],
) -> Iterable[tuple[str, int]]:
    """Each commit behind `start` along first parents, with its score."""
    tree = dict(repository.tree(start, folder))
    score = _score(files, tree, dropped)
    prefix = prefix_of(folder)
    line = repository.first_parents(start, HISTORY)
    changes = repository.changes(line[:-1])
    for child, parent in pairwise(line):
        for path, old, _ in changes.get(child, []):
            if not path.startswith(prefix):
                continue
            inner = path[len(prefix) :]
            if inner not in files and dropped(inner):
                continue
            score -= _points(files.get(inner), tree.get(inner))
            if old is None:
                tree.pop(inner, None)
            else:
                tree[inner] = old
            score += _points(files.get(inner), tree.get(inner))
        yield parent, score


def _score(
    files: Mapping[str, File], tree: Mapping[str, File], dropped: Callable[[str], bool]
) -> int:
    found = sum(_points(file, tree.get(path)) for path, file in files.items())
    missing = (path for path in tree if path not in files and not dropped(path))
    return found + sum(_points(None, tree[path]) for path in missing)


def _points(there: File | None, committed: File | None) -> int:
    """One for an equal file, one less for one that differs or is missing."""
    if committed is None:
        return 0
    if there is None:
        return -1
    return 1 if there.blob == committed.blob else -1
