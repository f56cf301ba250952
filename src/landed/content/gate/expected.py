"""What a commit says that a folder has to hold, and who says that it is what the commit says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from landed.content.checkout import committed_from
from landed.content.folder import Folder
from landed.content.git.attributes import NAME as ATTRIBUTES
from landed.content.git.attributes import UNSPECIFIED, Attributes, Rules, folders
from landed.content.git.proof import LARGEST, NAME, Proof, write
from landed.content.names import normal_folder
from landed.content.repo import Repository
from landed.core.errors import DataError, ProviderError, UsageError
from landed.core.model import Frozen, Unseen
from landed.core.probe import File
from landed.core.words import short

_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NO_CLAIM = Unseen(
    reason="nobody says which commit this is: the claim is empty, as COMMIT_SHA is where a folder "
    "is submitted by hand",
    hint="gcloud builds submit --substitutions COMMIT_SHA=$(git rev-parse HEAD)",
)
_NO_PROOF = Unseen(
    reason=f"nothing here says what the commit holds: the folder has neither .git nor {NAME}",
    hint=f"before an upload: landed gate --write-proof {NAME}",
)


class Source(StrEnum):
    """Where a commit's objects came from. Either way their ids prove them."""

    GIT = "git"
    PROOF = "proof"


class Known(Frozen):
    """What a commit holds below a folder of it, proved.

    `roots` are the submodules whose files are among `files`. `own` is the path of the proof itself,
    where that lies in the folder. `ruled_from_above` says that the commit has `.gitattributes`
    above the folder.
    """

    commit: str
    tree: str
    source: Source
    files: dict[str, File]
    roots: tuple[str, ...]
    proof: Proof
    own: str | None = None
    ruled_from_above: bool = False


def claim(said: str | None) -> str | Unseen | None:
    """The commit that somebody claims: None where nobody was asked to, Unseen where the claim is
    empty. Raises UsageError for what is no full id: a name or a prefix may mean another commit
    tomorrow.
    """
    if said is None:
        return None
    if not said:
        return _NO_CLAIM
    if not _FULL.fullmatch(said.lower()):
        raise UsageError(
            f"`{said}` is no full commit id", "give all of its digits: git rev-parse HEAD"
        )
    return said.lower()


def known(root: Path, claimed: str | None, file: Path | None, within: str) -> Known | Unseen:
    """What the commit holds below its folder `within`: the claimed commit, else the one that the
    folder itself names. Unseen where nothing here proves that.
    """
    by_git = file is None and (root / ".git").exists()
    if not by_git and file is None and not (root / NAME).is_file():
        return _NO_PROOF
    place = (file or root / NAME).absolute()
    try:
        found = _of_git(root, claimed) if by_git else _of_file(place, claimed)
        if isinstance(found, Unseen):
            return found
        commit, proof = found
        files, roots = proof.whole(commit)
        tree, unused = proof.tree(commit), proof.unused()
    except DataError as error:
        what = f"nothing proves what {short(claimed) if claimed else 'the commit'} holds"
        return Unseen(reason=f"{what}: {error.message}", hint=error.hint)
    if unused:
        return Unseen(reason=f"the proof holds {unused[0]}, which is no part of {short(commit)}")
    folder = f"{normal_folder(within)}/" if normal_folder(within) else ""
    above = any(f"{head}{ATTRIBUTES}" in files for head in (*folders(folder), ""))
    files = {path[len(folder) :]: f for path, f in files.items() if path.startswith(folder)}
    if folder and not files:
        raise UsageError(f"{short(commit)} has no folder {within}", "git ls-tree -d tells which")
    inside = None if by_git or not place.is_relative_to(root) else str(place.relative_to(root))
    return Known(
        commit=commit,
        tree=tree,
        source=Source.GIT if by_git else Source.PROOF,
        files=files,
        roots=tuple(r[len(folder) :] for r in roots if r.startswith(folder)),
        proof=proof,
        own=inside,
        ruled_from_above=bool(folder) and above,
    )


def _of_git(root: Path, claimed: str | None) -> tuple[str, Proof] | Unseen:
    """The commit from the folder's own repository: a clone, shallow or detached or not."""
    with Repository.open(root) as repository:
        if repository.root != root:
            raise UsageError(f"{root / '.git'} is no repository of that folder", "clone it anew")
        head, _ = repository.head()
        commit = claimed or head
        if commit is None:
            return Unseen(reason="the repository here has no commits yet")
        kind = repository.git("cat-file", "-t", commit).out.decode().strip()
        if not kind:
            here = f"; HEAD is {short(head)}" if head else ""
            return Unseen(
                reason=f"the clone in the folder does not have {short(commit)}{here}",
                hint=f"git fetch --depth 1 origin {commit}",
            )
        _need_commit(commit, kind)
        try:
            return commit, Proof(write(repository, commit))
        except ProviderError as error:
            return Unseen(reason=error.message, hint=f"git fetch --refetch origin {commit}")


def _of_file(file: Path, claimed: str | None) -> tuple[str, Proof] | Unseen:
    """The commit from a proof that came along."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "check it") from error
    if len(data) > LARGEST:
        raise DataError(f"{file.name} is larger than {LARGEST >> 20} MiB")
    proof = Proof(data)
    if not proof.commits:
        raise DataError(f"{file.name} holds no commit", f"landed gate --write-proof {NAME}")
    first = proof.commits[0]
    if claimed is None or proof.kind(claimed):
        _need_commit(claimed or first, proof.kind(claimed or first))
        return claimed or first, proof
    return Unseen(
        reason=f"{short(claimed)} is claimed, and {file.name} is of {short(first)}",
        hint="write the proof and make the claim from the same commit",
    )


def _need_commit(id_: str, kind: str) -> None:
    if kind != "commit":
        raise UsageError(f"{id_} is a {kind}, not a commit", "git rev-parse HEAD tells a commit")


class Expected:
    """The commit's files as `Content`. Their bytes are at hand only where the folder has what git
    makes of them; the ids tell.
    """

    def __init__(self, known: Known, folder: Folder, rules: Rules) -> None:
        self.files: Mapping[str, File] = known.files
        self._folder = folder
        self._rules = rules

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The committed bytes that the folder's lead back to; None where they lead nowhere."""
        there = self._folder.read(paths)
        said = self._rules(there)
        return {path: self._committed(path, data, said) for path, data in there.items()}

    def _committed(
        self, path: str, data: bytes | None, said: Mapping[str, Attributes]
    ) -> bytes | None:
        if data is None:
            return None
        format_, rules = self._folder.object_format, said.get(path, UNSPECIFIED)
        return committed_from(data, self.files[path].blob, rules, format_)
