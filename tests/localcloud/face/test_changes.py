"""What a shipment asks the face to do: a job is changed and run in version 2, a build tries an
image, a tag is moved. Every answer is held against Google's documents as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.face.stage import JOBS, MENDED, SHOP, V2, Stage, job, staged
from waiting import until

BUILDS = "https://cloudbuild.googleapis.com/v1/projects/landed-local/locations/europe-west1/builds"
DOCKER = "https://europe-west1-docker.pkg.dev/v2/landed-local/shop/worker/manifests"
ENTRIES = "https://logging.googleapis.com/v2/entries:list"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("changes")) as made:
        made.build("worker:latest", MENDED)
        made.ask("POST", f"{JOBS}/jobs", job("worker", f"{SHOP}/worker:latest"))
        yield made


@pytest.fixture
def pinned(stage: Stage) -> str:
    return f"{SHOP}/worker@{stage.cloud.images.here(f'{SHOP}/worker:latest')}"


def changed(stage: Stage, **notes: str) -> dict[str, Any]:
    """Changes the job's annotations, its own and those of its executions; the job after that."""
    found = stage.ask("GET", f"{V2}/jobs/worker")
    found["annotations"] = {**found.get("annotations", {}), **notes}
    found["template"]["annotations"] = {**found["template"].get("annotations", {}), **notes}
    begun = stage.ask("PATCH", f"{V2}/jobs/worker", found)
    assert "done" not in begun
    name = begun["name"].rpartition("/")[2]
    ended = stage.ask("GET", f"{V2}/operations/{name}")
    assert (ended["name"], ended["done"]) == (begun["name"], True)
    after: dict[str, Any] = ended["response"]
    return after


def test_an_etag_of_before_a_change_is_refused(stage: Stage, pinned: str) -> None:
    before = stage.ask("GET", f"{V2}/jobs/worker")
    after = changed(stage, key="1")
    assert after["etag"] != before["etag"]
    before["template"]["template"]["containers"][0]["image"] = pinned
    refused = stage.ask("PATCH", f"{V2}/jobs/worker", before, 409)
    assert refused["error"]["status"] == "ABORTED"
    stage.ask("POST", f"{V2}/jobs/worker:run", {"etag": before["etag"]}, 409)
    assert stage.ask("GET", f"{V2}/jobs/worker")["etag"] == after["etag"]


def test_an_execution_has_the_annotations_of_its_template(stage: Stage) -> None:
    after = changed(stage, key="2")
    begun = stage.ask("POST", f"{V2}/jobs/worker:run", {"etag": after["etag"]})
    name = begun["metadata"]["name"]
    assert begun["metadata"]["annotations"]["key"] == "2"
    changed(stage, key="3")
    operation = f"{V2}/operations/{begun['name'].rpartition('/')[2]}"
    ended = until(lambda: (found := stage.ask("GET", operation)).get("done") and found)
    assert ended["response"]["annotations"]["key"] == "2"
    assert ended["response"]["name"] == name
    stage.ask("GET", f"{V2}/operations/worker.999", code=404)
    stage.ask("GET", f"{V2}/operations/nosuch", code=404)


@pytest.mark.parametrize(
    "template",
    [
        {"taskCount": 2},
        {"template": {"volumes": [{"name": "data"}]}},
        {"template": {"containers": [{"image": f"{SHOP}/worker:latest", "command": ["sh"]}]}},
        {"template": {"containers": []}},
        {"annotations": {"key": 1}},
    ],
)
def test_what_is_not_played_is_refused_and_changes_nothing(
    stage: Stage, template: dict[str, Any]
) -> None:
    before = stage.ask("GET", f"{V2}/jobs/worker")
    own = before["template"]
    asked = {**own, **template, "template": {**own["template"], **template.get("template", {})}}
    stage.ask("PATCH", f"{V2}/jobs/worker", {**before, "template": asked}, 400)
    assert stage.ask("GET", f"{V2}/jobs/worker") == before
    stage.ask("POST", f"{V2}/jobs/worker:run", {"overrides": {"taskCount": 2}}, 400)
    stage.ask("PATCH", f"{V2}/jobs/nosuch", before, 404)


