"""The real gcloud, its commands unchanged: what the incident's team typed, and services."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud.face.conftest import run_gcloud
from localcloud.face.stage import BROKEN, MENDED, SHOP, Stage, staged
from waiting import until

WORKER = f"{SHOP}/content-worker"
FRONT = f"{SHOP}/front:latest"
Gcloud = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("gcloud")) as made:
        yield made


@pytest.fixture
def gcloud(stage: Stage) -> Gcloud:
    return run_gcloud(stage.face)


def document(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_the_validation_of_the_incident(stage: Stage, gcloud: Gcloud) -> None:
    """Image, execution and logs, before the fix and after it. (The build's own step is tested
    where builds are.)
    """
    broken = stage.build("content-worker:latest", BROKEN)
    gcloud("run", "jobs", "create", "content-worker", f"--image={WORKER}:latest")
    failed = gcloud("run", "jobs", "execute", "content-worker", "--wait", ok=False)
    assert failed.returncode != 0
    assert "The execution failed" in failed.stderr
    asked = gcloud("logging", "read", "sqlalchemy", "--format=value(textPayload)")
    assert "failed to locate a name ('School')" in asked.stdout

    mended = stage.build("content-worker:latest", MENDED)
    assert mended != broken
    described = gcloud(
        "artifacts", "docker", "images", "describe", f"{WORKER}:latest", "--format=json"
    )
    assert document(described)["image_summary"]["digest"] == mended
    gcloud("run", "jobs", "update", "content-worker", f"--image={WORKER}@{mended}")
    ran = gcloud("run", "jobs", "execute", "content-worker", "--wait", "--format=json")
    execution = document(ran)["metadata"]["name"]
    # What the team's question could not tell: these entries are of the execution before.
    again = gcloud("logging", "read", "sqlalchemy", "--format=value(labels)")
    assert execution not in again.stdout
    assert again.stdout.strip()
    name = f'labels."run.googleapis.com/execution_name"="{execution}"'
    entries = document(gcloud("logging", "read", f"severity>=INFO AND {name}", "--format=json"))
    assert [entry["jsonPayload"]["message"] for entry in entries] == ["request 7 is done"]
    words = ("--job=content-worker", "--format=json")
    last, first = document(gcloud("run", "jobs", "executions", "list", *words))
    assert last["metadata"]["name"] == execution
    images = [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in (first, last)]
    # The first one ran a tag, and its record does not say which digest that was.
    assert images == [f"{WORKER}:latest", f"{WORKER}@{mended}"]


def test_a_job_that_is_not_waited_for(stage: Stage, gcloud: Gcloud) -> None:
    stage.build("broken:latest", BROKEN)
    stage.cloud.deploy("broken", f"{SHOP}/broken:latest")
    started = gcloud("run", "jobs", "execute", "broken", "--async", "--format=json")
    # It says that all is well, whatever happens later.
    execution = document(started)["metadata"]["name"]
    until(lambda: stage.cloud.executions("broken")[0].status == "FAILED")
    shown = gcloud("run", "jobs", "executions", "describe", execution)
    assert f"{SHOP}/broken:latest" in shown.stdout
    described = gcloud("run", "jobs", "describe", "broken")
    assert execution in described.stdout
    refused = gcloud("run", "jobs", "update", "broken", "--args=x", ok=False)
    assert "does not play a container's args" in refused.stderr


def test_a_service_is_deployed_routed_and_rolled_back(stage: Stage, gcloud: Gcloud) -> None:
    stage.serve("front:latest", "one")
    deployed = gcloud("run", "deploy", "front", f"--image={FRONT}")
    assert "has been deployed and is serving" in deployed.stderr
    first = stage.cloud.services.get("front").latest.record.name
    stage.serve("front:latest", "two")
    gcloud("run", "deploy", "front", f"--image={FRONT}")
    second = stage.cloud.services.get("front").latest.record.name
    gcloud("run", "services", "update-traffic", "front", f"--to-revisions={first}=100")
    assert stage.cloud.services.awake("front").revision == first
    gcloud("run", "services", "update-traffic", "front", "--to-latest")
    assert stage.cloud.services.awake("front").revision == second

    stage.build("bad:latest", "raise SystemExit(3)")
    failed = gcloud("run", "deploy", "front", f"--image={SHOP}/bad:latest", ok=False)
    assert failed.returncode != 0
    assert "It ended with exit code 3 before it listened on PORT" in failed.stderr
    listed = document(gcloud("run", "revisions", "list", "--service=front", "--format=json"))
    third, *others = (one["metadata"]["name"] for one in listed)
    assert others == [second, first]
    assert listed[1]["status"]["imageDigest"].startswith(f"{SHOP}/front@sha256:")
    status = document(gcloud("run", "services", "describe", "front", "--format=json"))["status"]
    assert status["latestCreatedRevisionName"] == third
    assert status["latestReadyRevisionName"] == second
    assert [one["revisionName"] for one in status["traffic"]] == [second]
    words = f'resource.type="cloud_run_revision" AND resource.labels.revision_name="{first}"'
    said = gcloud("logging", "read", words, "--format=value(textPayload)")
    # It was ended and started again in between.
    assert set(said.stdout.splitlines()) == {"about to listen: one"}


def test_images_and_tags_are_listed(stage: Stage, gcloud: Gcloud) -> None:
    digest = stage.build("listed:v1", MENDED)
    images = gcloud("artifacts", "docker", "images", "list", f"{SHOP}/listed", "--include-tags")
    assert (digest in images.stdout, "v1" in images.stdout) == (True, True)
    assert digest in gcloud("artifacts", "docker", "tags", "list", f"{SHOP}/listed").stdout


def test_a_question_that_cannot_be_parsed_is_refused(gcloud: Gcloud) -> None:
    refused = gcloud("logging", "read", "severity>=", ok=False)
    assert refused.returncode != 0
    assert "INVALID_ARGUMENT" in refused.stderr
    assert refused.stdout == ""
