"""An upload against the commit that it comes closest to, file by file."""

from __future__ import annotations

from landed.content.compare import GITLINK, compare, generated
from landed.content.ignore import UploadRules
from landed.content.nearest import holders, nearest, place
from landed.core.model import Difference, DifferenceKind, Frozen, Unseen
from landed.core.probe import BuildRecord, Content
from landed.trace.project import CommitFiles, Project, plan_of, reads

OWN_SETTINGS = "landed.toml"


class UploadSeen(Frozen):
    """The nearest commit, where in the repository the upload lies, and what differs."""

    commit: str
    folder: str
    equal: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def compare_upload(
    project: Project, content: Content, record: BuildRecord, starts: list[str]
) -> UploadSeen | Unseen:
    """Compares an upload with the history behind `starts`; what the build does not read is left
    out. Unseen where a submodule's files would have to be compared.
    """
    folder = place(content.files, project.repository.tree(starts[0]), project.folder)
    commit = nearest(project.repository, content.files, folder, starts)
    committed = project.at(commit, folder)
    plan = plan_of(content, record.dockerfile, record.build_args)
    linked = [f"{path}/" for path, file in committed.files.items() if file.mode == GITLINK]
    inside = [path for path in content.files if path.startswith(tuple(linked))]
    if any(reads(plan, path) is not False for path in inside):
        return Unseen(
            reason=f"the upload holds submodule `{linked[0][:-1]}`; landed cannot compare that yet",
            hint="build from a clone, or without the submodule",
        )
    compared = compare(committed, content)
    changed = [
        d
        for d in compared.differences
        if d.kind is DifferenceKind.CHANGED and reads(plan, d.path) is not False
    ]
    extra = [
        path
        for path in compared.extra
        if path not in inside
        and path != OWN_SETTINGS
        and reads(plan, path) is not False
        and not generated(path, content.files)
    ]
    missing = _missing(committed, record, [d for d in compared.differences if _is_missing(d)])
    known = holders(
        project.repository,
        {
            _from_root(folder, p): content.files[p].blob
            for p in [*extra, *(d.path for d in changed)]
        },
    )

    def holder(path: str) -> str | None:
        return known.get(_from_root(folder, path))

    differences = [
        Difference(
            path=path,
            kind=DifferenceKind.CHANGED if holder(path) else DifferenceKind.NEVER_COMMITTED,
            has_it=holder(path),
        )
        for path in extra
    ]
    differences += [Difference(path=d.path, kind=d.kind, has_it=holder(d.path)) for d in changed]
    own = (f"{OWN_SETTINGS} is not committed; it is landed's own, and does not count",)
    return UploadSeen(
        commit=commit,
        folder=folder,
        equal=compared.same,
        differences=(*differences, *missing),
        notes=own if OWN_SETTINGS in compared.extra else (),
    )


def _missing(
    committed: CommitFiles, record: BuildRecord, missing: list[Difference]
) -> list[Difference]:
    """Committed files that the build would have read and the upload lacks, with the rule that
    drops each, if one does.
    """
    if not missing:
        return []
    plan = plan_of(committed, record.dockerfile, record.build_args)
    rules = UploadRules.of(committed.files, committed.read)
    return [
        Difference(path=d.path, kind=d.kind, rule=rules.rule(d.path) or "")
        for d in missing
        if reads(plan, d.path) is not False
    ]


def _is_missing(difference: Difference) -> bool:
    return difference.kind is DifferenceKind.MISSING


def _from_root(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
