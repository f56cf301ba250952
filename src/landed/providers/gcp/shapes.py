"""What Google's APIs answer, as far as landed reads it. Their own names, in Python's spelling.

What an answer cannot be without is required: half an answer is an error, and no empty success.
Their JSON leaves out what is empty, so lists, counts and flags have a default.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from landed.core import seen
from landed.core.model import Frozen, learned
from landed.core.seen.switches import variable


class _Part(Frozen, rename="camel"):
    """A part of an answer."""


class GitSource(_Part):
    """A repository at a URL, and what was asked of it."""

    url: str = ""
    revision: str = ""
    dir: str = ""


class RepoSource(_Part):
    """A repository of Cloud Source Repositories."""

    project_id: str = ""
    repo_name: str = ""
    branch_name: str = ""
    tag_name: str = ""
    commit_sha: str = ""
    dir: str = ""
    invert_regex: bool = False


class Connected(_Part):
    """A repository behind a connection, by its resource name."""

    repository: str = ""
    git_repository_link: str = ""
    revision: str = ""
    dir: str = ""


class Stored(_Part):
    """An object of Cloud Storage."""

    bucket: str = ""
    object: str = ""
    generation: str = ""


class Object(_Part):
    """An object's record. `md5_hash` is base64."""

    name: str
    generation: str
    md5_hash: str = ""


class Objects(_Part):
    """A page of objects."""

    items: tuple[Object, ...] = ()


class Bucket(_Part):
    """A bucket."""

    name: str


class Buckets(_Part):
    """A page of buckets."""

    items: tuple[Bucket, ...] = ()


class Source(_Part):
    """What a build was given: one of these, or none."""

    storage_source: Stored | None = None
    storage_source_manifest: Stored | None = None
    repo_source: RepoSource | None = None
    git_source: GitSource | None = None
    connected_repository: Connected | None = None
    developer_connect_config: Connected | None = None


class Hash(_Part):
    """A digest; `value` is base64."""

    type: str = ""
    value: str = ""


class Hashes(_Part):
    """The digests of one file."""

    file_hash: tuple[Hash, ...] = ()


class Resolved(_Part):
    """What Cloud Build made of the source that was asked for."""

    resolved_storage_source: Stored | None = None
    resolved_storage_source_manifest: Stored | None = None
    resolved_repo_source: RepoSource | None = None
    resolved_git_source: GitSource | None = None
    resolved_connected_repository: Connected | None = None
    file_hashes: dict[str, Hashes] = {}


class Step(_Part):
    """A step of a build."""

    name: str
    args: tuple[str, ...] = ()
    dir: str = ""
    entrypoint: str = ""
    script: str = ""
    exit_code: int | None = None


class BuiltImage(_Part):
    """An image that a build pushed."""

    name: str
    digest: str


class Results(_Part):
    """What a build gave."""

    images: tuple[BuiltImage, ...] = ()


class Failure(_Part):
    """Why a build failed."""

    type: str = ""
    detail: str = ""


class Build(_Part):
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


class Builds(_Part):
    """A page of builds."""

    builds: tuple[Build, ...] = ()
    next_page_token: str = ""


class Begun(_Part):
    """What an operation says of the build that it is."""

    build: Build


class BuildOperation(_Part):
    """A build that was begun."""

    metadata: Begun


class Push(_Part):
    """Which refs start a build."""

    branch: str = ""
    tag: str = ""
    invert_regex: bool = False


class Events(_Part):
    """A trigger's repository, and the events that it waits for."""

    owner: str = ""
    name: str = ""
    repository: str = ""
    git_repository_link: str = ""
    push: Push | None = None


class ToBuild(_Part):
    """What a trigger without events builds."""

    uri: str = ""
    ref: str = ""


class Trigger(_Part):
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


class Triggers(_Part):
    """A page of triggers."""

    triggers: tuple[Trigger, ...] = ()
    next_page_token: str = ""


class Mount(_Part):
    """Where a volume is mounted."""

    mount_path: str


class Variable(_Part):
    """A variable of a container; its value is looked at by `said` alone, and kept nowhere."""

    name: str
    value: str = ""
    value_source: dict[str, Any] | None = None

    @property
    def said(self) -> seen.Variable:
        """Its name, and its value where that is one of a few harmless words."""
        if self.value_source is not None:
            return seen.Variable(name=self.name)
        return variable(self.name, self.value)


