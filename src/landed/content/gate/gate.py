"""`landed gate`: this folder is that commit, or here is what differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from landed.content.compare import compare
from landed.content.folder import Folder
from landed.content.gate.expected import Expected, Known, Source, claim, known
from landed.content.gate.given import Given
from landed.content.gate.scales import Bearing, Scales
from landed.content.git.proof import write
from landed.content.names import STATE_FOLDER, normal_folder
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.core.model import Frozen, Outcome, Unseen
from landed.core.probe import GITLINK
from landed.core.seen import Difference, DifferenceKind
from landed.core.words import count, listed, short

_COMMIT_IT = "commit what belongs to the build and push it, or keep it out of the folder"
STATE = f"{STATE_FOLDER}/"
"""Landed's own state is told in one line, however many files it has."""
_STATE = f"{STATE} is landed's own and holds the ledger: name it in .gcloudignore and .dockerignore"

_SPARED = f"{STATE} is landed's own; it is not the commit's, and the build does not read it"


class Gated(Frozen):
    """Whether a folder is a commit: `proved` it is, `broken` it is not, `unproved` nobody can tell.

    `folder` is the commit's folder that was held against it, empty for its root. `differences` are
    why it is not the commit. `left_out` is what is not there and does not have to be: an ignore
    file, or what a rule of the commit keeps from an upload and the build does not read.
    """

    outcome: Outcome
    because: str
    hint: str = ""
    claimed: str | None = None
    commit: str | None = None
    tree: str | None = None
    folder: str = ""
    source: Source | None = None
    same: int = 0
    differences: tuple[Difference, ...] = ()
    left_out: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def gate(
    root: Path,
    claimed: str | None = None,
    *,
    proof: Path | None = None,
    within: str = "",
    dockerfile: str = "Dockerfile",
) -> Gated:
    """Holds all files below `root` against a commit, without a network.

    `claimed` is a full commit id; empty where the claim was left empty, None where the folder's own
    commit is meant. `proof` is a file that `landed gate --write-proof` wrote. `within` is the
    commit's folder that was uploaded. Raises UsageError for what is no folder and no commit.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no folder", "name the folder that the build reads")
    root = root.resolve()
    wanted = claim(claimed)
    if isinstance(wanted, Unseen):
        return Gated(outcome=Outcome.UNPROVED, because=wanted.reason, hint=wanted.hint)
    found = known(root, wanted, proof, within)
    if isinstance(found, Unseen):
        return Gated(
            outcome=Outcome.UNPROVED, because=found.reason, hint=found.hint, claimed=wanted
        )
    folder = Folder(root=root, object_format="sha256" if len(found.commit) > 40 else "sha1")
    given = Given(found, folder)
    compared = compare(
        Expected(found, folder, given.rules), given, given.rules, submodules=found.roots
    )
    pointers = [Difference(path=p, kind=DifferenceKind.LFS_POINTER) for p in given.pointers()]
    extra = (*compared.extra, *_unlisted(found, folder))
    scales = Scales(found, given, dockerfile)
    state = [path for path in extra if path.startswith(STATE)]
    # A builder claims a commit: there nothing of it belongs, whatever reads it.
    spared = bool(state) and not wanted and found.source is Source.GIT and scales.unread(state)
    if spared:
        extra = tuple(path for path in extra if not path.startswith(STATE))
    strangers = [
        Difference(path=path, kind=DifferenceKind.NEVER_COMMITTED)
        for path in dict.fromkeys(STATE if path.startswith(STATE) else path for path in extra)
    ]
    differences = [*compared.differences, *pointers, *strangers]
    weighed = [scales.weigh(each) for each in sorted(differences, key=lambda each: each.path)]
    by = {bearing: tuple(each for its, each in weighed if its is bearing) for bearing in Bearing}
    seen = Gated(
        outcome=Outcome.PROVED,
        because="",
        claimed=wanted,
        commit=found.commit,
        tree=found.tree,
        folder=normal_folder(within),
        source=found.source,
        same=compared.same - len(pointers),
        differences=by[Bearing.BREAKS],
        left_out=by[Bearing.LEFT_OUT],
        notes=(*_notes(found, given, scales), *([_SPARED] if spared else ())),
    )
    return _answered(seen, by[Bearing.UNSEEN], scales, lfs_unseen=given.lfs_unseen)


def _answered(
    seen: Gated, unseen: tuple[Difference, ...], scales: Scales, *, lfs_unseen: bool
) -> Gated:
    """The outcome, the sentence that carries it, and what to do."""
    name = short(seen.commit or "")
    if seen.differences:
        many = count(len(seen.differences), "file differs", "files differ")
        said = f"the folder is not {name}: {many}, {listed([d.path for d in seen.differences])}"
        own = STATE in {each.path for each in seen.differences}
        hint = f"{_COMMIT_IT}; {_STATE}" if own else _COMMIT_IT
        return replace(seen, outcome=Outcome.BROKEN, because=said, hint=hint)
    said, hint = "", ""
    if unseen and unseen[0].kind is DifferenceKind.UNREAD:
        said = f"nothing proves what {name} holds in {listed([d.path for d in unseen])}"
        hint = "git submodule update --init --recursive, and write the proof again"
    elif unseen:
        paths = listed([d.path for d in unseen])
        said = f"whether the build reads what is not here ({paths}) nobody can tell"
        said += f": {scales.plan.reason}" if isinstance(scales.plan, Unseen) else ""
        hint = "landed gate --dockerfile PATH"
    elif lfs_unseen:
        said = "git is not installed here, and without it nobody can tell which files are of LFS"
        hint = "take a builder that has git"
    elif not seen.same:
        said, hint = f"not one file of {name} is here to be compared", "look into the folder"
    if said:
        return replace(seen, outcome=Outcome.UNPROVED, because=said, hint=hint)
    where = f" {seen.folder} of" if seen.folder else ""
    return replace(seen, because=f"the folder is{where} {name}: {count(seen.same, 'file')} equal")


def _unlisted(commit: Known, folder: Folder) -> Iterator[str]:
    """What is neither a file nor a folder of this disk: repositories inside, mounts, pipes. The
    repositories of the folder itself and of its submodules belong to it.
    """
    links = [path for path, file in commit.files.items() if file.mode == GITLINK]
    own = {".git", *(f"{root}/.git" for root in (*commit.roots, *links))}
    return (path for path in folder.left_out() if path not in own)


def _notes(commit: Known, given: Given, scales: Scales) -> Iterator[str]:
    if commit.own and scales.read and commit.own in scales.read:
        yield f"the build would copy {commit.own} into the image; name it in .dockerignore"
    if given.without_git:
        yield "git is not installed here, so .gitattributes could not explain any difference"
    if commit.ruled_from_above:
        yield "the commit has .gitattributes above this folder, so none could explain a difference"


def write_proof(root: Path, rev: str | None, target: Path) -> str:
    """Writes what proves the files of a commit where its repository is not; returns its id. The
    folder may be any of a work tree; `rev` is whatever git takes, and HEAD where it is None.
    """
    with Repository.open(root) as repository:
        commit = repository.resolve(rev or "HEAD")
        target.write_bytes(write(repository, commit))
    return commit
