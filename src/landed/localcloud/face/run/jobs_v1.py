"""Jobs, executions and tasks in version 1: what `gcloud run jobs` asks for."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from landed.core.errors import UsageError
from landed.localcloud.face.answers import Refusal, absent, filled, invalid, moment
from landed.localcloud.face.calls import Call, route
from landed.localcloud.face.face import Face
from landed.localcloud.face.run.container import container, inside, noted, wanted
from landed.localcloud.face.run.knative import asked, condition, listing, metadata, selected
from landed.localcloud.records import ExecutionRecord, JobRecord, Notes

GROUP = "run.googleapis.com"
VERSION = f"{GROUP}/v1"
_BASE = f"/apis/{VERSION}/namespaces/{{namespace}}"
TASKS = {"RUNNING": "runningCount", "SUCCEEDED": "succeededCount", "CANCELLED": "cancelledCount"}
"""The count in which an execution's one task stands; in any other state it has failed."""


def routes(face: Face) -> list[Route]:
    """The routes of jobs, executions and tasks."""
    return [
        route(face, "GET", f"{_BASE}/jobs", list_jobs),
        route(face, "POST", f"{_BASE}/jobs", create),
        route(face, "POST", f"{_BASE}/jobs/{{job}}:run", run),
        route(face, "GET", f"{_BASE}/jobs/{{job}}", get),
        route(face, "PUT", f"{_BASE}/jobs/{{job}}", replace),
        route(face, "GET", f"{_BASE}/executions", list_executions),
        route(face, "GET", f"{_BASE}/executions/{{execution}}", get_execution),
        route(face, "GET", f"{_BASE}/tasks", list_tasks),
        route(face, "GET", f"{_BASE}/tasks/{{task}}", get_task),
    ]


def found(face: Face, name: str) -> JobRecord:
    """A job. Raises Refusal where there is none."""
    try:
        record = face.cloud.job(name)
    except UsageError:
        # What cannot be a name is the name of nothing.
        record = None
    if record is None:
        raise absent(f"Job {name!r}")
    return record


def list_jobs(call: Call) -> dict[str, Any]:
    """All jobs."""
    face = call.face
    face.must_be_mine(call.path["namespace"])
    jobs = [job_object(face, found(face, name)) for name in face.cloud.jobs()]
    return listing(call, VERSION, "Job", selected(call, jobs))


def get(call: Call) -> dict[str, Any]:
    """One job."""
    return job_object(call.face, found(call.face, asked(call, "job")))


def create(call: Call) -> dict[str, Any]:
    """Makes a job that is not there yet."""
    call.face.must_be_mine(call.path["namespace"])
    name = inside(call.json(), "metadata", "name")
    if not isinstance(name, str) or not name:
        raise invalid("the job has no name")
    if call.face.cloud.job(name) is not None:
        raise Refusal(409, f"Job {name!r} already exists")
    return _deployed(call, name)


def replace(call: Call) -> dict[str, Any]:
    """Gives a job another spec."""
    name = asked(call, "job")
    found(call.face, name)
    return _deployed(call, name)


def _deployed(call: Call, name: str) -> dict[str, Any]:
    execution = inside(call.json(), "spec", "template", "spec") or {}
    task = inside(execution, "template", "spec") or {}
    if execution.get("taskCount", 1) != 1:
        raise invalid("the local cloud runs one task an execution")
    if task.get("volumes"):
        raise invalid("the local cloud does not play volumes")
    image, env = wanted(task.get("containers"))
    notes = Notes(
        own=noted(inside(call.json(), "metadata", "annotations")),
        made=noted(inside(call.json(), "spec", "template", "metadata", "annotations")),
    )
    with call.face.changing:
        return job_object(call.face, call.face.cloud.deploy(name, image, env, notes=notes))


def run(call: Call) -> dict[str, Any]:
    """Starts an execution, and returns at once."""
    face, name = call.face, asked(call, "job")
    found(face, name)
    return execution_object(face, begun(call, name))


def begun(call: Call, name: str) -> ExecutionRecord:
    """An execution of a job, in either version, that is just begun."""
    if call.json().get("overrides"):
        raise invalid("the local cloud does not play overrides: update the job instead")
    return call.face.cloud.execute(name, wait=False, runtime=call.face.runtime)


def list_executions(call: Call) -> dict[str, Any]:
    """All executions, newest first."""
    face = call.face
    face.must_be_mine(call.path["namespace"])
    items = [execution_object(face, one) for one in executions(face)]
    return listing(call, VERSION, "Execution", selected(call, items))


def executions(face: Face) -> list[ExecutionRecord]:
    """The executions of all jobs, newest first."""
    every = [one for name in face.cloud.jobs() for one in face.cloud.executions(name)]
    return sorted(every, key=lambda one: one.start_time, reverse=True)


def _execution(call: Call, name: str) -> ExecutionRecord:
    for one in executions(call.face):
        if one.id == name:
            return one
    raise absent(f"Execution {name!r}")


def get_execution(call: Call) -> dict[str, Any]:
    """One execution."""
    return execution_object(call.face, _execution(call, asked(call, "execution")))


