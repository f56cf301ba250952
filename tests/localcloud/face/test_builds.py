"""Cloud Build through the face: by the real gcloud, and by requests that gcloud would not send."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from landed.core.model import Unseen
from landed.localcloud.images import parse
from landed.providers.local.view import LocalView
from localcloud.face.conftest import Gcloud
from localcloud.face.source import IMAGE, Origin, upload_into
from localcloud.face.watched import Served
from waiting import until

API = "https://cloudbuild.googleapis.com/v1/projects/landed-local"
DOCKER = "gcr.io/cloud-builders/docker"
BUILD = {"name": DOCKER, "args": ["build", "-t", f"{IMAGE}:api", "."]}
ENDED = {"SUCCESS", "FAILURE", "CANCELLED", "TIMEOUT", "INTERNAL_ERROR"}


@pytest.fixture(scope="module")
def http(face: Served) -> Iterator[httpx.Client]:
    with face.client() as client:
        yield client


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    return Origin(tmp_path_factory.mktemp("origin") / "shop")


def upload(face: Served, files: dict[str, str]) -> dict[str, str]:
    """An upload as gcloud makes one; the storageSource that names it."""
    return upload_into(face.cloud.root, files)


def ended(http: httpx.Client, build: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Begins a build, and waits for its end."""
    begun = http.post(f"{API}/builds", json={**build, **more})
    assert begun.status_code == 200, begun.text
    id_ = begun.json()["metadata"]["build"]["id"]

    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = http.get(f"{API}/builds/{id_}").json()
        return found if found["status"] in ENDED else None

    found: dict[str, Any] = until(done)
    return found


def test_gcloud_submits_a_folder(face: Served, gcloud: Gcloud, origin: Origin) -> None:
    origin.write("app/stray.py", "# never committed\n")
    done = gcloud("builds", "submit", "--tag", f"{IMAGE}:dir", ".", cwd=origin.work)
    (origin.work / "app" / "stray.py").unlink()
    assert "Step #0" in done.stdout
    assert "DONE" in done.stdout
    record = face.cloud.builds()[0]
    assert record.status == "SUCCESS"
    assert face.cloud.images.resolve(parse(f"{IMAGE}:dir")) == record.digest
    described = json.loads(gcloud("builds", "describe", record.id, "--format=json").stdout)
    source = described["source"]["storageSource"]
    assert described["sourceProvenance"]["resolvedStorageSource"] == source
    assert "git" not in json.dumps(described["sourceProvenance"])
    assert described["results"]["images"][0]["digest"] == record.digest
    # That very generation is what the build took, and the stray file is in it.
    stored = face.face.objects.get(source["bucket"], source["object"], int(source["generation"]))
    assert stored
    with tarfile.open(face.face.objects.bytes_of(stored)) as tar:
        assert "app/stray.py" in tar.getnames()
    assert record.source
    assert record.source.sha256 == stored.sha256
    # The local provider reads that upload as it reads its own.
    seen = LocalView(face.cloud.root, "sha1").upload(record.id)
    assert not isinstance(seen, Unseen)
    assert "app/stray.py" in seen.files


def test_gcloud_submits_with_a_configuration_and_does_not_wait(
    face: Served, gcloud: Gcloud, origin: Origin
) -> None:
    done = gcloud(
        "builds", "submit", "--async", "--format=value(id)",
        "--config=cloudbuild.yaml", "--substitutions=_TAG=cfg,COMMIT_SHA=anything", ".",
        cwd=origin.work,
    )  # fmt: skip
    id_ = done.stdout.strip()
    record = until(lambda: _ended(face, id_))
    assert record.status == "SUCCESS", record.failure
    assert record.substitutions == {"_TAG": "cfg", "COMMIT_SHA": "anything"}
    image = face.cloud.images.layout(IMAGE).image(record.digest)
    assert (image.settings.labels or {})["commit"] == "anything"


def _ended(face: Served, build: str) -> Any:
    record = face.face.builds.get(build)
    return record if record and record.status != "WORKING" else None


