"""Services and revisions over HTTP; every answer is held against Google's documents as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from localcloud.face.stage import RUN, SERVING, SHOP, V2, Stage, service, staged

IMAGE = f"{SHOP}/front:latest"
LATEST = {"latestRevision": True, "percent": 100}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("services")) as made:
        made.serve("front:latest", "one")
        made.build("bad:latest", "raise SystemExit(3)")
        yield made


def deploy(stage: Stage, name: str, image: str = IMAGE, *traffic: dict[str, Any]) -> dict[str, Any]:
    """Makes a service or its next revision, and waits until it is decided."""
    document = service(name, image, *traffic)
    if name in stage.cloud.services.names():
        document["spec"]["template"]["metadata"] = {"labels": {"client.knative.dev/nonce": "x"}}
        stage.ask("PUT", f"{SERVING}/services/{name}", document)
    else:
        stage.ask("POST", f"{SERVING}/services", document)
    return stage.settled(f"{SERVING}/services/{name}")


def conditions(found: dict[str, Any]) -> dict[str, str]:
    return {c["type"]: c["status"] for c in found["status"]["conditions"]}


def test_a_deployment_and_what_it_made(stage: Stage) -> None:
    found = deploy(stage, "front")
    status = found["status"]
    assert set(conditions(found).values()) == {"True"}
    name = status["latestReadyRevisionName"]
    assert status["latestCreatedRevisionName"] == name
    assert status["traffic"] == [{**LATEST, "revisionName": name}]
    assert httpx.get(status["url"], trust_env=False).json()["says"] == "one"
    revision = stage.ask("GET", f"{SERVING}/revisions/{name}")
    digest = stage.cloud.images.here(IMAGE)
    assert revision["status"]["imageDigest"] == f"{SHOP}/front@{digest}"
    assert revision["spec"]["containers"][0]["image"] == IMAGE
    assert conditions(revision) == {"Ready": "True", "ContainerHealthy": "True", "Active": "True"}
    again = stage.ask("GET", f"{V2}/services/front/revisions/{name}")
    assert again["containerStatuses"] == [
        {"name": "front-1", "imageDigest": f"{SHOP}/front@{digest}"}
    ]
    assert again == stage.ask("GET", f"{V2}/services/front/revisions")["revisions"][0]
    whole = stage.ask("GET", f"{V2}/services/front")
    assert whole["latestReadyRevision"].endswith(f"/services/front/revisions/{name}")
    assert whole["trafficStatuses"][0]["revision"] == name
    assert whole["creator"] == whole["lastModifier"]
    assert whole["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"


def test_a_failed_deployment_says_so_and_moves_nothing(stage: Stage) -> None:
    before = deploy(stage, "rolled")["status"]["latestReadyRevisionName"]
    found = deploy(stage, "rolled", f"{SHOP}/bad:latest")
    status = found["status"]
    assert conditions(found) == {
        "Ready": "False",
        "ConfigurationsReady": "False",
        "RoutesReady": "True",
    }
    (ready,) = [c for c in status["conditions"] if c["type"] == "Ready"]
    assert ready["reason"] == "HealthCheckContainerError"
    assert "It ended with exit code 3 before it listened on PORT" in ready["message"]
    assert status["latestReadyRevisionName"] == before
    assert status["latestCreatedRevisionName"] != before
    assert status["traffic"] == [{**LATEST, "revisionName": before}]
    whole = stage.ask("GET", f"{V2}/services/rolled")
    assert whole["terminalCondition"]["revisionReason"] == "HEALTH_CHECK_CONTAINER_ERROR"
    assert whole["trafficStatuses"][0]["revision"] == before
    newest, _ = stage.ask("GET", f"{V2}/services/rolled/revisions")["revisions"]
    assert newest["conditions"][0]["state"] == "CONDITION_FAILED"


def test_traffic_alone_makes_no_revision(stage: Stage) -> None:
    first = deploy(stage, "split")["status"]["latestReadyRevisionName"]
    second = deploy(stage, "split")["status"]["latestReadyRevisionName"]
    document = service("split", IMAGE, {"revisionName": first, "percent": 100})
    found = stage.ask("PUT", f"{SERVING}/services/split", document)
    assert found["status"]["traffic"] == [{"revisionName": first, "percent": 100}]
    assert found["status"]["latestCreatedRevisionName"] == second
    assert found["metadata"]["generation"] == 3
    parts = [{"revisionName": first, "percent": 30}, {"latestRevision": True, "percent": 70}]
    stage.ask("PUT", f"{SERVING}/services/split", service("split", IMAGE, *parts))
    whole = stage.ask("GET", f"{V2}/services/split")
    assert [(t["revision"], t["percent"]) for t in whole["trafficStatuses"]] == [
        (first, 30), (second, 70),
    ]  # fmt: skip
    # Other variables are another template.
    variables = [{"name": "A", "value": "1"}]
    stage.ask("PUT", f"{SERVING}/services/split", service("split", IMAGE, *parts, env=variables))
    third = stage.settled(f"{SERVING}/services/split")["status"]["latestReadyRevisionName"]
    assert third.startswith("split-00003-")


def test_without_traffic_the_new_revision_rests(stage: Stage) -> None:
    first = deploy(stage, "quiet")["status"]["latestReadyRevisionName"]
    found = deploy(stage, "quiet", IMAGE, {"revisionName": first, "percent": 100})
    assert found["status"]["latestReadyRevisionName"] != first
    assert found["status"]["traffic"] == [{"revisionName": first, "percent": 100}]


def test_stopped_it_is_ready_and_has_no_address(stage: Stage) -> None:
    deploy(stage, "stopped")
    stage.cloud.services.stop("stopped")
    found = stage.ask("GET", f"{SERVING}/services/stopped")
    assert conditions(found)["Ready"] == "True"
    assert "url" not in found["status"]
    name = found["status"]["latestReadyRevisionName"]
    assert conditions(stage.ask("GET", f"{SERVING}/revisions/{name}"))["Active"] == "False"


def test_lists(stage: Stage) -> None:
    deploy(stage, "listed")
    every = f"{RUN}/v1/projects/landed-local/locations/-/services"
    names = [item["metadata"]["name"] for item in stage.ask("GET", every)["items"]]
    assert names == stage.cloud.services.names()
    assert stage.ask("GET", every) == stage.ask("GET", f"{SERVING}/services")
    selector = "?labelSelector=serving.knative.dev/service=listed"
    (one,) = stage.ask("GET", f"{SERVING}/revisions{selector}")["items"]
    assert one["metadata"]["name"].startswith("listed-00001-")
    assert len(stage.ask("GET", f"{V2}/services")["services"]) == len(names)
    assert len(stage.ask("GET", f"{V2}/services/-/revisions")["revisions"]) >= len(names)


@pytest.mark.parametrize(
    "document",
    [
        service("x", "nothing:here"),
        service("X", IMAGE),
        service("", IMAGE),
        service("x", IMAGE, command=["sh"]),
        service("x", IMAGE, {"latestRevision": True, "percent": 100, "tag": "canary"}),
        service("x", IMAGE, {"percent": 100}),
        service("x", IMAGE, {"latestRevision": True, "percent": 99}),
        service("x", IMAGE, {"latestRevision": True, "percent": "100"}),
        service("x", IMAGE, {"revisionName": "x-00001-abc", "percent": 100}),
        {},
    ],
)
def test_what_cannot_be_played_is_refused(stage: Stage, document: dict[str, Any]) -> None:
    stage.ask("POST", f"{SERVING}/services", document, 400)
    assert "x" not in stage.cloud.services.names()


def test_what_is_not_there(stage: Stage) -> None:
    deploy(stage, "there")
    stage.ask("POST", f"{SERVING}/services", service("there", IMAGE), 409)
    stage.ask("PUT", f"{SERVING}/services/nosuch", service("nosuch", IMAGE), 404)
    for path in ("services/nosuch", "services/NO", "revisions/nosuch"):
        stage.ask("GET", f"{SERVING}/{path}", code=404)
    for path in ("services/nosuch", "services/nosuch/revisions", "services/there/revisions/x"):
        stage.ask("GET", f"{V2}/{path}", code=404)
    stage.ask("GET", f"{RUN}/v1/projects/landed-local/locations/mars/services", code=404)
