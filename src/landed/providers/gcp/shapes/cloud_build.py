"""Cloud Build: builds with their sources, and triggers."""

from __future__ import annotations

from datetime import datetime

from landed.core.model import learned
from landed.providers.gcp.shapes.part import Part
from landed.providers.gcp.shapes.storage import Stored


class GitSource(Part):
    """A repository at a URL, and what was asked of it."""

    url: str = ""
    revision: str = ""
    dir: str = ""


class RepoSource(Part):
    """A repository of Cloud Source Repositories."""

    project_id: str = ""
    repo_name: str = ""
    branch_name: str = ""
    tag_name: str = ""
    commit_sha: str = ""
    dir: str = ""
    invert_regex: bool = False


class Connected(Part):
    """A repository behind a connection, by its resource name."""

    repository: str = ""
    git_repository_link: str = ""
    revision: str = ""
    dir: str = ""


class Source(Part):
    """What a build was given: one of these, or none."""

    storage_source: Stored | None = None
    storage_source_manifest: Stored | None = None
    repo_source: RepoSource | None = None
    git_source: GitSource | None = None
    connected_repository: Connected | None = None
    developer_connect_config: Connected | None = None


class Hash(Part):
    """A digest; `value` is base64."""

    type: str = ""
    value: str = ""


class Hashes(Part):
    """The digests of one file."""

    file_hash: tuple[Hash, ...] = ()


class Resolved(Part):
    """What Cloud Build made of the source that was asked for."""

    resolved_storage_source: Stored | None = None
    resolved_storage_source_manifest: Stored | None = None
    resolved_repo_source: RepoSource | None = None
    resolved_git_source: GitSource | None = None
    resolved_connected_repository: Connected | None = None
    file_hashes: dict[str, Hashes] = {}


class Step(Part):
    """A step of a build."""

    name: str
    args: tuple[str, ...] = ()
    dir: str = ""
    entrypoint: str = ""
    script: str = ""
    exit_code: int | None = None


class BuiltImage(Part):
    """An image that a build pushed."""

    name: str
    digest: str


class Results(Part):
    """What a build gave."""

    images: tuple[BuiltImage, ...] = ()


class Failure(Part):
    """Why a build failed."""

    type: str = ""
    detail: str = ""


class Build(Part):
    """A build."""

    id: str
    project_id: str
    status: str
    create_time: datetime
    start_time: datetime | None = None
    finish_time: datetime | None = None
    name: str = ""
    source: Source = Source()
    source_provenance: Resolved = Resolved()
    steps: tuple[Step, ...] = ()
    substitutions: dict[str, str] = {}
    images: tuple[str, ...] = ()
    results: Results = Results()
    failure_info: Failure | None = None
    status_detail: str = ""
    build_trigger_id: str = ""
    tags: tuple[str, ...] = ()


class Builds(Part):
    """A page of builds."""

    builds: tuple[Build, ...] = ()
    next_page_token: str = ""


class Begun(Part):
    """What an operation says of the build that it is."""

    build: Build


class BuildOperation(Part):
    """A build that was begun."""

    metadata: Begun


class Push(Part):
    """Which refs start a build."""

    branch: str = ""
    tag: str = ""
    invert_regex: bool = False


class Events(Part):
    """A trigger's repository, and the events that it waits for."""

    owner: str = ""
    name: str = ""
    repository: str = ""
    git_repository_link: str = ""
    push: Push | None = None


class ToBuild(Part):
    """What a trigger without events builds."""

    uri: str = ""
    ref: str = ""


class Trigger(Part):
    """A trigger."""

    id: str
    resource_name: str = ""
    name: str = ""
    disabled: bool = False
    included_files: tuple[str, ...] = ()
    ignored_files: tuple[str, ...] = ()
    trigger_template: RepoSource | None = None
    github: Events | None = None
    repository_event_config: Events | None = None
    developer_connect_event_config: Events | None = None
    source_to_build: ToBuild | None = None


class Triggers(Part):
    """A page of triggers."""

    triggers: tuple[Trigger, ...] = ()
    next_page_token: str = ""


learned(BuildOperation, Builds, Triggers)