def test_version_1_sends_annotations_back_as_gcloud_does(stage: Stage, pinned: str) -> None:
    changed(stage, key="4")
    found = stage.ask("GET", f"{JOBS}/jobs/worker")
    task = found["spec"]["template"]["spec"]["template"]["spec"]
    task["containers"][0]["image"] = pinned
    stage.ask("PUT", f"{JOBS}/jobs/worker", found)
    after = stage.ask("GET", f"{V2}/jobs/worker")
    assert after["template"]["template"]["containers"][0]["image"] == pinned
    assert (after["annotations"], after["template"]["annotations"]) == ({"key": "4"}, {"key": "4"})


def tried(stage: Stage, image: str, *words: str, **more: Any) -> dict[str, Any]:
    """A build that runs a command in an image, at its end."""
    entrypoint, *arguments = words
    step = {"name": image, "entrypoint": entrypoint, "args": arguments, "dir": "/", **more}
    begun = stage.ask("POST", BUILDS, {"steps": [step], "tags": ["try"], "timeout": "120s"})
    name = begun["metadata"]["build"]["id"]

    def ended() -> dict[str, Any] | None:
        found = stage.ask("GET", f"{BUILDS}/{name}")
        return found if found["status"] not in ("QUEUED", "WORKING") else None

    found: dict[str, Any] = until(ended)
    return found


def test_a_build_tries_an_image_and_says_what_it_said(stage: Stage, pinned: str) -> None:
    script = "import os; print('here', os.environ['A']); raise SystemExit(4)"
    build = tried(stage, pinned, "python", "-c", script, env=["A=1"])
    assert (build["status"], build["steps"][0]["exitCode"]) == ("FAILURE", 4)
    wanted = f'resource.type="build" AND resource.labels.build_id="{build["id"]}"'
    asked = {"resourceNames": ["projects/landed-local"], "filter": wanted}
    entries = stage.ask("POST", ENTRIES, asked)["entries"]
    said = [one["textPayload"] for one in entries if one["labels"]["build_step"] == "Step #0"]
    assert said == ["here 1"]
    assert "starting build" in entries[0]["textPayload"]


@pytest.mark.parametrize("more", [{"dir": "/elsewhere"}, {"dir": ""}, {"script": "echo"}])
def test_an_image_is_tried_as_it_is_or_not_at_all(
    stage: Stage, pinned: str, more: dict[str, str]
) -> None:
    build = tried(stage, pinned, "python", "-c", "print('ran')", **more)
    assert build["status"] == "FAILURE"
    assert "in its own folder" in build["statusDetail"]


def test_an_image_that_is_not_here_is_not_tried(stage: Stage, pinned: str) -> None:
    for image in (f"{pinned[:-4]}0000", "python:3.11"):
        build = tried(stage, image, "python", dir="")
        assert "cannot run a step's image" in build["statusDetail"]


def test_a_tag_is_moved_to_what_is_there_and_to_nothing_else(stage: Stage, pinned: str) -> None:
    manifest = stage.client.get(f"{DOCKER}/latest")
    assert stage.client.put(f"{DOCKER}/live", content=manifest.content).status_code == 201
    assert stage.cloud.images.here(f"{SHOP}/worker:live") == pinned.rpartition("@")[2]
    assert stage.client.put(f"{DOCKER}/live", content=manifest.content + b" ").status_code == 404
    assert stage.client.put(f"{DOCKER}/..", content=manifest.content).status_code in (400, 404)
    assert stage.cloud.images.here(f"{SHOP}/worker:live") == pinned.rpartition("@")[2]


def test_an_object_that_has_to_be_new_is(stage: Stage) -> None:
    host = "https://storage.googleapis.com"
    bucket = {"name": "landed-local_cloudbuild"}
    stage.ask("POST", f"{host}/storage/v1/b?project=landed-local", bucket)
    where = f"{host}/upload/storage/v1/b/landed-local_cloudbuild/o"
    new = {"uploadType": "media", "name": "one", "ifGenerationMatch": "0"}
    codes = [stage.client.post(where, params=new, content=b"1").status_code for _ in range(2)]
    assert codes == [200, 412]
