"""What a build was made from, against the repository."""

from __future__ import annotations

from landed.content.effect import presence
from landed.content.follow import followed
from landed.content.names import beside_the_code
from landed.core.clock import now
from landed.core.model import (
    Evidence,
    Frozen,
    Presence,
    Station,
    Strength,
    Unseen,
)
from landed.core.probe import BuildRecord, Cloud, Content
from landed.core.redact import redact
from landed.core.rules.differences import differing
from landed.core.seen import (
    DifferenceKind,
    Remote,
    Source,
    SourceKind,
)
from landed.trace.footprint import Footprint
from landed.trace.project import Project
from landed.trace.uploads import UploadSeen, WithoutProof, compare_upload


class SourceSeen(Frozen):
    """A source as observed, with its files, and the folder of the repository that they are."""

    source: Source
    content: Content
    folder: str


class Question(Frozen):
    """The change that a trace asks about, and the remote's answer."""

    commit: str
    head: str | None
    footprint: Footprint
    remote: Remote | None
    dirty: frozenset[str] = frozenset()


def observe(
    project: Project, cloud: Cloud, record: BuildRecord, question: Question
) -> SourceSeen | Unseen:
    """The source of one build. Unseen where the record or the upload cannot be read."""
    if record.kind is SourceKind.CLONE:
        return _clone(project, record, question)
    if record.kind is SourceKind.UPLOAD:
        return _upload(project, cloud, record, question)
    return Unseen(reason=f"build {record.build.id} does not say what it was made from")


def _clone(project: Project, record: BuildRecord, question: Question) -> SourceSeen | Unseen:
    commit = record.commit
    if commit is None:
        return Unseen(reason=f"build {record.build.id} did not record the commit that it cloned")
    if project.repository.missing([commit]):
        return Unseen(
            reason=f"build {record.build.id} cloned {commit[:10]}, which is not in this clone",
            hint="git fetch",
        )
    folder = project.folder if record.folder is None else record.folder
    facts = {
        "build": record.build.id,
        "url": redact(record.url),
        "ref": record.ref,
        "commit": commit,
        "requested": record.requested,
    }
    source = Source(
        kind=SourceKind.CLONE,
        commit=commit,
        on_ref=_on_ref(project, question, commit),
        on_remote=_on_remote(project, question, commit),
        presence=presence_at(project, question, commit),
        url=redact(record.url),
        ref=record.ref,
        folder=folder,
        requested=record.requested,
        tip_then=record.tip_then,
        evidence=(
            Evidence(
                station=Station.SOURCE,
                strength=Strength.RECORDED,
                facts=facts,
                see=record.see_source,
                observed_at=now(),
            ),
        ),
    )
    return SourceSeen(source=source, content=project.at(commit, folder), folder=folder)


def _upload(
    project: Project, cloud: Cloud, record: BuildRecord, question: Question
) -> SourceSeen | Unseen:
    uploaded = cloud.upload(record.build.id)
    if isinstance(uploaded, Unseen):
        return uploaded
    content = WithoutProof(uploaded)
    tip = question.remote.tip if question.remote else None
    starts = [commit for commit in (question.commit, question.head, tip) if commit]
    found = compare_upload(
        project, content, record, list(dict.fromkeys(starts)), question.head, question.dirty
    )
    if isinstance(found, Unseen):
        return found
    clean = not differing(found.differences)
    facts = {
        "build": record.build.id,
        "commit_in_record": None,
        "files": len(content.files),
        "equal": found.equal,
        "nearest_commit": found.commit,
        "folder": found.folder,
        "differs": [[d.path, d.kind.value] for d in found.differences[:20]],
        "held_by": {d.path: d.has_it for d in found.differences[:20] if d.has_it},
        "notes": list(found.notes),
    }
    source = Source(
        kind=SourceKind.UPLOAD,
        commit=found.commit,
        on_ref=_on_ref(project, question, found.commit),
        on_remote=_on_remote(project, question, found.commit),
        presence=_presence_in_upload(project, content, found, question, clean),
        folder=found.folder,
        differences=found.differences,
        evidence=(
            Evidence(
                station=Station.SOURCE,
                strength=Strength.CONTENT,
                facts=facts,
                see=record.see_source,
                observed_at=now(),
            ),
        ),
    )
    return SourceSeen(source=source, content=content, folder=found.folder)


def _on_ref(project: Project, question: Question, commit: str) -> bool | None:
    """Whether the commit is on the builder's ref, as the remote has it now."""
    remote = question.remote
    if remote is None:
        return None
    if remote.tip is None:
        return False
    return project.repository.is_ancestor(commit, remote.tip)


def _on_remote(project: Project, question: Question, commit: str) -> bool | None:
    """True where another branch of the remote, one that holds the change, has the commit."""
    remote = question.remote
    if remote is None:
        return None
    has = project.repository.is_ancestor
    return any(has(commit, branch.tip) for branch in remote.others) or None


def presence_at(project: Project, question: Question, commit: str) -> Presence:
    """Whether the effect of the change is in the tree of a commit."""
    if commit == question.commit:
        return Presence.PRESENT
    repository = project.repository
    in_history = repository.is_ancestor(question.commit, commit)
    changed = question.footprint.all
    if not changed:
        return {True: Presence.PRESENT, False: Presence.ABSENT, None: Presence.UNKNOWN}[in_history]
    there = {
        path: file
        for path, (_, file) in followed(repository, changed, question.commit, commit).items()
    }
    found, _ = presence(
        list(changed),
        there.get,
        repository.read,
        repository.merge3,
        in_history=in_history,
        whole=True,
    )
    return found


def _presence_in_upload(
    project: Project,
    content: Content,
    upload: UploadSeen,
    question: Question,
    clean: bool,  # noqa: FBT001 - named at its only call
) -> Presence:
    """Whether the effect of the change is in an upload. Only what the build reads counts: an
    upload drops other files on purpose.
    """
    change = question.footprint
    out = {d.path for d in upload.differences if d.kind is DifferenceKind.EXPORT_IGNORED}
    if any(path in out and not beside_the_code(path) for path, _, _ in change.copied):
        return Presence.ABSENT
    changed = [c for c in (*change.copied, *change.steering) if c[0] not in out]
    if clean or not changed or upload.folder != project.folder:
        return presence_at(project, question, upload.commit)
    repository = project.repository

    def read(blobs: object) -> dict[str, bytes | None]:
        wanted = list(blobs)  # type: ignore[call-overload]
        paths = {
            file.blob: path for path, file in content.files.items() if file.blob in set(wanted)
        }
        theirs = content.read(paths.values())
        found = repository.read([blob for blob in wanted if blob not in paths])
        return {**found, **{blob: theirs.get(path) for blob, path in paths.items()}}

    found, _ = presence(
        changed,
        content.files.get,
        read,
        repository.merge3,
        in_history=repository.is_ancestor(question.commit, upload.commit),
    )
    return found
