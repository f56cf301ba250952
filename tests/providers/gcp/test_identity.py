"""An answer about something else than was asked for: it never counts, and is never an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landed.core.model import Unseen
from providers.gcp.google import BUILD, IMAGE, JOB, PROJECT, REGION, SERVICE, Google
from providers.gcp.google import build as a_build
from providers.gcp.test_provenance import KEY, V1, occurrence, statement
from providers.gcp.test_run import revision, serve

WHERE = f"projects/{PROJECT}/locations/{REGION}"
OTHERS = {
    "another project": "projects/other-1234/locations/europe-west1/{}",
    "another region": f"projects/{PROJECT}/locations/us-central1/{{}}",
    "another resource": f"{WHERE}/{{}}-2",
    "a resource below it": f"{WHERE}/{{}}/revisions/x",
    "nothing": "",
}


def unseen(found: object) -> str:
    assert isinstance(found, Unseen), found
    assert "something else" in found.reason
    return found.reason


@pytest.mark.parametrize("lie", OTHERS)
def test_another_job(lie: str, google: Google, tmp_path: Path) -> None:
    google.job["name"] = OTHERS[lie].format("jobs/worker")
    unseen(google.view(tmp_path).deployment(JOB))


@pytest.mark.parametrize("lie", OTHERS)
def test_another_service(lie: str, google: Google, tmp_path: Path) -> None:
    google.revisions = [revision("front-1", google.image.digest, 10)]
    serve(google, "front-1", "front-1", front_1=100)
    google.service["name"] = OTHERS[lie].format("services/front")
    unseen(google.view(tmp_path, SERVICE).deployment(SERVICE))


@pytest.mark.parametrize(
    "name",
    [
        f"{WHERE}/jobs/other/executions/worker-aaaaa",
        f"projects/other-1234/locations/{REGION}/jobs/worker/executions/worker-aaaaa",
        "worker-aaaaa",
    ],
)
def test_another_jobs_execution(name: str, google: Google, tmp_path: Path) -> None:
    google.executions[0]["name"] = name
    unseen(google.view(tmp_path).executions(JOB))


def test_another_services_revision(google: Google, tmp_path: Path) -> None:
    google.revisions = [revision("front-1", google.image.digest, 10)]
    serve(google, "front-1", "front-1", front_1=100)
    google.revisions[0]["name"] = f"{WHERE}/services/back/revisions/front-1"
    view = google.view(tmp_path, SERVICE)
    unseen(view.executions(SERVICE))
    unseen(view.deployment(SERVICE))


@pytest.mark.parametrize(
    "lie",
    [
        {"projectId": "other-1234"},
        {"projectId": ""},
        {"name": f"projects/other-1234/locations/global/builds/{BUILD[:-1]}1"},
        {"name": f"projects/{PROJECT}/locations/{REGION}/builds/{BUILD[:-1]}1"},
        {"name": f"projects/{PROJECT}/locations/global/builds/{BUILD[:-1]}2"},
    ],
)
def test_another_projects_build(lie: dict[str, str], google: Google, tmp_path: Path) -> None:
    google.builds = [{**a_build(google.image.digest), **lie}]
    unseen(google.view(tmp_path).builds())


def test_a_build_that_names_no_project(google: Google, tmp_path: Path) -> None:
    del google.builds[0]["projectId"]
    unseen(google.view(tmp_path).builds())


def test_another_projects_trigger(google: Google, tmp_path: Path) -> None:
    push = {"github": {"owner": "shop", "name": "worker", "push": {"branch": "^main$"}}}
    name = "projects/other-1234/locations/global/triggers/abc"
    google.triggers = [{"id": "abc", "resourceName": name, **push}]
    unseen(google.view(tmp_path).triggers())


def test_a_project_by_its_number_is_ours(google: Google, tmp_path: Path) -> None:
    google.job["name"] = f"projects/123456789/locations/{REGION}/jobs/worker"
    assert not isinstance(google.view(tmp_path).deployment(JOB), Unseen)


@pytest.mark.parametrize(
    "lie",
    [
        {"resource": {"type": "cloud_run_revision"}},
        {"resource": {"labels": {"project_id": "other-1234"}}},
        {"resource": {"labels": {"location": "us-central1"}}},
        {"resource": {"labels": {"job_name": "other"}}},
        {"resource": {"labels": {"job_name": None}}},
        {"logName": "projects/other-1234/logs/run.googleapis.com%2Fstdout"},
    ],
)
def test_another_resources_entry_is_nobodys(
    lie: dict[str, Any], google: Google, tmp_path: Path
) -> None:
    entry = google.entries[0]
    if "logName" in lie:
        entry |= lie
    elif "type" in lie["resource"]:
        entry["resource"] |= lie["resource"]
    else:
        labels = {**entry["resource"]["labels"], **lie["resource"]["labels"]}
        entry["resource"]["labels"] = {k: v for k, v in labels.items() if v is not None}
    assert google.view(tmp_path).entries(JOB, "worker-aaaaa") == []


def test_another_images_provenance(google: Google, tmp_path: Path) -> None:
    """It is said, and adds nothing."""
    digest = google.image.digest
    one = occurrence(statement(digest, V1), digest, KEY)
    google.occurrences = [{**one, "resourceUri": f"https://{IMAGE}@sha256:{'0' * 64}"}]
    records = google.view(tmp_path).builds()
    assert not isinstance(records, Unseen)
    said = records[0].build.evidence[-1].facts
    assert said["provenance"] is None
    assert "something else" in said["not_seen"]


def test_another_generation_of_the_upload(google: Google, tmp_path: Path) -> None:
    google.spoil(
        "/storage/", lambda asked: asked.say(200, google.upload, x_goog_generation="1600000000")
    )
    unseen(google.view(tmp_path).upload(google.builds[0]["id"]))
