"""Jobs and executions over HTTP; every answer is held against Google's documents as well."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.face.stage import BROKEN, JOBS, MENDED, RUN, SHOP, V2, Stage, job, staged
from localcloud.test_killed import supervisor
from waiting import until

IMAGE = f"{SHOP}/worker:latest"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("jobs")) as made:
        made.build("worker:latest", MENDED)
        yield made


def execute(stage: Stage, name: str) -> dict[str, Any]:
    """Starts an execution, and waits for its end."""
    begun = stage.ask("POST", f"{JOBS}/jobs/{name}:run", {})
    return stage.settled(f"{JOBS}/executions/{begun['metadata']['name']}", "Completed")


def ended(execution: dict[str, Any]) -> dict[str, Any]:
    (one,) = [c for c in execution["status"]["conditions"] if c["type"] == "Completed"]
    found: dict[str, Any] = one
    return found


def test_from_the_first_job_to_its_execution(stage: Stage) -> None:
    made = stage.ask("POST", f"{JOBS}/jobs", job("first", IMAGE, env=[{"name": "A", "value": "1"}]))
    assert made["metadata"]["generation"] == 1
    assert "latestCreatedExecution" not in made["status"]
    done = execute(stage, "first")
    assert ended(done)["status"] == "True"
    assert done["status"]["succeededCount"] == 1
    (container,) = done["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["env"]) == (IMAGE, [{"name": "A", "value": "1"}])
    after = stage.ask("GET", f"{JOBS}/jobs/first")
    last = after["status"]["latestCreatedExecution"]
    assert (last["name"], last["completionStatus"]) == (
        done["metadata"]["name"], "EXECUTION_SUCCEEDED",
    )  # fmt: skip
    assert stage.cloud.job("first").spec.env == {"A": "1"}  # type: ignore[union-attr] # it is there


def test_an_execution_keeps_the_image_and_variables_of_its_start(stage: Stage) -> None:
    stage.ask("POST", f"{JOBS}/jobs", job("kept", IMAGE))
    before = execute(stage, "kept")
    digest = stage.cloud.images.here(IMAGE)
    pinned = f"{SHOP}/worker@{digest}"
    changed = stage.ask("PUT", f"{JOBS}/jobs/kept", job("kept", pinned))
    assert changed["metadata"]["generation"] == 2
    again = stage.ask("GET", f"{JOBS}/executions/{before['metadata']['name']}")
    images = [c["image"] for c in again["spec"]["template"]["spec"]["containers"]]
    # The job named a tag then: nothing of an execution holds a digest.
    assert images == [IMAGE]
    assert digest not in str(again)
    assert execute(stage, "kept")["spec"]["template"]["spec"]["containers"][0]["image"] == pinned


def test_the_same_in_version_2(stage: Stage) -> None:
    stage.ask("POST", f"{JOBS}/jobs", job("second", IMAGE))
    done = execute(stage, "second")["metadata"]["name"]
    found = stage.ask("GET", f"{V2}/jobs/second")
    assert found["name"] == "projects/landed-local/locations/europe-west1/jobs/second"
    assert found["latestCreatedExecution"]["name"] == done
    assert found["creator"] == found["lastModifier"]
    assert found["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    one = stage.ask("GET", f"{V2}/jobs/second/executions/{done}")
    assert (one["succeededCount"], one["template"]["containers"][0]["image"]) == (1, IMAGE)
    assert one == stage.ask("GET", f"{V2}/jobs/second/executions")["executions"][0]
    every = stage.ask("GET", f"{V2}/jobs/-/executions")["executions"]
    assert one in every
    assert [e["createTime"] for e in every] == sorted(
        (e["createTime"] for e in every), reverse=True
    )
    names = [entry["name"].rpartition("/")[2] for entry in stage.ask("GET", f"{V2}/jobs")["jobs"]]
    assert "second" in names


def test_a_failure_is_a_failure_in_both_versions(stage: Stage) -> None:
    stage.build("broken:latest", BROKEN)
    stage.ask("POST", f"{JOBS}/jobs", job("broken", f"{SHOP}/broken:latest"))
    done = execute(stage, "broken")
    assert (ended(done)["status"], ended(done)["reason"]) == ("False", "NonZeroExitCode")
    assert (done["status"]["failedCount"], "exit code 1" in ended(done)["message"]) == (1, True)
    one = stage.ask("GET", f"{V2}/jobs/broken/executions/{done['metadata']['name']}")
    (completed,) = [c for c in one["conditions"] if c["type"] == "Completed"]
    assert (completed["state"], completed["executionReason"]) == (
        "CONDITION_FAILED", "NON_ZERO_EXIT_CODE",
    )  # fmt: skip
    assert one["failedCount"] == 1
    last = stage.ask("GET", f"{V2}/jobs/broken")["latestCreatedExecution"]
    assert last["completionStatus"] == "EXECUTION_FAILED"


@pytest.mark.parametrize(
    ("end", "reason", "status"),
    [
        (signal.SIGTERM, "Cancelled", "EXECUTION_CANCELLED"),
        (signal.SIGKILL, "Internal", "EXECUTION_FAILED"),
    ],
)
def test_one_that_runs_and_one_whose_end_nobody_saw(
    stage: Stage, end: int, reason: str, status: str
) -> None:
    name = f"slow-{int(end)}"
    stage.build("slow:latest", "import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    stage.ask("POST", f"{JOBS}/jobs", job(name, f"{SHOP}/slow:latest"))
    begun = stage.ask("POST", f"{JOBS}/jobs/{name}:run", {})
    execution = begun["metadata"]["name"]
    until(lambda: stage.cloud.logs(name, execution))
    running = stage.ask("GET", f"{V2}/jobs/{name}/executions/{execution}")
    assert (running["runningCount"], running["reconciling"]) == (1, True)
    assert "completionTime" not in running
    os.kill(until(lambda: supervisor(execution)), end)
    done = stage.settled(f"{JOBS}/executions/{execution}", "Completed")
    assert (ended(done)["status"], ended(done)["reason"]) == ("False", reason)
    last = stage.ask("GET", f"{JOBS}/jobs/{name}")["status"]["latestCreatedExecution"]
    assert last["completionStatus"] == status


def test_lists_by_label_and_in_pages(stage: Stage) -> None:
    for name in ("a-list", "b-list"):
        stage.ask("POST", f"{JOBS}/jobs", job(name, IMAGE))
        execute(stage, name)
    selector = "?labelSelector=run.googleapis.com/job=a-list"
    (one,) = stage.ask("GET", f"{JOBS}/executions{selector}")["items"]
    (task,) = stage.ask("GET", f"{JOBS}/tasks{selector}")["items"]
    assert task["metadata"]["name"] == f"{one['metadata']['name']}-0"
    assert stage.ask("GET", f"{JOBS}/tasks/{task['metadata']['name']}") == task
    names, token = [], ""
    while True:
        page = stage.ask("GET", f"{JOBS}/jobs?limit=1&continue={token}")
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert names == stage.cloud.jobs()
    stage.ask("GET", f"{JOBS}/executions?labelSelector=a!=b", code=400)
    stage.ask("GET", f"{JOBS}/executions?continue=nonsense", code=400)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (job("x", "nothing:here"), 400),
        (job("x", "NOT A NAME"), 400),
        (job("x", ""), 400),
        (job("NOT-A-NAME", IMAGE), 400),
        (job("", IMAGE), 400),
        (job("x", IMAGE, command=["sh"]), 400),
        (job("x", IMAGE, args=["--fast"]), 400),
        (job("x", IMAGE, env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]), 400),
        ({}, 400),
        ({"metadata": {"name": "x"}, "spec": 3}, 400),
    ],
)
def test_what_cannot_be_played_is_refused(
    stage: Stage, document: dict[str, Any], code: int
) -> None:
    stage.ask("POST", f"{JOBS}/jobs", document, code)
    assert "x" not in stage.cloud.jobs()


def test_what_is_not_there(stage: Stage) -> None:
    stage.ask("POST", f"{JOBS}/jobs", job("there", IMAGE))
    stage.ask("POST", f"{JOBS}/jobs", job("there", IMAGE), 409)
    stage.ask("PUT", f"{JOBS}/jobs/nosuch", job("nosuch", IMAGE), 404)
    stage.ask("POST", f"{JOBS}/jobs/nosuch:run", {}, 404)
    stage.ask("POST", f"{JOBS}/jobs/there:run", {"overrides": {"taskCount": 3}}, 400)
    for path in ("jobs/nosuch", "jobs/NO-NAME", "executions/nosuch", "tasks/nosuch", "tasks/x-0"):
        stage.ask("GET", f"{JOBS}/{path}", code=404)
    for path in ("jobs/nosuch", "jobs/there/executions/x", "jobs/nosuch/executions"):
        stage.ask("GET", f"{V2}/{path}", code=404)
    stage.ask("GET", f"{RUN}/v2/projects/landed-local/locations/us-east1/jobs", code=404)
    stage.ask("GET", f"{RUN}/v2/projects/another/locations/europe-west1/jobs", code=403)
    stage.ask("GET", f"{RUN}/apis/run.googleapis.com/v1/namespaces/another/jobs", code=403)


def test_google_s_own_client_reads_it_on_loopback(stage: Stage) -> None:
    from google.oauth2.credentials import Credentials
    from googleapiclient.discovery import (  # type: ignore[import-untyped] # Google ships none
        build,
    )

    stage.ask("POST", f"{JOBS}/jobs", job("own", IMAGE))
    done = execute(stage, "own")["metadata"]["name"]
    credentials = Credentials(stage.face.face.token)  # type: ignore[no-untyped-call] # Google's
    options = {"api_endpoint": stage.face.url}
    client = build("run", "v2", credentials=credentials, client_options=options)
    parent = "projects/landed-local/locations/europe-west1/jobs/own"
    jobs = client.projects().locations().jobs()
    assert jobs.get(name=parent).execute()["latestCreatedExecution"]["name"] == done
    (one,) = jobs.executions().list(parent=parent).execute()["executions"]
    assert one["template"]["containers"][0]["image"] == IMAGE


def test_damage_is_an_error_and_no_empty_list(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.build("worker:latest", MENDED)
        stage.ask("POST", f"{JOBS}/jobs", job("hurt", IMAGE))
        (stage.cloud.root / "jobs" / "hurt" / "job.json").write_text("{")
        for url in (f"{JOBS}/jobs", f"{JOBS}/jobs/hurt", f"{V2}/jobs/hurt"):
            error = stage.ask("GET", url, code=500)["error"]
            assert "damaged" in error["message"]
