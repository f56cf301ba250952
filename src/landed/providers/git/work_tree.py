"""Compares the work tree with HEAD, and sees what `git status` was told to hide."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from landed.content.git.settings import is_true
from landed.content.names import STATE_FOLDER
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import DataError, LandedError
from landed.core.model import (
    Absent,
    Evidence,
    Station,
    Strength,
    Unseen,
)
from landed.core.seen import (
    Dirt,
    DirtKind,
    WorkTree,
)
from landed.core.words import command, printable
from landed.providers.git import listing, on_disk
from landed.providers.git.listing import Listing

BuildReads = Callable[[str], bool | None]
UploadRule = Callable[[str], str]

_SHOWN = 10
_SEE = "git status --porcelain --ignored"


def observe(
    repo: Repository,
    *,
    build_reads: BuildReads,
    upload_rule: UploadRule | None,
    own_files: frozenset[str] = frozenset(),
) -> WorkTree | Absent | Unseen:
    """The work tree against HEAD.

    `build_reads` says of a path whether the build would read it. `upload_rule` says by which
    ignore rule an upload drops a path, empty where it goes; it is None where builders clone, and
    then nothing that git ignores can reach a build. `own_files` are landed's own: no dirt while
    untracked, each with all below it.
    """
    head, branch = repo.head()
    if repo.root is None:
        return Absent(reason="this repository is bare: it has no work tree")
    if head is None:
        return Absent(
            reason="this repository has no commits yet", remedy="git add -A && git commit"
        )
    seen_at = now()
    try:
        dirt = _Look(repo, build_reads, upload_rule, own_files).all()
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)
    counts = Counter(d.kind.value for d in dirt)
    facts = {
        "head": head,
        "branch": branch,
        "counts": dict(counts),
        "first": [f"{d.kind.value}: {printable(d.path)}" for d in dirt[:_SHOWN]],
    }
    evidence = Evidence(
        station=Station.WORK_TREE,
        strength=Strength.CONTENT,
        facts=facts,
        see=_SEE,
        observed_at=seen_at,
    )
    return WorkTree(head=head, branch=branch, dirt=dirt, evidence=(evidence,))


class _Look:
    """One look at one work tree."""

    def __init__(
        self,
        repo: Repository,
        build_reads: BuildReads,
        upload_rule: UploadRule | None,
        own_files: frozenset[str],
    ) -> None:
        self.repo = repo
        self.root = repo.root or Path()
        self.build_reads = build_reads
        self.upload_rule = upload_rule
        self.own_files = own_files

    def all(self) -> tuple[Dirt, ...]:
        """All dirt, by path; one piece for each."""
        found = listing.read(self.repo, ignored=self.upload_rule is not None)
        if self.own_files:
            self._nobody_elses(found)
        lfs = on_disk.with_lfs(self.repo, found.tracked)
        dirt: dict[str, Dirt] = {}
        for source in (
            self._pointers(lfs),
            self._changed(found, lfs),
            self._flagged(found, lfs),
            self._untracked(found),
            self._ignored(found),
            self._submodules(found),
        ):
            for piece in source:
                dirt.setdefault(piece.path, piece)
        for piece in self._dropped(found):
            if piece.path not in dirt or dirt[piece.path].kind is not DirtKind.DELETED:
                dirt[piece.path] = piece
        return tuple(dirt[path] for path in sorted(dirt))

    def _nobody_elses(self, found: Listing) -> None:
        """Raises DataError where landed's own state came with the repository: then its logs, its
        watches and its ledger say what somebody wrote there, and not what was seen.
        """
        inside, below = f"{STATE_FOLDER}/", f"/{STATE_FOLDER}/"
        state = (path for path in found.tracked if path.startswith(inside) or below in path)
        # What only keeps the rest out of git says nothing.
        came = next((path for path in state if not path.endswith("/.gitignore")), None)
        if came is not None:
            folder = came[: came.index(inside)] + STATE_FOLDER
            raise DataError(
                f"{printable(came)} is in git: whoever committed it wrote what landed remembers",
                command("git", "rm", "-r", "--cached", "--", folder),
            )

    def _pointers(self, lfs: set[str]) -> Iterator[Dirt]:
        for path in lfs:
            if on_disk.is_pointer(self.repo, path):
                yield self._dirt(path, DirtKind.LFS_POINTER)

    def _changed(self, found: Listing, lfs: set[str]) -> Iterator[Dirt]:
        unsure = [path for path in found.dirty if path in lfs and path not in found.staged]
        pointers = self.repo.read(found.file(path).blob for path in unsure)
        clean = {
            path
            for path in unsure
            if on_disk.fulfils(self.repo, path, pointers[found.file(path).blob] or b"")
        }
        for path, kind in found.dirty.items():
            if path not in clean and not (kind is DirtKind.UNTRACKED and self._is_own(path)):
                yield self._dirt(path, kind)

    def _flagged(self, found: Listing, lfs: set[str]) -> Iterator[Dirt]:
        """Files that git was told not to look at: their contents are compared."""
        sparse = is_true(self.repo.settings.last("core.sparsecheckout") or "")
        for path, flag in found.flagged.items():
            file = found.file(path)
            same = on_disk.equals(self.repo, path, file)
            if path in lfs and same is False:
                pointer = self.repo.read([file.blob])[file.blob]
                same = on_disk.fulfils(self.repo, path, pointer or b"")
            kind = DirtKind.DELETED if same is None else DirtKind.CHANGED
            if sparse and same is None and self.upload_rule is None:
                # Left out here on purpose; a clone has it.
                continue
            hidden = "sparse checkout" if sparse and same is None else flag
            if not same and self.build_reads(path) is not False:
                yield self._dirt(path, kind, hidden=hidden)

    def _untracked(self, found: Listing) -> Iterator[Dirt]:
        for path in self._files(found.untracked):
            yield self._dirt(path, DirtKind.UNTRACKED)

    def _ignored(self, found: Listing) -> Iterator[Dirt]:
        """Files that git ignores, and that an upload takes along all the same."""
        goes = [p for p in self._files(found.ignored) if self.build_reads(p) is not False]
        goes = [path for path in goes if not self._rule(path)]
        if not goes:
            return
        # The `./` keeps a name that starts with a colon from being read as a pattern.
        asked = b"".join(b"./" + os.fsencode(path) + b"\0" for path in goes)
        done = self.repo.git_in_work_tree("check-ignore", "-v", "-z", "--stdin", given=asked)
        fields = os.fsdecode(done.out).split("\0")
        exclude = str(self.repo.folder / "info/exclude")
        why = {
            path[2:]: f"{'.git/info/exclude' if source == exclude else source}:{line}: {pattern}"
            for source, line, pattern, path in zip(*(fields[n::4] for n in range(4)), strict=False)
        }
        for path in goes:
            yield self._dirt(path, DirtKind.UNTRACKED, hidden=why.get(path, "ignored by git"))

    def _files(self, listed: tuple[str, ...]) -> Iterator[str]:
        """The files among and below what git lists, without what is no dirt."""
        for entry in listed:
            if not entry.endswith("/"):
                inside: Iterable[str] = [entry]
            elif self._rule(entry):
                continue
            else:
                inside = on_disk.walk(self.root, entry)
            yield from (p for p in inside if not on_disk.is_residue(p) and not self._is_own(p))

    def _submodules(self, found: Listing) -> Iterator[Dirt]:
        for path, pinned in found.pinned.items():
            for inner, hidden in self._in_submodule(path, pinned):
                yield self._dirt(inner, DirtKind.SUBMODULE, hidden=hidden)

    def _in_submodule(self, path: str, pinned: str) -> Iterator[tuple[str, str]]:
        place = self.root / path
        if not (place / ".git").exists():
            yield path, "not initialised"
            return
        try:
            with Repository.open(place) as inner:
                if inner.root != place.resolve():
                    yield path, "its work tree lies elsewhere"
                    return
                if inner.head()[0] != pinned:
                    yield path, ""
                look = _Look(inner, lambda p: self.build_reads(f"{path}/{p}"), None, frozenset())
                for piece in look.all():
                    yield f"{path}/{piece.path}", piece.hidden
        except LandedError as error:
            yield path, f"cannot be read: {error.message}"

    def _dropped(self, found: Listing) -> Iterator[Dirt]:
        """Tracked files that an upload leaves out, and that the build would read."""
        for path in found.tracked if self.upload_rule else ():
            rule = self._rule(path)
            if rule and self.build_reads(path) is not False:
                yield self._dirt(path, DirtKind.UPLOAD_DROPS, rule=rule)

    def _dirt(self, path: str, kind: DirtKind, *, hidden: str = "", rule: str = "") -> Dirt:
        # What an upload leaves behind cannot be read there; that a tracked file is missing can.
        reads = self.build_reads(path)
        if kind is DirtKind.UNTRACKED and self._rule(path):
            reads = False
        return Dirt(path=path, kind=kind, read_by_build=reads, hidden=hidden, rule=rule)

    def _rule(self, path: str) -> str:
        return self.upload_rule(path) if self.upload_rule else ""

    def _is_own(self, path: str) -> bool:
        return any(path == own or path.startswith(f"{own}/") for own in self.own_files)
