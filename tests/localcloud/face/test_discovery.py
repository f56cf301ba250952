"""The check that every answer of the face goes through can say no."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.face.discovery import error_faults, faults, method

BUILD: dict[str, Any] = {
    "id": "b",
    "status": "SUCCESS",
    "createTime": "2026-11-25T21:00:00.1Z",
    "timeout": "600s",
}


@pytest.mark.parametrize(
    "change",
    [
        {"state": "SUCCESS"},
        {"status": "DONE"},
        {"id": 1},
        {"createTime": "yesterday"},
        {"timeout": "ten minutes"},
        {"source": {"storageSource": {"generation": 17}}},
        {"source": {"storageSource": {"commit": "x"}}},
        {"steps": {}},
    ],
)
def test_an_invented_answer_is_told(change: dict[str, Any]) -> None:
    assert not faults("cloudbuild.v1", "Build", BUILD)
    assert faults("cloudbuild.v1", "Build", {**BUILD, **change})


def test_what_an_operation_carries_is_looked_at_too() -> None:
    kind = "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata"
    whole = {"name": "operations/x", "metadata": {"@type": kind, "build": BUILD}}
    assert not faults("cloudbuild.v1", "Operation", whole)
    whole["metadata"] = {"@type": kind, "build": {**BUILD, "commit": "x"}}
    assert faults("cloudbuild.v1", "Operation", whole)
    whole["metadata"] = {"@type": "type.googleapis.com/nothing.Known"}
    assert faults("cloudbuild.v1", "Operation", whole)


@pytest.mark.parametrize("answer", [{}, {"error": "no"}, {"error": {"code": 1, "message": "m"}}])
def test_an_error_of_another_shape_is_told(answer: Any) -> None:
    assert error_faults(answer)


@pytest.mark.parametrize(
    ("host", "verb", "path", "name"),
    [
        (
            "cloudbuild.googleapis.com",
            "POST",
            "/v1/projects/p/locations/l/builds",
            "cloudbuild.projects.locations.builds.create",
        ),
        (
            "storage.googleapis.com",
            "POST",
            "/resumable/upload/storage/v1/b/x/o",
            "storage.objects.insert",
        ),
        ("www.googleapis.com", "GET", "/storage/v1/b/x/o/a%2Fb", "storage.objects.get"),
        (
            "europe-west1-run.googleapis.com",
            "GET",
            "/apis/run.googleapis.com/v1/namespaces/p/jobs/j",
            "run.namespaces.jobs.get",
        ),
    ],
)
def test_a_request_finds_its_method(host: str, verb: str, path: str, name: str) -> None:
    found = method(host, verb, path)
    assert found
    assert found.name == name


def test_a_method_that_google_does_not_have_is_not_found() -> None:
    assert method("cloudbuild.googleapis.com", "GET", "/v1/projects/p/nothing") is None
