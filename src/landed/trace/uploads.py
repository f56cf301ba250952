"""An upload against the commit that it comes closest to, file by file."""

from __future__ import annotations

import msgspec

from landed.content.commit import CommitFiles
from landed.content.compare import compare
from landed.content.generated import generated
from landed.content.git.proof import NAME, is_proof
from landed.content.ignore import UploadRules
from landed.content.names import is_ignore_file, prefix_of
from landed.content.nearest import nearest, place
from landed.content.placement import Plan
from landed.core.model import (
    Frozen,
    Unseen,
)
from landed.core.probe import GITLINK, BuildRecord, Content
from landed.core.rules.differences import SLIGHT, differing
from landed.core.seen import (
    Difference,
    DifferenceKind,
)
from landed.trace.holding import with_holders
from landed.trace.project import Project, plan_of_build, reads

OWN_SETTINGS = "landed.toml"
_GONE = (DifferenceKind.MISSING, DifferenceKind.SUBMODULE)
_OTHER = (DifferenceKind.CHANGED, DifferenceKind.UNREAD)


class UploadSeen(Frozen):
    """The nearest commit, where in the repository the upload lies, and what differs."""

    commit: str
    folder: str
    equal: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


class WithoutProof:
    """An upload without the proof that `landed gate` asks to take along: that is no part of what is
    built, as long as every byte of it follows from a commit's id.
    """

    def __init__(self, content: Content) -> None:
        own = NAME in content.files and is_proof(content.read([NAME])[NAME])
        files = content.files.items()
        self.files = {path: file for path, file in files if not own or path != NAME}
        self.read = content.read


def compare_upload(
    project: Project,
    content: Content,
    record: BuildRecord,
    starts: list[str],
    head: str | None,
    dirty: frozenset[str],
) -> UploadSeen | Unseen:
    """Compares an upload with the history behind `starts`; what the build does not read is left
    out. Unseen where a submodule's files would have to be compared.

    A start that it equals is taken before a closer commit: what the build never reads must not
    decide which commit an upload is. So is HEAD, where the upload differs from it in nothing but
    what is `dirty` in the work tree now: that is where it came from, even if it happens to equal
    some older commit.
    """
    folder = place(content.files, project.repository.tree(starts[0]), project.folder)
    plan = plan_of_build(content, record)
    for start in starts:
        found = _against(project, content, record, plan, folder, start)
        if isinstance(found, Unseen) or not differing(found.differences):
            return found
        root = prefix_of(folder)
        if start == head and all(root + d.path in dirty for d in differing(found.differences)):
            return _with_holders(project, content, found)
    first = project.at(starts[0], folder)
    rules = UploadRules.of(first.files, first.read)
    files = {path: file for path, file in content.files.items() if path != OWN_SETTINGS}
    commit = nearest(project.repository, files, folder, starts, lambda path: bool(rules.rule(path)))
    found = _against(project, content, record, plan, folder, commit)
    return found if isinstance(found, Unseen) else _with_holders(project, content, found)


def _against(
    project: Project,
    content: Content,
    record: BuildRecord,
    plan: Plan | Unseen,
    folder: str,
    commit: str,
) -> UploadSeen | Unseen:
    """An upload against one commit."""
    committed = project.at(commit, folder)
    compared = compare(committed, content, committed.rules, committed.roots)
    unread = [d.path for d in compared.differences if d.kind is DifferenceKind.UNREAD]
    unknown = [path for path in unread if committed.files[path].mode == GITLINK]
    inside = tuple(f"{path}/" for path in unknown)
    if any(path.startswith(inside) and reads(plan, path) is not False for path in content.files):
        return Unseen(
            reason=f"the upload holds submodule `{unknown[0]}`, and its commit is not at hand here",
            hint="git submodule update --init --recursive",
        )
    byte_code = generated(compared.extra, content, committed.files)
    extra = [
        Difference(path=path, kind=DifferenceKind.NEVER_COMMITTED)
        for path in compared.extra
        if path != OWN_SETTINGS and reads(plan, path) is not False and path not in byte_code
    ]
    changed = [
        d for d in compared.differences if d.kind in _OTHER and reads(plan, d.path) is not False
    ]
    slight = [
        d
        for d in compared.differences
        if d.kind in SLIGHT and (reads(plan, d.path) or d.kind is DifferenceKind.EXPORT_IGNORED)
    ]
    missing = _missing(committed, record, [d for d in compared.differences if d.kind in _GONE])
    own = f"{OWN_SETTINGS} is not committed; it is landed's own, and does not count"
    return UploadSeen(
        commit=commit,
        folder=folder,
        equal=compared.same,
        differences=(*extra, *changed, *missing, *slight),
        notes=(own,) if OWN_SETTINGS in compared.extra else (),
    )


def _with_holders(project: Project, content: Content, found: UploadSeen) -> UploadSeen:
    root = prefix_of(found.folder)
    differences = with_holders(project, content, found.differences, lambda path: root + path)
    return msgspec.structs.replace(found, differences=tuple(differences))


def _missing(
    committed: CommitFiles, record: BuildRecord, missing: list[Difference]
) -> list[Difference]:
    """Committed files that the build would have read and the upload lacks, with the rule that
    drops each, if one does.
    """
    if not missing:
        return []
    plan = plan_of_build(committed, record)
    rules = UploadRules.of(committed.files, committed.read)
    return [
        Difference(path=d.path, kind=d.kind, rule=rules.rule(d.path) or "")
        for d in missing
        if _reads(committed, plan, d.path) is not False and not is_ignore_file(d.path)
    ]


def _reads(committed: CommitFiles, plan: Plan | Unseen, path: str) -> bool | None:
    """Whether the build would read a file, or anything of a submodule."""
    inside = [p for p in committed.files if p.startswith(f"{path}/")] or [path]
    answers = {reads(plan, one) for one in inside}
    return True if True in answers else None if None in answers else False
