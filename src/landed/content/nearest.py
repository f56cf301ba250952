"""Which commit a folder of files comes from, and where in the repository it lies.

The plain form: the starting commits, and some history behind each along first parents, scored
file by file. Walking back costs one diff a commit, not one tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, pairwise

from landed.content.repo import Repository
from landed.core.probe import File

HISTORY = 2_000
ASKED = 500
TELLING = 20
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
    prefix = f"{folder}/" if folder else ""
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


def holders(repository: Repository, contents: Mapping[str, str]) -> dict[str, str]:
    """Which commit has this very content at this path, by path; only for those that one has.

    `contents` are blob ids by path from the root; of more than ASKED, the first are asked about.
    """
    contents = dict(islice(contents.items(), ASKED))
    states = history(repository, list(contents))
    return {path: states[path][blob][0] for path, blob in contents.items() if blob in states[path]}


def history(repository: Repository, paths: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """The contents that these paths have had, by blob id, each with the commits that brought it,
    newest first. All branches and tags count; a stash or a note is no history.
    """
    found: dict[str, dict[str, list[str]]] = {path: {} for path in paths}
    if not paths:
        return found
    everywhere = ("--exclude=refs/stash", "--exclude=refs/notes/*", "--all")
    commits = repository.log(everywhere, paths=paths, most=HISTORY)
    for commit, changed in repository.changes(commits, paths).items():
        for path, _, new in changed:
            if new is not None and path in found:
                found[path].setdefault(new.blob, []).append(commit)
    return found


def having(
    repository: Repository, start: str, below: Sequence[str], contents: Mapping[str, str | None]
) -> list[str]:
    """The commits behind `start` that changed something `below` (anywhere, where that is empty) and
    have just these contents: blob ids by path, None where nothing may be. Newest first; of many
    contents the first TELLING are looked at.
    """
    paths = [path for path in contents if "\n" not in path][:TELLING]
    if not paths:
        return []
    line = repository.log([start], paths=below, most=HISTORY)
    wanted = tuple(contents[path] for path in paths)
    there = repository.blobs_at(line, paths)
    return [commit for commit in line if there[commit] == wanted]


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