def test_gcloud_submits_a_git_source(face: Served, gcloud: Gcloud, origin: Origin) -> None:
    with origin.over_http() as url:
        gcloud(
            "builds", "submit", url, "--git-source-revision=main", f"--tag={IMAGE}:git",
        )  # fmt: skip
    record = face.cloud.builds()[0]
    head = origin.git("rev-parse", "HEAD")
    assert record.source
    assert (record.source.kind, record.source.ref) == ("clone", "refs/heads/main")
    assert record.source.resolved_commit == head
    shown = json.loads(gcloud("builds", "describe", record.id, "--format=json").stdout)
    assert shown["source"]["gitSource"]["revision"] == "main"
    assert shown["sourceProvenance"]["resolvedGitSource"]["revision"] == head


def test_gcloud_submits_no_source_and_a_step_clones(
    face: Served, gcloud: Gcloud, origin: Origin, tmp_path: Path
) -> None:
    first = origin.git("rev-parse", "HEAD")
    origin.commit("print('two')\n")
    config = {
        "steps": [
            {"name": "gcr.io/cloud-builders/git", "args": ["clone", str(origin.remote), "src"]},
            {"name": "gcr.io/cloud-builders/git", "args": ["checkout", first], "dir": "src"},
            {"name": DOCKER, "args": ["build", "-t", f"{IMAGE}:step", "src"]},
        ],
        "images": [f"{IMAGE}:step"],
    }
    (tmp_path / "build.json").write_text(json.dumps(config))
    gcloud("builds", "submit", "--no-source", "--config=build.json", cwd=tmp_path)
    record = face.cloud.builds()[0]
    assert record.source
    assert record.source.resolved_commit == first
    shown = json.loads(gcloud("builds", "describe", record.id, "--format=json").stdout)
    assert "source" not in shown
    assert "sourceProvenance" not in shown


def test_gcloud_is_told_why_a_build_failed(gcloud: Gcloud, tmp_path: Path) -> None:
    config = {"steps": [{"name": "ubuntu", "args": ["touch", str(tmp_path / "executed")]}]}
    (tmp_path / "build.json").write_text(json.dumps(config))
    done = gcloud("builds", "submit", "--no-source", "--config=build.json", cwd=tmp_path, ok=False)
    assert done.returncode == 1
    assert "cannot run a step's image: ubuntu" in done.stderr
    assert not (tmp_path / "executed").exists()


