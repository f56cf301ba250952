"""Artifact Registry and the docker registry, with the clients that people use."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from localcloud.face.stage import MENDED, SHOP, Stage, staged

HOME = "https://artifactregistry.googleapis.com/v1/projects/landed-local/locations/europe-west1"
REPOSITORY = f"{HOME}/repositories/shop"
HOST = SHOP.partition("/")[0]
DOCKER = f"https://{HOST}/v2/landed-local/shop"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An image that was built twice under one tag, one whose name has parts, and a stranger."""
    with staged(tmp_path_factory.mktemp("artifacts")) as made:
        made.build("worker:latest", MENDED)
        made.build("worker:latest", f"{MENDED}\n# once more")
        made.build("tools/cleaner:v1", MENDED)
        made.cloud.images.copy(
            "stranger",
            {"digest": made.cloud.images.here(f"{SHOP}/worker:latest")},
            made.cloud.images.layout(f"{SHOP}/worker"),
        )
        yield made


@pytest.fixture(scope="module")
def newest(stage: Stage) -> str:
    return stage.cloud.images.here(f"{SHOP}/worker:latest")


def test_repositories_and_packages(stage: Stage) -> None:
    (one,) = stage.ask("GET", f"{HOME}/repositories")["repositories"]
    assert one == stage.ask("GET", REPOSITORY)
    assert (one["format"], one["registryUri"]) == ("DOCKER", SHOP)
    names = [p["name"] for p in stage.ask("GET", f"{REPOSITORY}/packages")["packages"]]
    assert [name.rpartition("/")[2] for name in names] == ["tools%2Fcleaner", "worker"]
    cleaner = stage.ask("GET", f"{REPOSITORY}/packages/tools%2Fcleaner")
    assert cleaner["name"] == names[0]
    assert stage.ask("GET", f"{REPOSITORY}/packages/tools%2Fcleaner/tags")["tags"]


def test_tags_versions_and_images_agree(stage: Stage, newest: str) -> None:
    tag = stage.ask("GET", f"{REPOSITORY}/packages/worker/tags/latest")
    assert tag["version"].rpartition("/")[2] == newest
    assert stage.ask("GET", f"{REPOSITORY}/packages/worker/tags")["tags"] == [tag]
    first, second = stage.ask("GET", f"{REPOSITORY}/packages/worker/versions?view=FULL")["versions"]
    assert first["relatedTags"] == [tag]
    assert "relatedTags" not in second
    version = stage.ask("GET", f"{REPOSITORY}/packages/worker/versions/{newest}")
    assert (version["name"], version["metadata"]) == (first["name"], first["metadata"])
    image = stage.ask("GET", f"{REPOSITORY}/dockerImages/worker@{newest}")
    assert image["uri"] == f"{SHOP}/worker@{newest}"
    assert image["tags"] == ["latest"]
    assert image["imageSizeBytes"] == first["metadata"]["imageSizeBytes"]
    assert image["uploadTime"] <= image["updateTime"]
    every = stage.ask("GET", f"{REPOSITORY}/dockerImages")["dockerImages"]
    assert len(every) == 3
    assert image in every
    page = stage.ask("GET", f"{REPOSITORY}/dockerImages?pageSize=2")
    rest = stage.ask(
        "GET", f"{REPOSITORY}/dockerImages?pageSize=2&pageToken={page['nextPageToken']}"
    )
    assert [*page["dockerImages"], *rest["dockerImages"]] == every


def test_what_is_not_there(stage: Stage, newest: str) -> None:
    another = newest[:-1] + ("1" if newest.endswith("0") else "0")
    for path in (
        "repositories/nosuch", "repositories/shop/packages/nosuch",
        "repositories/shop/packages/worker/tags/nosuch",
        f"repositories/shop/packages/worker/versions/{another}",
        f"repositories/shop/dockerImages/cleaner@{newest}", "repositories/shop/dockerImages/worker",
        "repositories/nosuch/dockerImages", "repositories/..%2F..%2Fjobs/packages",
    ):  # fmt: skip
        stage.ask("GET", f"{HOME}/{path}", code=404)
    stage.ask("GET", REPOSITORY.replace("europe-west1", "mars"), code=404)
    stage.ask("GET", REPOSITORY.replace("landed-local", "another"), code=403)


def test_nobody_looked_into_the_images(stage: Stage) -> None:
    for version in ("v1", "v1beta1"):
        url = (
            f"https://containeranalysis.googleapis.com/{version}/projects/landed-local/occurrences"
        )
        assert stage.ask("GET", url) == {}


def test_a_manifest_by_tag_and_by_digest(stage: Stage, newest: str) -> None:
    assert stage.client.get(f"https://{HOST}/v2/").status_code == 200
    by_tag = stage.client.get(f"{DOCKER}/worker/manifests/latest")
    by_digest = stage.client.get(f"{DOCKER}/worker/manifests/{newest}")
    assert by_tag.content == by_digest.content
    assert f"sha256:{hashlib.sha256(by_tag.content).hexdigest()}" == newest
    assert by_tag.headers["docker-content-digest"] == newest
    assert by_tag.headers["content-type"] == json.loads(by_tag.content)["mediaType"]
    head = stage.client.head(f"{DOCKER}/worker/manifests/latest")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["docker-content-digest"] == newest
    assert head.headers["content-length"] == str(len(by_tag.content))