def list_tasks(call: Call) -> dict[str, Any]:
    """The one task of each execution."""
    face = call.face
    face.must_be_mine(call.path["namespace"])
    items = [_task_object(face, one) for one in executions(face)]
    return listing(call, VERSION, "Task", selected(call, items))


def get_task(call: Call) -> dict[str, Any]:
    """One task."""
    name = asked(call, "task")
    execution, _, index = name.rpartition("-")
    if index != "0":
        raise absent(f"Task {name!r}")
    return _task_object(call.face, _execution(call, execution))


def job_object(face: Face, record: JobRecord) -> dict[str, Any]:
    """A job. Its spec names the image as it was given: no field of a job holds a digest."""
    spec, first = record.spec, (*record.history, record.spec)[0]
    ran = face.cloud.executions(record.name)
    generation = len(record.history) + 1
    execution = {"taskCount": 1, "template": {"spec": task(record.name, spec.image, spec.env)}}
    return {
        "apiVersion": VERSION,
        "kind": "Job",
        "metadata": metadata(
            face, GROUP, "jobs", record.name, first.update_time, generation,
            {f"{GROUP}/lastUpdatedTime": moment(spec.update_time)},
            {
                **spec.notes.own,
                f"{GROUP}/creator": first.updated_by,
                f"{GROUP}/lastModifier": spec.updated_by,
            },
        ),
        # gcloud falls over a template without metadata, empty as it is.
        "spec": {
            "template": {
                "metadata": filled(annotations=spec.notes.made),
                "spec": execution,
            }
        },
        "status": filled(
            observedGeneration=generation,
            conditions=[condition("Ready", "True", spec.update_time)],
            executionCount=len(ran),
            latestCreatedExecution=_reference(ran[0]) if ran else None,
        ),
    }  # fmt: skip


def task(job: str, image: str, env: dict[str, str]) -> dict[str, Any]:
    """The one task of an execution, in both versions of the API: it is never tried again."""
    return {"containers": [container(job, image, env)], "maxRetries": 0}


COMPLETION = {
    "RUNNING": "EXECUTION_RUNNING",
    "SUCCEEDED": "EXECUTION_SUCCEEDED",
    "CANCELLED": "EXECUTION_CANCELLED",
}


def _reference(one: ExecutionRecord) -> dict[str, Any]:
    return filled(
        name=one.id,
        creationTimestamp=moment(one.start_time),
        completionTimestamp=moment(one.finish_time) if one.finish_time else None,
        completionStatus=COMPLETION.get(one.status, "EXECUTION_FAILED"),
    )


def why(one: ExecutionRecord) -> tuple[str, str]:
    """The reason and the message of an execution that has not succeeded."""
    if one.status == "LOST":
        return "Internal", "Its supervisor died: nobody saw how it ended."
    if one.status == "CANCELLED":
        return "Cancelled", "The execution was cancelled."
    if one.exit_code is None:
        return "Internal", "The container could not be started."
    return "NonZeroExitCode", f"The container exited with an error (exit code {one.exit_code})."


def execution_object(face: Face, one: ExecutionRecord) -> dict[str, Any]:
    """An execution. Its template names the image as the job did when it started."""
    labels = {f"{GROUP}/job": one.job}
    return {
        "apiVersion": VERSION,
        "kind": "Execution",
        "metadata": metadata(
            face, GROUP, "executions", one.id, one.start_time, 1, labels,
            {f"{GROUP}/creator": one.creator} if one.creator else {},
        ),
        "spec": {
            "parallelism": 1,
            "taskCount": 1,
            "template": {"spec": task(one.job, one.image, one.env)},
        },
        "status": {
            **_times(one),
            TASKS.get(one.status, "failedCount"): 1,
            "conditions": _conditions(one),
            "observedGeneration": 1,
        },
    }  # fmt: skip


def _task_object(face: Face, one: ExecutionRecord) -> dict[str, Any]:
    labels = {f"{GROUP}/job": one.job, f"{GROUP}/execution": one.id}
    return {
        "apiVersion": VERSION,
        "kind": "Task",
        "metadata": metadata(
            face, GROUP, "tasks", f"{one.id}-0", one.start_time, 1, labels, {}
        ),
        "spec": task(one.job, one.image, one.env),
        "status": {
            **_times(one),
            "index": 0,
            "conditions": _conditions(one),
            "observedGeneration": 1,
        },
    }  # fmt: skip


def _times(one: ExecutionRecord) -> dict[str, Any]:
    return filled(
        startTime=moment(one.start_time),
        completionTime=moment(one.finish_time) if one.finish_time else None,
    )


def _conditions(one: ExecutionRecord) -> list[dict[str, Any]]:
    begun = [
        condition(kind, "True", one.start_time)
        for kind in ("ResourcesAvailable", "Started", "ContainerReady")
    ]
    if one.status == "RUNNING":
        return [condition("Completed", "Unknown", one.start_time), *begun]
    ended = one.finish_time or one.start_time
    if one.status == "SUCCEEDED":
        return [condition("Completed", "True", ended), *begun]
    return [condition("Completed", "False", ended, *why(one)), *begun]
