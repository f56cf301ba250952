"""Jobs and executions, services and revisions: each by its own record, and no tag is resolved
afterwards.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landed.core.errors import UsageError
from landed.core.model import Unseen
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Deployment, Execution, ExecutionState
from providers.gcp.google import (
    IMAGE,
    JOB,
    PROJECT,
    REGION,
    SERVICE,
    Google,
    at,
    build,
    digest_of,
    execution,
    say,
)
from providers.oci.faults import Asked

OLD = "sha256:" + "0" * 64


def deployed(google: Google, folder: Path, workload: Workload = JOB) -> Deployment:
    found = google.view(folder, workload).deployment(workload)
    assert isinstance(found, Deployment), found
    return found


def ran(google: Google, folder: Path, workload: Workload = JOB) -> list[Execution]:
    found = google.view(folder, workload).executions(workload)
    assert not isinstance(found, Unseen), found
    return list(found)


def test_an_execution_by_a_tag_cannot_be_told(google: Google, tmp_path: Path) -> None:
    google.executions = [execution("worker-aaaaa", f"{IMAGE}:latest", 15)]
    google.job["template"]["template"]["containers"] = [{"image": f"{IMAGE}:latest"}]
    assert [one.digest for one in ran(google, tmp_path)] == [None]
    job = deployed(google, tmp_path)
    assert (job.digest, job.pinned) == (google.image.digest, False)


STATES: dict[str, tuple[dict[str, Any], ExecutionState]] = {
    "succeeded": ({}, ExecutionState.SUCCEEDED),
    "failed": (
        {"succeededCount": 0, "failedCount": 1, "conditions": []},
        ExecutionState.FAILED,
    ),
    "cancelled": (
        {"succeededCount": 0, "cancelledCount": 1, "conditions": []},
        ExecutionState.FAILED,
    ),
    "failed by its condition": (
        {
            "succeededCount": 0,
            "conditions": [{"type": "Completed", "state": "CONDITION_FAILED"}],
        },
        ExecutionState.FAILED,
    ),
    "running": (
        {"completionTime": None, "succeededCount": 0, "conditions": []},
        ExecutionState.RUNNING,
    ),
    "ended, and nobody counted": (
        {"succeededCount": 0, "conditions": []},
        ExecutionState.LOST,
    ),
    "half of its tasks": ({"taskCount": 2, "conditions": []}, ExecutionState.LOST),
}


@pytest.mark.parametrize("name", STATES)
def test_where_an_execution_stands(google: Google, tmp_path: Path, name: str) -> None:
    changes, state = STATES[name]
    made = execution("worker-aaaaa", f"{IMAGE}@{OLD}", 15, **changes)
    google.executions = [{key: value for key, value in made.items() if value is not None}]
    assert [one.state for one in ran(google, tmp_path)] == [state]


def test_executions_come_newest_first(google: Google, tmp_path: Path) -> None:
    pinned = f"{IMAGE}@{google.image.digest}"
    google.executions = [
        execution("worker-a", pinned, 30),
        execution("worker-c", pinned, 10),
        execution("worker-b", pinned, 20),
    ]
    assert [one.id for one in ran(google, tmp_path)] == ["worker-c", "worker-b", "worker-a"]


def test_a_job_that_was_touched_after_its_executions(google: Google, tmp_path: Path) -> None:
    """Its own time of change moves with more than its image: what ran on this digest proves that
    it was in force.
    """
    google.job["updateTime"] = at(1)
    pinned = f"{IMAGE}@{google.image.digest}"
    google.executions = [
        execution("worker-c", pinned, 10),
        execution("worker-b", pinned, 20),
        execution("worker-a", f"{IMAGE}@{OLD}", 30),
    ]
    assert deployed(google, tmp_path).since == ran(google, tmp_path)[1].started_at


def test_an_index_and_its_child(google: Google, tmp_path: Path) -> None:
    """The build pushed an index; Cloud Run names the one image of it that it runs."""
    child = google.image.digest
    index = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                {
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": child,
                    "size": len(google.image.manifest),
                    "platform": {"os": "linux", "architecture": "amd64"},
                }
            ],
        }
    ).encode()
    whole = digest_of(index)
    google.builds = [build(whole)]
    for name in ("latest", whole):
        google.spoil(f"manifests/{name}", lambda asked: asked.say(200, index))
    view = google.view(tmp_path)
    assert view.members(whole) == [child]
    assert view.members(child) == []
    image = view.image(whole)
    assert not isinstance(image, Unseen), image
    assert set(image.files) == {"app/job.py"}


def test_of_several_containers_the_deployables_own(google: Google, tmp_path: Path) -> None:
    own = {"image": f"{IMAGE}@{OLD}", "name": "worker"}
    other = {"image": "docker.io/library/envoy:1", "name": "side"}
    google.job["template"]["template"]["containers"] = [other, own]
    assert deployed(google, tmp_path).digest == OLD
    twice = [own, {**own, "name": "again"}]
    google.job["template"]["template"]["containers"] = twice
    assert deployed(google, tmp_path).digest is None


def revision(name: str, digest: str, minutes: float, state: str = "SUCCEEDED") -> dict[str, Any]:
    return {
        "name": f"projects/{PROJECT}/locations/{REGION}/services/front/revisions/{name}",
        "createTime": at(minutes),
        "containers": [{"image": f"{IMAGE}:latest", "name": "front"}],
        "containerStatuses": [{"name": "front", "imageDigest": f"{IMAGE}@{digest}"}],
        "conditions": [
            {"type": "Ready", "state": f"CONDITION_{state}", "message": "it does not listen"}
        ],
    }


def serve(google: Google, latest: str, ready: str, **traffic: int) -> None:
    home = f"projects/{PROJECT}/locations/{REGION}/services/front"
    google.service = {
        "name": home,
        "template": {"containers": [{"image": f"{IMAGE}:latest", "name": "front"}]},
        "updateTime": at(5),
        "lastModifier": "ann@shop.example",
        "latestCreatedRevision": f"{home}/revisions/{latest}",
        "latestReadyRevision": f"{home}/revisions/{ready}",
        "trafficStatuses": [
            {"revision": name.replace("_", "-"), "percent": percent}
            for name, percent in traffic.items()
        ],
    }


def test_a_service_with_its_traffic_split(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.revisions = [revision("front-2", digest, 10), revision("front-1", OLD, 60)]
    serve(google, "front-2", "front-2", front_1=80, front_2=20)
    found = deployed(google, tmp_path, SERVICE)
    assert (found.kind, found.digest, found.latest) == ("service", digest, "front-2")
    assert [(s.revision, s.digest, s.percent) for s in found.serving] == [
        ("front-1", OLD, 80),
        ("front-2", digest, 20),
    ]
    assert [(e.id, e.state, e.digest) for e in ran(google, tmp_path, SERVICE)] == [
        ("front-2", ExecutionState.SERVING, digest),
        ("front-1", ExecutionState.SERVING, OLD),
    ]


def test_a_service_whose_traffic_goes_to_the_latest(google: Google, tmp_path: Path) -> None:
    google.revisions = [revision("front-1", OLD, 60)]
    serve(google, "front-1", "front-1")
    google.service["trafficStatuses"] = [
        {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}
    ]
    found = deployed(google, tmp_path, SERVICE)
    assert [(s.revision, s.percent) for s in found.serving] == [("front-1", 100)]
    assert not found.not_ready


def test_a_revision_that_never_became_ready(google: Google, tmp_path: Path) -> None:
    digest = google.image.digest
    google.revisions = [revision("front-2", digest, 10, "FAILED"), revision("front-1", OLD, 60)]
    serve(google, "front-2", "front-1", front_1=100)
    found = deployed(google, tmp_path, SERVICE)
    assert found.not_ready == "it does not listen"
    assert [e.state for e in ran(google, tmp_path, SERVICE)] == [
        ExecutionState.FAILED,
        ExecutionState.SERVING,
    ]


def test_a_revision_whose_digest_nobody_recorded(google: Google, tmp_path: Path) -> None:
    made = revision("front-1", OLD, 60)
    google.revisions = [{**made, "containerStatuses": []}]
    serve(google, "front-1", "front-1", front_1=100)
    found = deployed(google, tmp_path, SERVICE)
    assert found.digest is None
    assert found.serving[0].digest is None


@pytest.mark.parametrize("name", ["..", "a/b", "Worker", "", "x" * 64, 'a"b'])
def test_a_name_that_is_none(google: Google, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a job"):
        google.view(tmp_path, Workload(kind=WorkloadKind.JOB, name=name))


def test_a_list_is_read_to_its_last_page(google: Google, tmp_path: Path) -> None:
    """No order is promised: the newest execution may stand on the last page."""
    pinned = f"{IMAGE}@{google.image.digest}"
    google.executions = [execution("worker-a", pinned, 30)]
    last = {"executions": [execution("worker-b", pinned, 20)]}

    def first(asked: Asked) -> None:
        say(asked, last if "pageToken" in asked.path else first_page)

    first_page = {"executions": google.executions, "nextPageToken": "more"}
    google.spoil("/executions", first)
    assert [one.id for one in ran(google, tmp_path)] == ["worker-b", "worker-a"]


@pytest.mark.parametrize("percents", [(60,), (400,), (110, -10)])
def test_traffic_that_is_not_accounted_for(
    google: Google, tmp_path: Path, percents: tuple[int, ...]
) -> None:
    digest = google.image.digest
    google.revisions = [revision("front-2", digest, 10), revision("front-1", OLD, 60)]
    serve(google, "front-2", "front-2", **{f"front_{2 - i}": p for i, p in enumerate(percents)})
    assert isinstance(google.view(tmp_path, SERVICE).deployment(SERVICE), Unseen)
