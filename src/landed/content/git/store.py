"""Reads the objects that a scratch repository sees."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import IO

from landed.content.git import objects, process
from landed.content.git.batch import Batch, Standing
from landed.content.git.objects import Changed, Commit, File
from landed.content.git.place import Place
from landed.content.git.process import Done, need
from landed.core.errors import ProviderError

LARGEST_BLOB = 64 << 20
"""Larger blobs are not read: their content counts as not seen."""

MOST_RENAMED = 1000
_KEPT = 8
"""How many commits, and how many lists of files, are kept: a trace asks for the same ones."""
_PAIRS = 256
"""How many answers about two commits are kept, and how many merges and blobs."""
_SMALL = 64 << 10
"""Bytes. Larger contents are not kept."""
_LITERAL = "--literal-pathspecs"
_PATCH = ("diff-tree", "-p", "-r", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")


class Store:
    """Objects and history, by ids. Every method is one git command or two, or a question to the
    one git that is kept open for objects: until `held` is closed. What is kept of their answers
    never changes: an id names the same for ever. That something is not here is never kept.

    `place` is where the repository lies whose objects these are. `depth` counts the repositories
    that have this one as their submodule, in a row. `listed` are files of commits that somebody
    read before, by commit and folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        alternates: str,
        partial: bool,
        place: Place,
        held: ExitStack,
        depth: int = 0,
    ) -> None:
        self.place = place
        self.held = held
        self.depth = depth
        self.folder = folder
        self.alternates = alternates
        self.borrowed = {
            "GIT_DIR": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates,
        }
        self.env = {**process.reading(), **self.borrowed}
        ends = folder / "shallow"
        self.shallow_at = frozenset(ends.read_text().split()) if ends.exists() else frozenset()
        self.shallow = bool(self.shallow_at)
        self.partial = partial
        self.listed: Mapping[tuple[str, str], Mapping[str, File]] = {}
        self._commits = lru_cache(_KEPT)(self._commit)
        self._trees: dict[tuple[str, str], Mapping[str, File]] = {}
        self._renamed = lru_cache(_PAIRS)(self._renames)
        self._logs = lru_cache(_PAIRS)(self._log)
        self._merges = lru_cache(_PAIRS)(self._merge3)
        self._ancestors: dict[tuple[str, str], bool] = {}
        self._blobs: dict[str, bytes] = {}
        self.standing = Standing(self.env, folder)
        held.callback(self.standing.close)

    def git(self, *arguments: str, given: bytes = b"") -> Done:
        """Runs git in the scratch repository."""
        return process.run(*arguments, env=self.env, cwd=self.folder, given=given)

    def stream(
        self, *arguments: str, given: bytes, seconds: float, needed: str, hint: str
    ) -> AbstractContextManager[IO[bytes]]:
        """The output of git in the scratch repository as it comes; see `process.stream`."""
        return process.stream(
            *arguments,
            env=self.env,
            cwd=self.folder,
            given=given,
            seconds=seconds,
            needed=needed,
            hint=hint,
        )

    def objects(self) -> Batch:
        """A git that gives one object after the other, for as long as it is asked."""
        return Batch(self.env, self.folder)

    def commit(self, commit: str) -> Commit:
        """A commit by its id."""
        return self._commits(commit)

    def _commit(self, commit: str) -> Commit:
        done = self.git(
            "log", "-1", "--no-show-signature", f"--format={objects.COMMIT_FORMAT}", commit
        )
        return objects.commit(need(done, f"commit {commit} cannot be read"))

    def tree(self, commit: str, folder: str = "") -> Mapping[str, File]:
        """All files of a commit below a folder, by their path from that folder."""
        folder = "/".join(part for part in folder.split("/") if part not in {"", "."})
        known = self.listed.get((commit, folder)) or self._trees.get((commit, folder))
        if known is None:
            known = self._tree(commit, folder)
            kept = list(self._trees.items())[1 - _KEPT :]
            self._trees = {**dict(kept), (commit, folder): known}
        return known

    def _tree(self, commit: str, folder: str) -> Mapping[str, File]:
        done = self.git("ls-tree", "-r", "-z", "--full-tree", f"{commit}:{folder}")
        if done.code and folder and not self.files(commit, [folder]):
            return MappingProxyType({})
        found = objects.tree(need(done, f"the files of {commit} cannot be read"))
        return MappingProxyType(found)

    def files(self, commit: str, paths: Sequence[str]) -> dict[str, File]:
        """Those of the paths that are files of a commit."""
        if len(paths) > 200 or (commit, "") in self._trees:
            tree = self.tree(commit)
            return {path: tree[path] for path in paths if path in tree}
        done = self.git(_LITERAL, "ls-tree", "-z", "--full-tree", commit, "--", *paths)
        return objects.tree(need(done, f"the files of {commit} cannot be read"))

    def read(self, blobs: Iterable[str]) -> dict[str, bytes | None]:
        """The contents of blobs; None where one is missing here, or larger than LARGEST_BLOB."""
        found: dict[str, bytes | None] = {blob: self._blobs.get(blob) for blob in blobs}
        wanted = [blob for blob, content in found.items() if content is None]
        if wanted:
            for blob, content in self.standing.read(wanted, LARGEST_BLOB).items():
                found[blob] = content
                if content is not None and len(content) <= _SMALL:
                    self._keep(blob, content)
        return found

    def _keep(self, blob: str, content: bytes) -> None:
        if len(self._blobs) >= _PAIRS:
            self._blobs = {}
        self._blobs[blob] = content

    def missing(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids, of commits or small files, whose objects are not here."""
        wanted = list(dict.fromkeys(ids))
        found = self.standing.read(wanted) if wanted else {}
        return {id_ for id_, content in found.items() if content is None}

    def blobs_at(
        self, commits: Sequence[str], paths: Sequence[str]
    ) -> dict[str, tuple[str | None, ...]]:
        """The ids of what each commit has at the paths, in their order; None where it has nothing.
        Paths must not hold line breaks.
        """
        names = [f"{commit}:{path}" for commit in commits for path in paths]
        done = self.git("cat-file", "--batch-check=%(objectname)", given=_lines(names))
        lines = os.fsdecode(need(done, "objects cannot be looked up")).splitlines()
        ids = iter([None if line.endswith(" missing") else line for line in lines])
        return {commit: tuple(islice(ids, len(paths))) for commit in commits}

    def is_ancestor(self, older: str, newer: str) -> bool | None:
        """Whether `newer` has `older` in its history; None where that cannot be told here."""
        if older == newer:
            return True
        known = self._ancestors.get((older, newer))
        if known is not None:
            return known
        if self._ancestors.get((newer, older)):
            return False
        code = self.git("merge-base", "--is-ancestor", older, newer).code
        if code and (self.shallow or (code != 1 and newer in self.missing([newer]))):
            return None
        if code < 2:
            self._ancestors[older, newer] = not code
        return not code

    def containing(self, commit: str, tips: Mapping[str, str]) -> set[str]:
        """The names of those tips, all known here, that have the commit in their history."""
        ids = sorted(set(tips.values()))
        given = _lines([f"^{commit}", *ids])
        done = self.git("rev-list", "--ancestry-path", "--stdin", given=given)
        after = set(need(done, "branches cannot be compared").decode().split())
        return {name for name, tip in tips.items() if tip == commit or tip in after}

    def changed_paths(self, commit: str) -> list[Changed] | None:
        """What a commit changes against its first parent, or against nothing if it is the first.

        None where its parent or its files are not here (a shallow or partial clone).
        """
        if commit in self.shallow_at:
            return None
        try:
            return self.changes([commit]).get(commit, [])
        except ProviderError:
            if self.partial or self.shallow:
                return None
            raise

    def changes(
        self, commits: Sequence[str], paths: Sequence[str] = ()
    ) -> dict[str, list[Changed]]:
        """What each of the commits changes at the paths; everywhere where none is named."""
        done = self.git(
            _LITERAL,
            "diff-tree",
            "--stdin",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--root",
            "--diff-merges=first-parent",
            "--",
            *paths,
            given=_lines(commits),
        )
        return objects.changes(need(done, "changes cannot be read"))

    def difference(self, older: str, newer: str) -> list[Changed]:
        """What differs between two commits."""
        done = self.git(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", older, newer
        )
        found = objects.changes(b"-\0" + need(done, "commits cannot be compared"))
        return found["-"]

    def renames(self, older: str, newer: str) -> dict[str, str]:
        """Where the files that `newer` no longer has under their name went, as git recognises it:
        by more than half of the content. Where more than MOST_RENAMED files were added or removed,
        only those count that kept their content.
        """
        return self._renamed(older, newer)

    def _renames(self, older: str, newer: str) -> dict[str, str]:
        done = self.git(
            *("diff-tree", "-r", "-z", "--find-renames", f"-l{MOST_RENAMED}", "--diff-filter=R"),
            *("--name-status", older, newer),
        )
        fields = os.fsdecode(need(done, "commits cannot be compared")).split("\0")
        return dict(zip(fields[1::3], fields[2::3], strict=False))

    def patches(self, commits: Sequence[str]) -> dict[str, bytes]:
        """What each commit does to its first parent, so that equal patches are equal bytes."""
        done = self.git(
            *_PATCH, "--stdin", "--root", "--diff-merges=first-parent", given=_lines(commits)
        )
        return objects.patch_keys(need(done, "patches cannot be read"))

    def patch(self, older: str, newer: str) -> bytes:
        """What leads from one commit to another, comparable with `patches`."""
        done = self.git(*_PATCH, older, newer)
        return objects.patch_key(need(done, "commits cannot be compared"))

    def log(
        self,
        have: Sequence[str],
        without: Sequence[str] = (),
        paths: Sequence[str] = (),
        *,
        most: int = 1000,
        merges: bool = True,
    ) -> list[str]:
        """Commits that `have` has and `without` has not, and that touch the paths; newest first."""
        return list(self._logs(tuple(have), tuple(without), tuple(paths), most, merges))

    def _log(
        self,
        have: tuple[str, ...],
        without: tuple[str, ...],
        paths: tuple[str, ...],
        most: int,
        merges: bool,  # noqa: FBT001 - kept by its place
    ) -> list[str]:
        words = [_LITERAL, "rev-list", f"--max-count={most}", *([] if merges else ["--no-merges"])]
        revs = [*have, *(f"^{id_}" for id_ in without)]
        done = self.git(*words, *revs, "--", *paths)
        return need(done, "the history cannot be read").decode().split()

    def first_parents(self, start: str, most: int) -> list[str]:
        """`start` and the commits behind it along first parents, newest first."""
        done = self.git("rev-list", "--first-parent", f"--max-count={most}", start, "--")
        return need(done, "the history cannot be read").decode().split()

    def marked(self, left: str, right: str) -> list[str]:
        """The commits that only `left` has, each with a mark: `=` where `right` has its patch."""
        done = self.git(
            "rev-list", "--left-only", "--cherry-mark", "--no-merges", f"{left}...{right}", "--"
        )
        return need(done, "branches cannot be compared").decode().split()

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have, None where there is none."""
        return self.git("merge-base", one, other).out.decode().strip() or None

    def merge3(
        self, current: bytes, base: bytes, other: bytes, *, ours: bool = False
    ) -> bytes | None:
        """The three-way merge of texts; None where one is no text, or on a conflict.

        With `ours` a conflict is settled for `current`.
        """
        small = len(current) + len(base) + len(other) <= _SMALL
        return (self._merges if small else self._merge3)(current, base, other, ours)

    def _merge3(
        self,
        current: bytes,
        base: bytes,
        other: bytes,
        ours: bool,  # noqa: FBT001 - kept by its place
    ) -> bytes | None:
        with TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            for part, content in (("current", current), ("base", base), ("other", other)):
                (folder / part).write_bytes(content)
            names = [str(folder / part) for part in ("current", "base", "other")]
            done = self.git("merge-file", "-p", "-q", *(["--ours"] if ours else []), *names)
        return None if done.code else done.out

    def submodules(self, commit: str) -> dict[str, str]:
        """The submodules of a commit: their paths and the commits that they are pinned to."""
        return {path: f.blob for path, f in self.tree(commit).items() if f.mode == "160000"}


def _lines(ids: Iterable[str]) -> bytes:
    return os.fsencode("".join(f"{id_}\n" for id_ in ids))
