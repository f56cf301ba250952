"""What the local cloud writes down: builds, jobs, executions, services.

Words are as Google's clouds use them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from landed.core.model import Frozen, learned
from landed.core.probe import Lent


class StoredObject(Frozen):
    """A generation of an object in a bucket."""

    bucket: str
    name: str
    generation: int


class SourceRecord(Frozen):
    """What a build really was made from.

    A clone has the URL, the ref, what the remote said its tip was, and the commit that was taken.
    An upload has the archive and its SHA-256, and nothing about git; `stored` is the object that
    it came in as, where it came through the HTTP face.
    """

    kind: Literal["clone", "upload"]
    url: str = ""
    ref: str = ""
    requested_commit: str | None = None
    resolved_commit: str | None = None
    tip_then: str | None = None
    archive: str = ""
    sha256: str = ""
    files: int = 0
    folder: str = "."
    stored: StoredObject | None = None


class PushedImage(Frozen):
    """An image that a build pushed, under one name."""

    name: str
    digest: str


class StepRecord(Frozen):
    """How a step of a build went. A step that nobody came to is QUEUED."""

    status: Literal["QUEUED", "WORKING", "SUCCESS", "FAILURE", "CANCELLED"]
    start_time: datetime | None = None
    finish_time: datetime | None = None
    exit_code: int | None = None


BY_CODE = "USER_BUILD_STEP"
"""The type of a failure that the code itself caused, in Cloud Build's word."""


class BuildRecord(Frozen):
    """A build. `LOST` is how a reader sees one whose builder died. `key` is what its caller knows
    it by, empty where nobody asked for it by a key.

    A build that came through the HTTP face also has what was `asked` for, in Google's words and
    with every substitution made, how its steps went, and what was `fetched` before them: a step may
    clone something else, and the image be made of that.
    """

    id: str
    status: Literal["WORKING", "SUCCESS", "FAILURE", "CANCELLED", "TIMEOUT", "LOST"]
    create_time: datetime
    finish_time: datetime | None = None
    source: SourceRecord | None = None
    dockerfile: str = "Dockerfile"
    tags: tuple[str, ...] = ()
    build_args: dict[str, str] = {}
    substitutions: dict[str, str] = {}
    images: tuple[PushedImage, ...] = ()
    digest: str | None = None
    base: str = ""
    base_fetched: bool = False
    lent: Lent = Lent()
    not_run: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: str = ""
    key: str = ""
    failure_type: str = ""
    location: str = "global"
    trigger: str = ""
    asked: dict[str, Any] = {}
    fetched: SourceRecord | None = None
    start_time: datetime | None = None
    steps: tuple[StepRecord, ...] = ()


class Notes(Frozen):
    """Annotations, kept for whoever wrote them: a job's or service's own, and those that it gives
    to each execution or revision that it makes.
    """

    own: dict[str, str] = {}
    made: dict[str, str] = {}


class Spec(Frozen):
    """What a job is to run, since when, and who said so, by which `key`."""

    image: str
    env: dict[str, str]
    update_time: datetime
    updated_by: str
    resolved: str
    key: str = ""
    notes: Notes = Notes()


class JobRecord(Frozen):
    """A job with its present spec and the ones before it, oldest first."""

    name: str
    spec: Spec
    history: tuple[Spec, ...] = ()


class Share(Frozen):
    """A share of a service's traffic: to a revision, or to the latest ready one (None)."""

    percent: int
    revision: str | None = None


class ServiceSpec(Frozen):
    """What a service is to run and who gets its traffic, since when, and who said so."""

    image: str
    env: dict[str, str]
    traffic: tuple[Share, ...]
    update_time: datetime
    updated_by: str
    notes: Notes = Notes()


class RevisionRecord(Frozen):
    """A revision: the image as it was named, the digest that it meant then, and the instance whose
    start says whether it is ready. `runtime` is the Python that stands in for its base, and `key`
    what its caller knows it by, empty where nobody asked for it by a key.
    """

    name: str
    image: str
    env: dict[str, str]
    digest: str
    create_time: datetime
    creator: str
    instance: str
    runtime: str | None = None
    key: str = ""
    annotations: dict[str, str] = {}


class ServiceRecord(Frozen):
    """A service with its present spec, the specs before it and its revisions, oldest first."""

    name: str
    spec: ServiceSpec
    revisions: tuple[RevisionRecord, ...]
    history: tuple[ServiceSpec, ...] = ()


class Modules(Frozen):
    """Where an execution's Python modules came from. `foreign` must be empty. `loaded` are the
    files of the image among them, without a leading slash; what lies in an archive stands below it.
    None where that was not written down.
    """

    image: int
    runtime: int
    foreign: tuple[str, ...]
    loaded: tuple[str, ...] | None = None


class Runtime(Frozen):
    """The Python that stood in for the image's base."""

    version: str
    packages: tuple[str, ...]


class ExecutionRecord(Frozen):
    """An execution, with the digest that was resolved when it started, the variables that the job
    had then, and who started it, by which `key`. `entries` is how many log entries it wrote to its
    end.
    """

    id: str
    job: str
    image: str
    digest: str
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "LOST"]
    start_time: datetime
    finish_time: datetime | None = None
    exit_code: int | None = None
    isolation: str = ""
    runtime: Runtime | None = None
    modules: Modules | None = None
    entries: int | None = None
    env: dict[str, str] = {}
    creator: str = ""
    key: str = ""
    annotations: dict[str, str] = {}


class InstanceRecord(Frozen):
    """An instance of a service's revision. It is ready since it listened on its port; one that was
    told to stop is `CANCELLED`. `supervisor` is the process that watches over it.
    """

    id: str
    service: str
    revision: str
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "LOST"]
    start_time: datetime
    supervisor: int | None = None
    port: int | None = None
    ready_time: datetime | None = None
    finish_time: datetime | None = None
    exit_code: int | None = None
    failure: str = ""
    isolation: str = ""
    runtime: Runtime | None = None
    modules: Modules | None = None
    entries: int | None = None


class TagMove(Frozen):
    """A tag that was set, and when; None where another tool did it and did not say."""

    tag: str
    digest: str
    at: datetime | None = None


learned(BuildRecord, ExecutionRecord, InstanceRecord, JobRecord, ServiceRecord, TagMove)
