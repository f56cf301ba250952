"""Which commits have these contents, or had them: asked by blob ids and paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from landed.content.repo import Repository

HISTORY = 2_000
ASKED = 500
TELLING = 20


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
