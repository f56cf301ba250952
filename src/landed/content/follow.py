"""The files of a change in a later commit, under the names that they have there."""

from __future__ import annotations

from collections.abc import Sequence

from landed.content.git.objects import Changed, File
from landed.content.git.store import Store
from landed.core.errors import ProviderError

UNKNOWN = File(mode="", blob="")
"""A file of which nobody can tell what it became: equal to nothing, and unread."""


def followed(
    store: Store, changed: Sequence[Changed], since: str, commit: str
) -> dict[str, tuple[str, File]]:
    """What `commit` has of the files that a change of the commit `since` made or left: by their
    path in the change, the path and the file now. What was renamed is followed as git recognises
    it; what was removed is left out.
    """
    names = list(dict.fromkeys(path for path, _, _ in changed))
    found = {path: (path, file) for path, file in store.files(commit, names).items()}
    made = {path for path, _, new in changed if new is not None}
    gone = [path for path in names if path in made and path not in found]
    if not gone:
        return found
    try:
        renames = store.renames(since, commit)
    except ProviderError:
        # A partial clone has not the contents that tell a renamed file from a removed one.
        if not store.partial:
            raise
        return found | {path: (path, UNKNOWN) for path in gone}
    moved = {path: renames[path] for path in gone if path in renames}
    there = store.files(commit, list(moved.values())) if moved else {}
    return found | {path: (name, there[name]) for path, name in moved.items() if name in there}