def test_a_blob_and_a_range_of_it(stage: Stage) -> None:
    manifest = stage.ask("GET", f"{DOCKER}/worker/manifests/latest")
    layer = manifest["layers"][0]
    url = f"{DOCKER}/worker/blobs/{layer['digest']}"
    whole = stage.client.get(url)
    assert f"sha256:{hashlib.sha256(whole.content).hexdigest()}" == layer["digest"]
    part = stage.client.get(url, headers={"Range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, whole.content[3:10])
    beyond = {"Range": f"bytes={layer['size']}-"}
    assert stage.client.get(url, headers=beyond).status_code == 416
    head = stage.client.head(url)
    assert (head.content, head.headers["content-length"]) == (b"", str(layer["size"]))


def test_tags_and_referrers(stage: Stage, newest: str) -> None:
    found = stage.ask("GET", f"{DOCKER}/tools/cleaner/tags/list")
    assert found == {"name": "landed-local/shop/tools/cleaner", "tags": ["v1"]}
    found = stage.ask("GET", f"{DOCKER}/worker/referrers/{newest}")
    assert found["manifests"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("worker/manifests/nosuch", 404, "MANIFEST_UNKNOWN"),
        ("worker/manifests/sha256:" + "0" * 64, 404, "MANIFEST_UNKNOWN"),
        ("nosuch/manifests/latest", 404, "MANIFEST_UNKNOWN"),
        ("nosuch/tags/list", 404, "NAME_UNKNOWN"),
        ("worker/blobs/sha256:" + "0" * 64, 404, "BLOB_UNKNOWN"),
        ("worker/blobs/nonsense", 400, "BLOB_UNKNOWN"),
        ("..%2F..%2F..%2Fstranger/tags/list", 404, "NAME_UNKNOWN"),
    ],
)
def test_docker_is_told_in_its_own_words(stage: Stage, path: str, status: int, code: str) -> None:
    answer = stage.client.get(f"{DOCKER}/{path}")
    assert answer.status_code == status
    assert [error["code"] for error in answer.json()["errors"]] == [code]


def test_no_path_leads_out_of_the_blobs(stage: Stage) -> None:
    answer = stage.client.get(f"{DOCKER}/worker/blobs/..%2F..%2Findex.json")
    assert answer.status_code == 404


def test_a_configuration_is_no_manifest(stage: Stage) -> None:
    manifest = stage.ask("GET", f"{DOCKER}/worker/manifests/latest")
    url = f"{DOCKER}/worker/manifests/{manifest['config']['digest']}"
    assert stage.client.get(url).status_code == 404


def test_skopeo_copies_an_image(stage: Stage, newest: str, tmp_path: Path) -> None:
    name = f"{stage.face.url.removeprefix('http://')}/landed-local/shop/worker:latest"
    subprocess.run(
        [
            "skopeo", "copy", "--quiet", "--src-tls-verify=false",
            f"--src-creds=oauth2accesstoken:{stage.face.face.token}",
            f"docker://{name}", f"oci:{tmp_path / 'copy'}:latest",
        ],
        check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    index = json.loads((tmp_path / "copy" / "index.json").read_bytes())
    assert [entry["digest"] for entry in index["manifests"]] == [newest]


def test_the_token_is_fetched_as_docker_does(stage: Stage) -> None:
    refused = httpx.get(f"{stage.face.url}/v2/", trust_env=False)
    challenge = refused.headers["www-authenticate"]
    assert refused.status_code == 401
    assert challenge.startswith(f'Bearer realm="{stage.face.url}/v2/token"')
    assert httpx.get(f"{stage.face.url}/v2/token", trust_env=False).status_code == 401
    word = base64.b64encode(f"oauth2accesstoken:{stage.face.face.token}".encode()).decode()
    answer = httpx.get(
        f"{stage.face.url}/v2/token", headers={"Authorization": f"Basic {word}"}, trust_env=False
    )
    found: dict[str, Any] = answer.json()
    headers = {"Authorization": f"Bearer {found['token']}"}
    assert httpx.get(f"{stage.face.url}/v2/", headers=headers, trust_env=False).status_code == 200


def test_landed_s_own_registry_client_reads_it(
    stage: Stage, newest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landed.content.image.reference import parse
    from landed.providers.oci.registry import Registry

    host = stage.face.url.removeprefix("http://")
    word = base64.b64encode(f"oauth2accesstoken:{stage.face.face.token}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": word}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    reference = parse(f"{host}/landed-local/shop/worker:latest")
    with Registry.open(reference) as registry:
        assert registry.resolve() == newest
        layer = json.loads(registry.manifest(newest))["layers"][0]
        with registry.blob(layer["digest"]) as blob:
            data = blob.read()
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == layer["digest"]
