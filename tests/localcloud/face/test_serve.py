"""`landed cloud serve` as a process: how it says that it is ready, and how it ends."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from landed.localcloud.cloud import LocalCloud
from landed.localcloud.face.serving import Room
from localcloud.face.source import upload_into
from schemas import validate
from waiting import until

BUILDS = "/v1/projects/landed-local/builds"


@contextmanager
def serve(cloud: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process that serves, and the line by which it said that it is ready."""
    command = [sys.executable, "-m", "landed", "cloud", "serve", "--cloud", str(cloud), "--json"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        # The document is the one thing on stdout; it ends where its braces close.
        text = ""
        while text.count("{") > text.count("}") or not text.strip():
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            text += line
        yield process, json.loads(text)
    finally:
        process.kill()
        process.communicate()


def environment(cloud: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "landed", "cloud", "env", "--cloud", str(cloud), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def client(cloud: Path) -> httpx.Client:
    room = Room(cloud)
    headers = {"Authorization": f"Bearer {room.token.read_text()}"}
    return httpx.Client(base_url=room.address().url, headers=headers, trust_env=False, timeout=60)


def test_it_says_when_it_is_ready_and_env_says_the_rest(tmp_path: Path) -> None:
    cloud = tmp_path / "cloud"
    assert environment(cloud)["exit_code"] == 2
    with serve(cloud, "--project", "shop-1", "--region", "us-east1") as (process, said):
        assert validate(said) == "cloud-serve-v1"
        document = environment(cloud)
        assert validate(document) == "cloud-env-v1"
        variables = document["variables"]
        assert variables["HTTPS_PROXY"] == said["url"]
        assert variables["CLOUDSDK_CORE_PROJECT"] == "shop-1"
        assert variables["REQUESTS_CA_BUNDLE"] is None
        assert client(cloud).get("/v1/projects/shop-1").status_code == 200
        second = subprocess.run(
            [sys.executable, "-m", "landed", "cloud", "serve", "--cloud", str(cloud)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (second.returncode, "served already" in second.stderr) == (2, True)
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
    assert not Room(cloud).token.exists()
    assert environment(cloud)["exit_code"] == 2


def test_the_lines_of_env_are_a_shells(tmp_path: Path) -> None:
    cloud = tmp_path / "a folder with 'quotes'"
    with serve(cloud):
        script = (
            f'eval "$({sys.executable} -m landed cloud env --cloud "$1")" && '
            'printf "%s\\n" "$CLOUDSDK_CONFIG" "${REQUESTS_CA_BUNDLE-unset}"'
        )
        done = subprocess.run(
            ["sh", "-c", script, "sh", str(cloud)],
            env={**os.environ, "REQUESTS_CA_BUNDLE": "/x"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert done.stdout.splitlines() == [str(cloud / "face" / "gcloud"), "unset"]


def test_it_ends_when_nobody_asks_any_more(tmp_path: Path) -> None:
    with serve(tmp_path / "cloud", "--idle", "0.5") as (process, _):
        assert process.wait(60) == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as parent:
        try:
            with serve(tmp_path / "cloud", "--parent", str(parent.pid)) as (process, _):
                assert client(tmp_path / "cloud").get("/v1/projects/landed-local").is_success
                assert process.poll() is None
                parent.kill()
                parent.wait()
                assert process.wait(60) == 0
        finally:
            parent.kill()


@pytest.mark.parametrize("after", [0.0, 0.05])
def test_a_face_that_is_killed_leaves_everything_readable(tmp_path: Path, after: float) -> None:
    root = tmp_path / "cloud"
    cloud = LocalCloud(root)
    noise = random.Random(1)
    files = {f"f{n}": noise.randbytes(50_000).hex() for n in range(20)}
    source = upload_into(root, {"Dockerfile": "FROM scratch\nCOPY . /app/\n", **files})
    image = "gcr.io/landed-local/killed:1"
    step = {"name": "gcr.io/cloud-builders/docker", "args": ["build", "-t", image, "."]}
    asked = {"steps": [step], "images": [image], "source": {"storageSource": source}}
    with serve(root) as (process, _), client(root) as http:
        begun = http.post(BUILDS, json=asked).json()["metadata"]["build"]["id"]
        until(lambda: http.get(f"{BUILDS}/{begun}").json()["status"] != "QUEUED")
        if after:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(after)
        process.kill()
        process.wait()
    record = cloud.builds()[0]
    assert record.status in ("LOST", "SUCCESS")
    for name in cloud.images.names():
        for move in cloud.images.tags(name).values():
            assert cloud.images.layout(name).image(move.digest).files("sha1")
    with serve(root), client(root) as http:
        status = http.get(f"{BUILDS}/{begun}").json()["status"]
        assert status == {"LOST": "INTERNAL_ERROR", "SUCCESS": "SUCCESS"}[record.status]
        again = http.post(BUILDS, json=asked).json()["metadata"]["build"]["id"]
        until(lambda: http.get(f"{BUILDS}/{again}").json()["status"] == "SUCCESS")


def test_an_upload_goes_on_after_a_face_was_killed(tmp_path: Path) -> None:
    root = tmp_path / "cloud"
    uploads = "/upload/storage/v1/b/bucket-1/o"
    with serve(root) as (process, _), client(root) as http:
        made = http.post(
            "/storage/v1/b", params={"project": "landed-local"}, json={"name": "bucket-1"}
        )
        assert made.is_success
        begun = http.post(uploads, params={"uploadType": "resumable", "name": "x"})
        id_ = begun.headers["X-GUploader-UploadID"]
        http.put(
            uploads,
            params={"upload_id": id_},
            content=b"abc",
            headers={"Content-Range": "bytes 0-2/6"},
        )
        process.kill()
        process.wait()
    with serve(root), client(root) as http:
        done = http.put(
            uploads,
            params={"upload_id": id_},
            content=b"def",
            headers={"Content-Range": "bytes 3-5/6"},
        )
        assert done.json()["size"] == "6"
        assert http.get("/storage/v1/b/bucket-1/o/x", params={"alt": "media"}).text == "abcdef"


@pytest.mark.parametrize("ignored", [False, True])
def test_a_cloud_that_an_upload_would_take_along_is_not_served(
    tmp_path: Path, *, ignored: bool
) -> None:
    """Its token would lie in the image. gcloud reads no ignore file below the top."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    cloud = tmp_path / ".landed" / "cloud"
    if ignored:
        (tmp_path / ".gitignore").write_text(".landed/\n")
        with serve(cloud):
            return
    command = [sys.executable, "-m", "landed", "cloud", "serve", "--cloud", str(cloud)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "put a line .landed/ into .gitignore" in done.stderr
    assert not cloud.exists()
