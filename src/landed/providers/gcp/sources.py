"""What Cloud Build says of a build's source, in all the shapes that it has for that.

What Cloud Build resolved is recorded. What was only asked for, a branch's name, is no commit.
"""

from __future__ import annotations

import re

from landed.core.model import Frozen
from landed.core.seen import SourceKind
from landed.core.words import command
from landed.providers.gcp.shapes.cloud_build import Build, Connected, RepoSource
from landed.providers.gcp.shapes.storage import Stored
from landed.providers.gcp.steps import Cloned, cloned

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
BY_TRIGGER = ("COMMIT_SHA", "REVISION_ID", "SHORT_SHA")
"""Substitutions that a trigger sets. Without a trigger, somebody typed them."""


class Given(Frozen):
    """What a build was given. `unread` says why an upload cannot be read, empty where it can."""

    kind: SourceKind | None
    url: str = ""
    ref: str = ""
    commit: str | None = None
    requested: str | None = None
    tip_then: str | None = None
    folder: str = ""
    stored: Stored | None = None
    unread: str = ""


def given(build: Build) -> Given:
    """The source of a build."""
    asked, resolved = build.source, build.source_provenance
    if asked.storage_source_manifest or resolved.resolved_storage_source_manifest:
        return Given(
            kind=SourceKind.UPLOAD,
            unread="its source is a manifest of files in Cloud Storage, which landed does not read",
        )
    if git := resolved.resolved_git_source or asked.git_source:
        wanted = asked.git_source or git
        return _clone(build, git.url, wanted.revision, git.revision, git.dir)
    if repo := resolved.resolved_repo_source or asked.repo_source:
        wanted_repo = asked.repo_source or repo
        wanted_name = wanted_repo.commit_sha or wanted_repo.branch_name or wanted_repo.tag_name
        return _clone(build, _repository(repo), wanted_name, repo.commit_sha, repo.dir)
    connected = (
        resolved.resolved_connected_repository
        or asked.connected_repository
        or asked.developer_connect_config
    )
    if connected:
        wanted_there = asked.connected_repository or asked.developer_connect_config or connected
        return _clone(
            build, _connected(connected), wanted_there.revision, connected.revision, connected.dir
        )
    if stored := _stored(build):
        return Given(kind=SourceKind.UPLOAD, stored=stored)
    return _unsaid(build)


def of_image(build: Build, found: Given, folder: str) -> tuple[Given, str]:
    """The source of an image that is made of a `folder` of the workspace, and the folder in it.
    Where a step has cloned into that folder it is this clone, whatever the build itself was given,
    and the record does not say of which commit.
    """
    step = cloned(build.steps, build.substitutions)
    if step is None or not step.into or not f"{folder}/".startswith(f"{step.into}/"):
        return found, folder
    return _of_step(step), folder[len(step.into) + 1 :]


def see(found: Given, described: str) -> str:
    """The command that shows a source: the upload itself, else the build's record."""
    if found.stored:
        place = f"gs://{found.stored.bucket}/{found.stored.object}#{found.stored.generation}"
        return command("gcloud", "storage", "cat", place) + " | tar -tz"
    return described


def by_trigger(build: Build) -> str | None:
    """The commit that a trigger set. Where its names for that do not agree, somebody typed one."""
    said = build.substitutions
    commit = said.get("COMMIT_SHA", "")
    if not build.build_trigger_id or not COMMIT.fullmatch(commit):
        return None
    agree = all(commit.startswith(said.get(name, "")) for name in BY_TRIGGER)
    return commit if agree else None


def _clone(build: Build, url: str, wanted: str, resolved: str, folder: str) -> Given:
    """A clone. A full commit id names its own content: where the build got to its steps, it is what
    was taken, resolved or only asked for.
    """
    commit = resolved if COMMIT.fullmatch(resolved) else None
    requested = wanted if COMMIT.fullmatch(wanted) else None
    commit = commit or by_trigger(build)
    return Given(
        kind=SourceKind.CLONE,
        url=url,
        ref="" if requested else _ref(build, wanted),
        commit=commit,
        requested=requested if not build.build_trigger_id else None,
        # A branch that Cloud Build resolved is what its tip was at that moment.
        tip_then=commit if commit and not requested and wanted else None,
        folder=folder,
    )


def _ref(build: Build, wanted: str) -> str:
    """A branch or tag as git writes it, where the record tells which of them it is."""
    if wanted.startswith("refs/"):
        return wanted
    if wanted and wanted == build.substitutions.get("TAG_NAME"):
        return f"refs/tags/{wanted}"
    if wanted and re.fullmatch(r"[\w./-]+", wanted):
        return f"refs/heads/{wanted}"
    branch = build.substitutions.get("BRANCH_NAME", "")
    return f"refs/heads/{branch}" if build.build_trigger_id and branch else ""


def _stored(build: Build) -> Stored | None:
    """The object that was uploaded. Only what Cloud Build resolved has its generation for sure."""
    resolved = build.source_provenance.resolved_storage_source
    asked = build.source.storage_source
    found = resolved if resolved and resolved.object else asked
    return found if found and found.bucket and found.object else None


def _unsaid(build: Build) -> Given:
    """No source at all in the record: a trigger's, a step's own clone, or none that anybody sees.

    A trigger of a connected repository leaves its source in the substitutions alone.
    """
    said = build.substitutions
    if commit := by_trigger(build):
        name = said.get("REPO_FULL_NAME") or said.get("REPO_NAME") or ""
        return _clone(build, name, said.get("REF_NAME", ""), commit, "")
    step = cloned(build.steps, said)
    return Given(kind=None) if step is None else _of_step(step)


def _of_step(step: Cloned) -> Given:
    ref = f"refs/heads/{step.ref}" if step.ref else ""
    return Given(kind=SourceKind.CLONE, url=step.url, ref=ref, commit=None)


def _repository(repo: RepoSource) -> str:
    return f"https://source.developers.google.com/p/{repo.project_id}/r/{repo.repo_name}"


def _connected(source: Connected) -> str:
    """Where the repository is. Its resource name is not its URL, and landed says what it knows."""
    return source.repository or source.git_repository_link