class Container(_Part):
    """A container of a job, an execution, a service or a revision. What it says of its start goes
    before what its image says.
    """

    image: str
    name: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[Variable, ...] = ()
    source_code: dict[str, Any] | None = None
    base_image_uri: str = ""
    volume_mounts: tuple[Mount, ...] = ()


class Condition(_Part):
    """How a part of a resource stands."""

    type: str = ""
    state: str = ""
    message: str = ""
    reason: str = ""


class Task(_Part):
    """What every task of an execution runs."""

    containers: tuple[Container, ...]


class JobTemplate(_Part):
    """What a job executes."""

    template: Task


class Job(_Part):
    """A job."""

    name: str
    template: JobTemplate
    update_time: datetime
    last_modifier: str = ""


class Execution(_Part):
    """An execution of a job. `template` is its own, as it was when it was made."""

    name: str
    create_time: datetime
    template: Task
    annotations: dict[str, str] = {}
    start_time: datetime | None = None
    completion_time: datetime | None = None
    task_count: int = 0
    succeeded_count: int = 0
    failed_count: int = 0
    cancelled_count: int = 0
    conditions: tuple[Condition, ...] = ()


class Status(_Part):
    """Why an operation failed."""

    code: int = 0
    message: str = ""


class Named(_Part):
    """What an operation is about, by its name."""

    name: str = ""


class Operation(_Part):
    """A change of Cloud Run's that takes its time."""

    name: str
    done: bool = False
    error: Status | None = None
    metadata: Named = Named()


class Executions(_Part):
    """A page of executions."""

    executions: tuple[Execution, ...] = ()
    next_page_token: str = ""


class Traffic(_Part):
    """A revision's part of the traffic."""

    revision: str = ""
    percent: int = 0
    type: str = ""


class Service(_Part):
    """A service."""

    name: str
    template: Task
    update_time: datetime
    last_modifier: str = ""
    latest_created_revision: str = ""
    latest_ready_revision: str = ""
    traffic_statuses: tuple[Traffic, ...] = ()


class ContainerStatus(_Part):
    """The digest that a revision's container was resolved to."""

    name: str = ""
    image_digest: str = ""


class Revision(_Part):
    """A revision of a service."""

    name: str
    create_time: datetime
    containers: tuple[Container, ...]
    creator: str = ""
    container_statuses: tuple[ContainerStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reconciling: bool = False


class Revisions(_Part):
    """A page of revisions."""

    revisions: tuple[Revision, ...] = ()
    next_page_token: str = ""


class Entries(_Part):
    """A page of log entries, each as it came."""

    entries: tuple[msgspec.Raw, ...] = ()
    next_page_token: str = ""


class LogSource(_Part):
    """What a log entry is about."""

    labels: dict[str, Any]
    type: str = ""


class LogOrigin(_Part):
    """Whose a log entry is."""

    resource: LogSource
    labels: dict[str, Any] | None = None
    log_name: str = ""
    proto_payload: msgspec.Raw = msgspec.Raw()


class DockerImage(_Part):
    """An image of Artifact Registry."""

    uri: str
    upload_time: datetime
    update_time: datetime
    tags: tuple[str, ...] = ()


class Signature(_Part):
    """A signature of an envelope."""

    sig: str
    keyid: str = ""


class Envelope(_Part):
    """A DSSE envelope; `payload` is base64."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...] = ()


class Occurrence(_Part):
    """What Container Analysis knows of an image."""

    name: str
    kind: str
    resource_uri: str
    envelope: Envelope | None = None


class Occurrences(_Part):
    """A page of occurrences. `unreachable` regions were not looked at."""

    occurrences: tuple[Occurrence, ...] = ()
    next_page_token: str = ""
    unreachable: tuple[str, ...] = ()


class Permissions(_Part):
    """Those of the permissions that were asked for which who asks has."""

    permissions: tuple[str, ...] = ()


learned(
    Buckets, Builds, BuildOperation, DockerImage, Entries, Executions, Job, Objects, Occurrences,
    Operation, Permissions, Revisions, Service, Triggers,
)  # fmt: skip