def test_gcloud_lists_by_filter_and_limit(face: Served, http: httpx.Client, gcloud: Gcloud) -> None:
    for text in ("one", "two"):
        files = {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": text}
        source = {"storageSource": upload(face, files)}
        build = {"steps": [BUILD], "images": [f"{IMAGE}:api"], "source": source}
        assert ended(http, build)["status"] == "SUCCESS"
    made = [one for one in face.cloud.builds() if one.status == "SUCCESS"]
    listed = gcloud(
        "builds", "list", "--limit=2", "--page-size=1", "--format=value(id)",
        '--filter=status=SUCCESS AND createTime>"2020-01-01T00:00:00Z"',
    )  # fmt: skip
    assert listed.stdout.split() == [one.id for one in made[:2]]
    digest = made[0].digest
    by_digest = gcloud(
        "builds", "list", f"--filter=results.images.digest={digest}", "--format=value(id)"
    )
    assert by_digest.stdout.split() == [one.id for one in made if one.digest == digest]
    assert gcloud("builds", "list", "--ongoing", "--format=value(id)").stdout.strip() == ""


@pytest.mark.parametrize("logging", ["NONE", "CLOUD_LOGGING_ONLY", "GCS_ONLY", None])
def test_each_way_to_keep_logs(face: Served, http: httpx.Client, logging: str | None) -> None:
    source = {"storageSource": upload(face, {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "a"})}
    options = {"options": {"logging": logging}} if logging else {}
    build = ended(http, {"steps": [BUILD], "source": source}, **options)
    assert build["status"] == "SUCCESS"
    assert ("logsBucket" in build) == (logging in ("GCS_ONLY", None))
    if "logUrl" in build:
        assert "DONE" in http.get(build["logUrl"]).text


def test_a_build_without_images_succeeds_and_pushes_nothing(
    face: Served, http: httpx.Client
) -> None:
    source = {"storageSource": upload(face, {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "1"})}
    step = {"name": DOCKER, "args": ["build", "-t", f"{IMAGE}:nowhere", "."]}
    build = ended(http, {"steps": [step], "source": source})
    assert build["status"] == "SUCCESS"
    assert "images" not in build["results"]
    assert face.cloud.images.resolve(parse(f"{IMAGE}:nowhere")) is None
    record = face.face.builds.get(build["id"])
    assert record
    assert (record.digest, record.images) == (None, ())


def test_an_image_that_no_step_made_fails_the_build(face: Served, http: httpx.Client) -> None:
    source = {"storageSource": upload(face, {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "1"})}
    build = ended(http, {"steps": [BUILD], "source": source, "images": [f"{IMAGE}:other"]})
    assert (build["status"], build["failureInfo"]["type"]) == ("FAILURE", "PUSH_IMAGE_NOT_FOUND")


def test_steps_tag_push_and_build_on_each_other(face: Served, http: httpx.Client) -> None:
    source = upload(
        face,
        {
            "base/Dockerfile": "FROM scratch\nENV HELLO=there\nCOPY f /f\n",
            "base/f": "f",
            "top/build.docker": f"FROM {IMAGE}:base\nCOPY g /g\n",
            "top/g": "g",
        },
    )
    steps = [
        {"name": DOCKER, "args": ["build", "-t", f"{IMAGE}:base", "base"]},
        {
            "name": DOCKER,
            "dir": "top",
            "args": ["build", "-f", "build.docker", "--label", "who=me", "-t", f"{IMAGE}:top", "."],
        },
        {"name": DOCKER, "args": ["tag", f"{IMAGE}:top", f"{IMAGE}:also"]},
        {
            "name": DOCKER,
            "entrypoint": "bash",
            "args": ["-c", f"set -e; docker push {IMAGE}:also && echo done"],
        },
    ]
    build = ended(http, {"steps": steps, "source": {"storageSource": source}})
    assert build["status"] == "SUCCESS", build
    # A step pushed it, so the registry has it; `images:` named none, so the results have none.
    assert "images" not in build["results"]
    digest = face.cloud.images.resolve(parse(f"{IMAGE}:also"))
    assert digest
    image = face.cloud.images.layout(IMAGE).image(digest)
    assert set(image.files("sha1")) == {"f", "g"}
    assert (image.settings.labels or {})["who"] == "me"
    assert face.cloud.images.resolve(parse(f"{IMAGE}:base")) is None


def test_the_gate_is_run_and_nothing_beside_it(
    http: httpx.Client, origin: Origin, tmp_path: Path
) -> None:
    touched = tmp_path / "executed"
    script = f"pip install nothing-such\ntouch {touched}\nlanded gate --commit $COMMIT_SHA"
    gate = {"name": "python:3.12", "entrypoint": "bash", "args": ["-c", script]}
    git = {"gitSource": {"url": str(origin.remote), "revision": "main"}}
    head = origin.git("rev-parse", "origin/main")
    good = ended(
        http, {"steps": [gate, BUILD], "source": git, "substitutions": {"COMMIT_SHA": head}}
    )
    assert good["status"] == "SUCCESS", good
    bad = ended(
        http, {"steps": [gate, BUILD], "source": git, "substitutions": {"COMMIT_SHA": "0" * 40}}
    )
    assert (bad["status"], bad["failureInfo"]["type"]) == ("FAILURE", "USER_BUILD_STEP")
    assert bad["steps"][0]["exitCode"]
    assert bad["steps"][1]["status"] == "QUEUED"
    assert not touched.exists()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"repoSource": {"repoName": "shop", "branchName": "main"}}, "resolvedRepoSource"),
        (
            {"connectedRepository": {"repository": "projects/p/r", "revision": "main"}},
            "resolvedConnectedRepository",
        ),
        ({"developerConnectConfig": {"gitRepositoryLink": "projects/p/l"}}, ""),
    ],
)
def test_sources_by_a_name(
    face: Served, http: httpx.Client, origin: Origin, source: dict[str, Any], name: str
) -> None:
    names = ("shop", "projects/p/r", "projects/p/l")
    face.face.project.repositories.update(dict.fromkeys(names, str(origin.remote)))
    build = ended(http, {"steps": [BUILD], "source": source})
    assert build["status"] == "SUCCESS", build
    assert build["source"] == source
    head = origin.git("rev-parse", "origin/main")
    assert (head in json.dumps(build.get("sourceProvenance", {}))) == bool(name)
    assert list(build.get("sourceProvenance", {})) == ([name] if name else [])


