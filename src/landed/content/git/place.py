"""Where the parts of a repository lie, as git itself finds them."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from landed.content.git.process import Done, first_words
from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen

QUESTION = (
    "rev-parse",
    "--absolute-git-dir",
    "--git-common-dir",
    "--is-bare-repository",
    "--is-inside-git-dir",
    "--show-cdup",
    "HEAD",
)


class Place(Frozen):
    """Where the parts of a repository lie. `root` is the work tree's, None where it is bare."""

    git_dir: Path
    common_dir: Path
    root: Path | None


def read(path: Path, answer: Done) -> tuple[Place, str | None]:
    """The place and HEAD's commit, from what git answered to QUESTION in `path`.

    Raises UsageError where `path` lies in no repository, or in one of somebody else.
    """
    lines = os.fsdecode(answer.out).split("\n")[:-1]
    # Where there is no work tree around, git leaves out the line with the way up to its root.
    if "true" in lines[2:4]:
        lines.insert(4, "")
    # Where there is no commit yet, git echoes the word HEAD, and mostly fails.
    if len(lines) != len(QUESTION) - 1 or (answer.code and lines[5] != "HEAD"):
        raise _refused(path, answer.words)
    git_dir, common, bare, inside, up, head = lines
    if bare == "false" and inside == "true":
        raise UsageError(f"{path} is git's own folder", "name a folder of the work tree")
    root = None if bare == "true" else (path / up).resolve()
    place = Place(git_dir=Path(git_dir), common_dir=(path / common).resolve(), root=root)
    return place, None if head == "HEAD" else head


def _refused(path: Path, words: str) -> Exception:
    if "dubious ownership" in words:
        return UsageError(
            f"the repository at {path} belongs to another user, so git refuses it",
            f"where you trust it: git config --global --add safe.directory "
            f"{shlex.quote(str(path.resolve()))}",
        )
    if "not a git repository" in words:
        return UsageError(f"{path} is in no git repository", "run landed inside one, or name one")
    return ProviderError(f"git cannot open {path}: {first_words(words) or 'no answer'}")
