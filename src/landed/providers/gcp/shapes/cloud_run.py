"""Cloud Run, version 2: jobs with their executions, services with their revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from landed.core import seen
from landed.core.model import learned
from landed.core.seen.switches import variable
from landed.providers.gcp.shapes.part import Part


class Mount(Part):
    """Where a volume is mounted."""

    mount_path: str


class Variable(Part):
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


class Container(Part):
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


class Condition(Part):
    """How a part of a resource stands."""

    type: str = ""
    state: str = ""
    message: str = ""
    reason: str = ""


class Task(Part):
    """What every task of an execution runs."""

    containers: tuple[Container, ...]


class JobTemplate(Part):
    """What a job executes."""

    template: Task


class Job(Part):
    """A job."""

    name: str
    template: JobTemplate
    update_time: datetime
    last_modifier: str = ""


class Execution(Part):
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


class Status(Part):
    """Why an operation failed."""

    code: int = 0
    message: str = ""


class Named(Part):
    """What an operation is about, by its name."""

    name: str = ""


class Operation(Part):
    """A change of Cloud Run's that takes its time."""

    name: str
    done: bool = False
    error: Status | None = None
    metadata: Named = Named()


class Executions(Part):
    """A page of executions."""

    executions: tuple[Execution, ...] = ()
    next_page_token: str = ""


class Traffic(Part):
    """A revision's part of the traffic."""

    revision: str = ""
    percent: int = 0
    type: str = ""


class Service(Part):
    """A service."""

    name: str
    template: Task
    update_time: datetime
    last_modifier: str = ""
    latest_created_revision: str = ""
    latest_ready_revision: str = ""
    traffic_statuses: tuple[Traffic, ...] = ()


class ContainerStatus(Part):
    """The digest that a revision's container was resolved to."""

    name: str = ""
    image_digest: str = ""


class Revision(Part):
    """A revision of a service."""

    name: str
    create_time: datetime
    containers: tuple[Container, ...]
    creator: str = ""
    container_statuses: tuple[ContainerStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reconciling: bool = False


class Revisions(Part):
    """A page of revisions."""

    revisions: tuple[Revision, ...] = ()
    next_page_token: str = ""


learned(Executions, Job, Operation, Revisions, Service)