def test_a_source_that_cannot_be_had_fails_the_build(http: httpx.Client, tmp_path: Path) -> None:
    for source in (
        {"storageSource": {"bucket": "no-such", "object": "x"}},
        {"gitSource": {"url": str(tmp_path / "nothing")}},
        {"gitSource": {"url": "ext::sh -c 'touch /tmp/x'"}},
        {"repoSource": {"repoName": "unknown"}},
    ):
        build = ended(http, {"steps": [BUILD], "source": source})
        assert build["failureInfo"]["type"] == "FETCH_SOURCE_FAILED", build


def test_passwords_stay_out_of_record_and_log(face: Served, http: httpx.Client) -> None:
    url = "http://somebody:hunter2@127.0.0.1:1/x.git"
    build = ended(http, {"steps": [BUILD], "source": {"gitSource": {"url": url}}})
    record = face.face.builds.get(build["id"])
    assert record
    kept = (face.cloud.root / "builds" / record.id / "build.json").read_text()
    assert "hunter2" not in kept + face.face.builds.log(record).read_text() + json.dumps(build)


def test_regional_builds_are_their_own(face: Served, http: httpx.Client) -> None:
    source = {"storageSource": upload(face, {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "r"})}
    begun = http.post(
        f"{API}/locations/europe-west1/builds", json={"steps": [BUILD], "source": source}
    ).json()
    id_ = begun["metadata"]["build"]["id"]
    assert begun["name"] == f"projects/landed-local/locations/europe-west1/operations/{id_}"
    assert http.get(f"{API}/builds/{id_}").status_code == 404
    assert http.get(f"{API}/locations/mars/builds").status_code == 404
    until(lambda: _ended(face, id_))
    done = http.get(f"https://cloudbuild.googleapis.com/v1/{begun['name']}").json()
    assert done["done"] is True
    assert done["response"]["id"] == id_
    listed = http.get(f"{API}/locations/europe-west1/builds").json()["builds"]
    assert [one["id"] for one in listed] == [id_]


