"""Triggers through the face: the revision is asked of the remote, and nobody types the commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from landed.localcloud.images import parse
from localcloud.face.conftest import Gcloud
from localcloud.face.source import IMAGE, Origin
from localcloud.face.watched import Served
from waiting import until

API = "https://cloudbuild.googleapis.com/v1/projects/landed-local"
HERE = f"{API}/locations/global/triggers"


@pytest.fixture(scope="module")
def http(face: Served) -> Iterator[httpx.Client]:
    with face.client() as client:
        yield client


@pytest.fixture(scope="module")
def origin(face: Served, tmp_path_factory: pytest.TempPathFactory) -> Origin:
    made = Origin(tmp_path_factory.mktemp("origin") / "shop")
    names = ("team/shop", "shop", "projects/p/locations/l/connections/c/repositories/shop")
    face.face.project.repositories.update(dict.fromkeys(names, str(made.remote)))
    return made


TRIGGER = {
    "name": "on-main",
    "description": "builds what is pushed to main",
    "github": {"owner": "team", "name": "shop", "push": {"branch": "^main$"}},
    "filename": "cloudbuild.yaml",
    "includedFiles": ["app/**"],
    "ignoredFiles": ["docs/**"],
    "substitutions": {"_TAG": "by-trigger"},
    "tags": ["nightly"],
}


def newest(face: Served) -> Any:
    record = face.cloud.builds()[0]
    until(lambda: face.cloud.builds()[0].status != "WORKING")
    return next(one for one in face.cloud.builds() if one.id == record.id)


def test_gcloud_imports_shows_and_runs_a_trigger(
    face: Served, gcloud: Gcloud, origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "trigger.json").write_text(json.dumps(TRIGGER))
    gcloud("builds", "triggers", "import", f"--source={tmp_path / 'trigger.json'}")
    kept = face.face.triggers.get("global", "on-main")
    assert kept
    shown = json.loads(gcloud("builds", "triggers", "describe", "on-main", "--format=json").stdout)
    assert {name: shown[name] for name in TRIGGER} == TRIGGER
    head = origin.commit("print('pushed')\n")
    unpushed = origin.commit("print('not pushed')\n", push=False)
    gcloud("builds", "triggers", "run", "on-main", "--branch=main")
    build = newest(face)
    assert build.status == "SUCCESS", build.failure
    assert build.trigger == kept.shape.id
    assert (build.source.ref, build.source.resolved_commit) == ("refs/heads/main", head)
    assert build.source.tip_then == head
    assert build.substitutions == {
        "COMMIT_SHA": head,
        "REVISION_ID": head,
        "SHORT_SHA": head[:7],
        "BRANCH_NAME": "main",
        "REF_NAME": "main",
        "REPO_NAME": "shop",
        "REPO_FULL_NAME": "team/shop",
        "TRIGGER_NAME": "on-main",
        "TRIGGER_BUILD_CONFIG_PATH": "cloudbuild.yaml",
        "_TAG": "by-trigger",
    }
    digest = face.cloud.images.resolve(parse(f"{IMAGE}:by-trigger"))
    assert digest == build.digest
    image = face.cloud.images.layout(IMAGE).image(build.digest)
    assert (image.settings.labels or {})["commit"] == head
    done = gcloud("builds", "triggers", "run", "on-main", f"--sha={unpushed}", ok=False)
    assert done.returncode == 1
    assert unpushed[:10] in done.stderr or "did not answer" in done.stderr
    with face.client() as http:
        query = {"filter": f'build_trigger_id="{kept.shape.id}"'}
        listed = http.get(f"{API}/builds", params=query).json()["builds"]
    assert [one["id"] for one in listed] == [build.id]


def made(http: httpx.Client, **trigger: Any) -> dict[str, Any]:
    done = http.post(HERE, json=trigger)
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found


INLINE = {
    "steps": [
        {"name": "gcr.io/cloud-builders/docker", "args": ["build", "-t", f"{IMAGE}:$TAG_NAME", "."]}
    ],
    "images": [f"{IMAGE}:$TAG_NAME"],
}


@pytest.mark.parametrize(
    ("trigger", "shape"),
    [
        ({"sourceToBuild": {"uri": "URL", "ref": "refs/tags/v1"}}, "gitSource"),
        ({"triggerTemplate": {"repoName": "shop", "tagName": "v1"}}, "repoSource"),
        (
            {
                "sourceToBuild": {
                    "repository": "projects/p/locations/l/connections/c/repositories/shop",
                    "ref": "refs/tags/v1",
                }
            },
            "connectedRepository",
        ),
    ],
)
def test_each_kind_of_repository(
    face: Served, http: httpx.Client, origin: Origin, trigger: dict[str, Any], shape: str
) -> None:
    origin.git("tag", "-f", "v1", "origin/main")
    origin.git("push", "-q", "-f", "origin", "v1")
    text = json.dumps(trigger).replace("URL", f"file://{origin.remote}")
    kept = made(http, name=f"tag-{shape}", build=INLINE, **json.loads(text))
    done = http.post(f"{HERE}/{kept['id']}:run", json={})
    assert done.status_code == 200, done.text
    build = newest(face)
    assert build.status == "SUCCESS", build.failure
    assert list(build.asked["source"]) == [shape]
    assert build.substitutions["TAG_NAME"] == "v1"
    assert build.source.resolved_commit == origin.git("rev-parse", "origin/main")


def test_the_older_path_has_the_revision_as_its_body(
    face: Served, http: httpx.Client, origin: Origin
) -> None:
    assert origin
    kept = made(http, name="older", github={"owner": "team", "name": "shop"})
    done = http.post(
        f"{API}/triggers/{kept['id']}:run",
        json={"branchName": "main", "substitutions": {"_TAG": "older"}},
    )
    assert done.status_code == 200, done.text
    assert newest(face).substitutions["_TAG"] == "older"


def test_a_disabled_trigger_does_not_run_until_it_is_enabled(
    face: Served, http: httpx.Client, origin: Origin
) -> None:
    assert origin
    github = {"owner": "team", "name": "shop"}
    kept = made(http, name="asleep", disabled=True, github=github)
    before = len(face.cloud.builds())
    done = http.post(f"{HERE}/asleep:run", json={"source": {"branchName": "main"}})
    assert (done.status_code, done.json()["error"]["status"]) == (400, "FAILED_PRECONDITION")
    assert len(face.cloud.builds()) == before
    changed = http.patch(
        f"{HERE}/asleep", params={"updateMask": "disabled"}, json={"disabled": False}
    ).json()
    assert "disabled" not in changed
    assert (changed["id"], changed["github"]) == (kept["id"], github)
    assert http.delete(f"{HERE}/asleep").json() == {}
    assert http.get(f"{HERE}/asleep").status_code == 404


def test_what_the_remote_does_not_have_is_not_built(
    face: Served, http: httpx.Client, origin: Origin
) -> None:
    assert origin
    made(http, name="asked", github={"owner": "team", "name": "shop"})
    made(http, name="lost", github={"owner": "team", "name": "unknown"})
    made(http, name="bad-file", filename="none.yaml", github={"owner": "team", "name": "shop"})
    before = len(face.cloud.builds())
    for name, source in (
        ("asked", {"branchName": "no-such"}),
        ("asked", {"commitSha": "0" * 40}),
        ("lost", {"branchName": "main"}),
        ("bad-file", {"branchName": "main"}),
    ):
        done = http.post(f"{HERE}/{name}:run", json={"source": source})
        assert done.status_code == 400, (name, done.text)
    assert len(face.cloud.builds()) == before


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"name": "no-repository"},
        {"name": "../up", "github": {"owner": "a", "name": "b"}},
        {"name": "x" * 64, "github": {"owner": "a", "name": "b"}},
        {"name": "odd", "github": {"owner": "a", "name": "b", "push": {"branch": "("}}},
        {"name": "odd", "github": {"owner": "a", "name": "b"}, "invented": 1},
        {"name": "odd", "github": {"owner": "a", "name": "b"}, "build": {"steps": 1}},
        {"name": "odd", "github": {"owner": "a", "name": "b"}, "includedFiles": "x"},
    ],
)
def test_a_trigger_that_is_none_is_refused(http: httpx.Client, document: dict[str, Any]) -> None:
    done = http.post(HERE, json=document)
    assert (done.status_code, done.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_name_is_taken_once(http: httpx.Client) -> None:
    github = {"owner": "a", "name": "b"}
    made(http, name="once", github=github)
    done = http.post(HERE, json={"name": "once", "github": github})
    assert (done.status_code, done.json()["error"]["status"]) == (409, "ALREADY_EXISTS")
