"""`landed gate`: this folder is that commit, or here is what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from msgspec.structs import replace

from landed.content.commit import plan_of
from landed.content.compare import compare
from landed.content.folder import Folder
from landed.content.gate.expected import Expected, Known, Source, claim, known
from landed.content.gate.given import Given
from landed.content.git.proof import write
from landed.content.ignore import UploadRules
from landed.content.names import is_ignore_file, normal_folder
from landed.content.placement import Plan
from landed.content.repo import Repository
from landed.core.errors import LandedError, UsageError
from landed.core.model import Frozen, Outcome, Unseen
from landed.core.probe import GITLINK, File
from landed.core.seen import Difference, DifferenceKind
from landed.core.words import count, listed, short

DOCKERFILE = "Dockerfile"
_ABSENT = (
    DifferenceKind.MISSING,
    DifferenceKind.SUBMODULE,
    DifferenceKind.EXPORT_IGNORED,
    DifferenceKind.LFS_POINTER,
)
_COMMIT_IT = "commit what belongs to the build and push it, or keep it out of the folder"


class _Bearing(StrEnum):
    """What a difference does to the answer."""

    BREAKS = "breaks"
    LEFT_OUT = "left-out"
    UNSEEN = "unseen"


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
    dockerfile: str = DOCKERFILE,
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
    found = wanted if isinstance(wanted, Unseen) else known(root, wanted, proof, within)
    if isinstance(found, Unseen):
        return Gated(
            outcome=Outcome.UNPROVED, because=found.reason, hint=found.hint, claimed=claimed or None
        )
    folder = Folder(root=root, object_format="sha256" if len(found.commit) > 40 else "sha1")
    given = Given(found, folder)
    plan = _plan(found, given, dockerfile)
    compared = compare(
        Expected(found, folder, given.rules), given, given.rules, submodules=found.roots
    )
    pointers = [Difference(path=p, kind=DifferenceKind.LFS_POINTER) for p in given.pointers()]
    extra = [*compared.extra, *_unlisted(found, folder)]
    weigh = _Weigh(found, plan)
    differences = [*compared.differences, *pointers, *(weigh.stranger(path) for path in extra)]
    weighed = [weigh.one(each) for each in sorted(differences, key=lambda each: each.path)]
    by = {bearing: tuple(each for its, each in weighed if its is bearing) for bearing in _Bearing}
    seen = Gated(
        outcome=Outcome.PROVED,
        because="",
        claimed=claimed,
        commit=found.commit,
        tree=found.tree,
        folder=normal_folder(within),
        source=found.source,
        same=compared.same - len(pointers),
        differences=by[_Bearing.BREAKS],
        left_out=by[_Bearing.LEFT_OUT],
        notes=tuple(_notes(found, given, plan)),
    )
    return _answered(seen, by[_Bearing.UNSEEN], plan, lfs_unseen=given.lfs_unseen)


def _answered(
    seen: Gated, unseen: tuple[Difference, ...], plan: Plan | Unseen, *, lfs_unseen: bool
) -> Gated:
    """The outcome, the sentence that carries it, and what to do."""
    name = short(seen.commit or "")
    if seen.differences:
        many = count(len(seen.differences), "file differs", "files differ")
        said = f"the folder is not {name}: {many}, {listed([d.path for d in seen.differences])}"
        return replace(seen, outcome=Outcome.BROKEN, because=said, hint=_COMMIT_IT)
    said, hint = "", ""
    if unseen and unseen[0].kind is DifferenceKind.UNREAD:
        said = f"nothing proves what {name} holds in {listed([d.path for d in unseen])}"
        hint = "git submodule update --init --recursive, and write the proof again"
    elif unseen:
        paths = listed([d.path for d in unseen])
        why = f": {plan.reason}" if isinstance(plan, Unseen) else ""
        said = f"whether the build reads what is not here ({paths}) nobody can tell{why}"
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


class _Weigh:
    """What each difference does to the answer.

    What lies in the folder and is not the commit's always breaks it, whatever an ignore file says:
    any step may read it. What is not there cannot do harm where the build does not read it.
    """

    def __init__(self, commit: Known, plan: Plan | Unseen) -> None:
        self._commit = commit
        self._plan = plan
        self._read = None if isinstance(plan, Unseen) else _read_by(plan)
        self._upload = UploadRules.of(commit.files, self._carried)

    def stranger(self, path: str) -> Difference:
        """A path that the commit does not have, with the rule that keeps it from the image."""
        rule = "" if isinstance(self._plan, Unseen) else self._plan.left_out.get(path, "")
        return Difference(path=path, kind=DifferenceKind.NEVER_COMMITTED, rule=rule)

    def one(self, each: Difference) -> tuple[_Bearing, Difference]:
        """The bearing of a difference, and the difference with the rule that explains it."""
        if each.kind is DifferenceKind.UNREAD:
            if self._commit.files[each.path].mode == GITLINK:
                return _Bearing.UNSEEN, each
            # Nothing that git does leads from the committed bytes to these.
            return _Bearing.BREAKS, replace(each, kind=DifferenceKind.CHANGED)
        if each.kind not in _ABSENT:
            return _Bearing.BREAKS, each
        rule = each.rule
        if each.kind is DifferenceKind.MISSING:
            rule = self._upload.rule(each.path)
            if not rule:
                return _Bearing.BREAKS, each
        explained = replace(each, rule=rule)
        if is_ignore_file(each.path):
            return _Bearing.LEFT_OUT, explained
        if self._read is None:
            return _Bearing.UNSEEN, explained
        # A submodule stands there as its folder.
        read = any(p == each.path or p.startswith(f"{each.path}/") for p in self._read)
        return (_Bearing.BREAKS if read else _Bearing.LEFT_OUT), explained

    def _carried(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        files = self._commit.files
        return {path: self._commit.proof.blob(files[path].blob) for path in paths}


class _Union:
    """All paths that the commit or the folder has, with the folder's bytes."""

    def __init__(self, commit: Known, given: Given) -> None:
        own = {commit.own: File(mode="100644", blob="")} if commit.own else {}
        self.files: Mapping[str, File] = {**given.files, **commit.files, **own}
        self.read = given.read


def _plan(commit: Known, given: Given, dockerfile: str) -> Plan | Unseen:
    """What the build reads, by the folder's own Dockerfile."""
    try:
        return plan_of(_Union(commit, given), dockerfile)
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)


def _read_by(plan: Plan) -> frozenset[str]:
    """All paths that the build reads."""
    return frozenset((*plan.inputs, *(placed.source for placed in plan.files.values())))


def _unlisted(commit: Known, folder: Folder) -> Iterator[str]:
    """What is neither a file nor a folder of this disk: repositories inside, mounts, pipes. The
    repositories of the folder itself and of its submodules belong to it.
    """
    links = [path for path, file in commit.files.items() if file.mode == GITLINK]
    own = {".git", *(f"{root}/.git" for root in (*commit.roots, *links))}
    return (path for path in folder.left_out() if path not in own)


def _notes(commit: Known, given: Given, plan: Plan | Unseen) -> Iterator[str]:
    if commit.own and isinstance(plan, Plan) and commit.own in _read_by(plan):
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