def test_a_build_that_waits_can_be_cancelled(face: Served, http: httpx.Client) -> None:
    builds = face.face.builds
    for _ in range(4):
        builds._turns.acquire()
    try:
        begun = http.post(f"{API}/builds", json={"steps": [BUILD]}).json()
        assert begun["metadata"]["build"]["status"] == "QUEUED"
        id_ = begun["metadata"]["build"]["id"]
        done = http.post(f"{API}/builds/{id_}:cancel", json={})
        assert done.json()["status"] == "CANCELLED"
    finally:
        for _ in range(4):
            builds._turns.release()
    again = http.post(f"{API}/builds/{id_}:cancel", json={})
    assert (again.status_code, again.json()["error"]["status"]) == (400, "FAILED_PRECONDITION")
    until(lambda: id_ not in builds._running)
    assert http.get(f"{API}/builds/{id_}").json()["status"] == "CANCELLED"
    operation = http.get(f"https://cloudbuild.googleapis.com/v1/{begun['name']}").json()
    assert operation["error"]["code"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"steps": []}',
        b'{"steps": "docker"}',
        b'{"steps": [{"name": 1}]}',
        b'{"steps": [{"name": "x", "invented": 1}]}',
        b'{"steps": [{"name": "x"}], "availableSecrets": {}}',
        b'{"steps": [{"name": "x"}], "timeout": "forever"}',
        b'{"steps": [{"name": "x"}], "timeout": "999999s"}',
        b'{"steps": [{"name": "x"}], "images": ["../../x"]}',
        b'{"steps": [{"name": "x"}], "images": ["x@sha256:' + b"0" * 64 + b'"]}',
        b'{"steps": [{"name": "$_MISSING"}]}',
        b'{"steps": [{"name": "x"}], "substitutions": {"_IDLE": "1"}}',
        b'{"steps": [{"name": "x"}], "substitutions": {"lower": "1"}}',
        b'{"steps": [{"name": "x"}], "options": {"logging": "SOMEWHERE"}}',
        b'{"steps": [{"name": "x"}], "logsBucket": "gs://no-such-bucket"}',
        b'{"steps": [{"name": "x"}], "logsBucket": "gs://../../etc"}',
        b'{"steps": [{"name": "x"}], "source": {"storageSource": {"generation": "../1"}}}',
    ],
)
def test_a_build_that_can_never_be_is_refused(
    face: Served, http: httpx.Client, body: bytes
) -> None:
    before = len(face.cloud.builds())
    done = http.post(f"{API}/builds", content=body)
    assert (done.status_code, done.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert len(face.cloud.builds()) == before


def test_an_archive_cannot_write_outside(face: Served, http: httpx.Client, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    gate = {"name": "python", "entrypoint": "landed", "args": ["gate"]}
    for name, links in (
        (str(outside), {}),
        (f"../../../../../../../..{outside}", {}),
        ("way/outside", {"way": str(tmp_path)}),
        ("way/there/outside", {"way": "..", "there": "."}),
        ("file/inside", {}),
    ):
        files = {name: "x", "file": "y"}
        source = upload_into(face.cloud.root, files, links)
        build = ended(http, {"steps": [gate], "source": {"storageSource": source}})
        said = build["failureInfo"]["detail"]
        assert "outside of the workspace" in said or "cannot be laid out" in said
    assert not outside.exists()


@pytest.mark.parametrize(
    "args",
    [
        ["build", "-t", "x", "../.."],
        ["build", "-t", "x", "/etc"],
        ["build", "-f", "/etc/passwd", "-t", "x", "."],
        ["build", "--secret", "id=x", "."],
        ["build", "-t"],
        ["run", "alpine"],
        ["push", "never-built"],
    ],
)
def test_what_docker_cannot_do_here_fails_the_step(
    face: Served, http: httpx.Client, args: list[str]
) -> None:
    source = {"storageSource": upload(face, {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "d"})}
    build = ended(http, {"steps": [{"name": DOCKER, "args": args}], "source": source})
    assert (build["status"], build["failureInfo"]["type"]) == ("FAILURE", "USER_BUILD_STEP")


@pytest.mark.parametrize(
    "text",
    [
        "status",
        'status="SUCCESS',
        "unknown=1",
        "(status=SUCCESS",
        "status=SUCCESS)",
        'create_time>"yesterday"',
        "(" * 4000,
        "NOT " * 1000 + "status=1",
        "x" * 5000,
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(http: httpx.Client, text: str) -> None:
    done = http.get(f"{API}/builds", params={"filter": text})
    assert done.status_code == 400, done.text


@pytest.mark.parametrize("id_", ["none", "..", "..%2F..%2Fface", "x" * 65, "A" * 5])
def test_a_build_that_is_not_there(http: httpx.Client, id_: str) -> None:
    assert http.get(f"{API}/builds/{id_}").status_code == 404


def test_another_project_has_no_builds_here(http: httpx.Client) -> None:
    done = http.get("https://cloudbuild.googleapis.com/v1/projects/another/builds")
    assert (done.status_code, done.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
