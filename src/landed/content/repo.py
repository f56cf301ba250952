"""A git repository that somebody else wrote, read safely.

With the repository's own configuration only `git rev-parse` of folders and `git config --list`
run, and neither executes anything. All other reading happens in a scratch repository (see
`content.git.scratch`), so that no filter, hook, monitor, alias, diff driver or helper of the
inspected repository can run, not even one that git has yet to invent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from landed.content.git import place, process, scratch, transport
from landed.content.git.objects import Changed, Commit, File
from landed.content.git.place import Place
from landed.content.git.process import Done, need
from landed.content.git.room import Room
from landed.content.git.settings import Settings, parse
from landed.content.git.store import Store
from landed.content.git.transport import Answer
from landed.core.errors import UsageError

__all__ = ["Answer", "Changed", "Commit", "File", "Repository"]


class Repository(Store):
    """A repository, opened. All methods may be called from several threads at once."""

    def __init__(self, place: Place, settings: Settings, head: str | None) -> None:
        self.settings = settings
        self.root = place.root
        self.object_format = settings.last("extensions.objectformat") or "sha1"
        held = ExitStack()
        folder = Path(held.enter_context(Room()))
        self._refs = scratch.make(folder, place, settings)
        self._branch = scratch.head_branch(folder)
        self._head = head
        # Refs are what they were when this was opened.
        self._resolved = lru_cache(maxsize=8)(self._resolve)
        super().__init__(
            folder,
            alternates=scratch.alternates(place),
            partial=settings.partial,
            place=place,
            held=held,
        )

    @classmethod
    def open(cls, path: Path) -> Repository:
        """Opens the repository that `path` lies in.

        Raises UsageError where there is none, or where it belongs to somebody else.
        """
        if not path.is_dir():
            raise UsageError(f"{path} is no folder", "name a folder inside a git repository")
        env = process.asking()
        with ThreadPoolExecutor(2) as both:
            where = both.submit(process.run, *place.QUESTION, env=env, cwd=path)
            listed = both.submit(
                process.run, "config", "--list", "-z", "--show-scope", env=env, cwd=path
            )
        found, head = place.read(path, where.result())
        settings = parse(need(listed.result(), "the configuration cannot be read"))
        return cls(found, settings, head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Removes the scratch repository, and ends what still reads it."""
        self.held.close()

    def git_in_work_tree(self, *arguments: str, given: bytes = b"") -> Done:
        """Runs git on the real work tree and index, under the scratch's configuration."""
        if self.root is None:
            raise UsageError("this repository is bare: it has no work tree")
        env = {
            **self.env,
            "GIT_WORK_TREE": str(self.root),
            "GIT_INDEX_FILE": str(self.place.git_dir / "index"),
        }
        return process.run(*arguments, env=env, cwd=self.root, given=given)

    def head(self) -> tuple[str | None, str | None]:
        """HEAD's commit, None before the first; and its branch, None where it is detached."""
        branch = self._branch.removeprefix("refs/heads/") if self._branch else None
        return self._head, branch

    def ref(self, name: str) -> str | None:
        """What a ref of this repository pointed to when it was opened."""
        if not self._refs.table:
            return self._refs.id(name)
        done = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return done.out.decode().strip() or None

    def resolve(self, rev: str) -> str:
        """The id of the commit that `rev` names. Raises UsageError where that is not one."""
        return self._resolved(rev)

    def _resolve(self, rev: str) -> str:
        if not rev or rev.startswith("-") or "\0" in rev:
            raise UsageError(f"`{rev}` names no commit", "give a commit id, a branch or a tag")
        if "@{" in rev or rev.startswith("@"):
            scratch.copy_logs(self.place, self.folder)
        # What follows `:/` is looked for in messages, and is a commit already.
        peeled = rev if rev.startswith(":/") else f"{rev}^{{commit}}"
        if known := self.standing.commit(peeled):
            return known
        done = self.git("rev-parse", "--verify", "--end-of-options", peeled)
        if not done.code:
            return done.out.decode().strip()
        raise self._unresolved(rev, done.words)

    def _unresolved(self, rev: str, words: str) -> UsageError:
        candidates = re.findall(r"(?m)^hint:\s+([0-9a-f]+ commit .*)$", words)
        if candidates:
            return UsageError(
                f"`{rev}` is the beginning of several commits: {'; '.join(candidates)}",
                "give more of its digits",
            )
        if self._head is None and rev in {"HEAD", "@", self.head()[1]}:
            return UsageError("this repository has no commits yet", "commit something first")
        done = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", rev)
        kind = self.git("cat-file", "-t", done.out.decode().strip()).out.decode().strip()
        if kind in {"blob", "tree", "tag"}:
            return UsageError(f"`{rev}` is a {kind}, not a commit", "give a commit")
        hint = "`git log` shows the commits that are here, `git fetch` brings others"
        if self.shallow:
            hint = "this clone is shallow; `git fetch --unshallow` brings the rest"
        return UsageError(f"no commit `{rev}` is here", hint)

    def remotes(self) -> dict[str, str]:
        """The configured remotes with their URLs, as they are written there."""
        return {name: urls[0] for name, urls in self.settings.by_subsection("remote.url").items()}

    def upstream(self) -> tuple[str, str] | None:
        """The remote and the ref there that the current branch follows."""
        _, branch = self.head()
        remotes = self.settings.by_subsection("branch.remote").get(branch or "")
        refs = self.settings.by_subsection("branch.merge").get(branch or "")
        return (remotes[-1], refs[-1]) if remotes and refs else None

    def ls_remote(self, url: str, timeout: float = 20) -> Answer:
        """Asks the remote itself for its refs. Raises ProviderError where it does not answer."""
        return transport.ls_remote(self._caller(), url, timeout)

    def fetch(self, url: str, wanted: Sequence[str], timeout: float = 60) -> None:
        """Brings ids or refs of a remote into the scratch; all reading then sees them."""
        transport.fetch(self._caller(), url, wanted, timeout)

    def push(self, url: str, commit: str, ref: str, timeout: float = 60) -> None:
        """Moves a ref of a remote forward to a commit, by the user's own authentication. No hook
        of this repository runs. Raises ProviderError where the remote refuses.
        """
        transport.push(self._caller(), url, commit, ref, timeout)

    def _caller(self) -> transport.Caller:
        return transport.Caller(
            borrowed=self.borrowed,
            cwd=self.root or self.place.git_dir,
            settings=self.settings,
        )
