"""Real images in a real registry, read as other tools read them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import zstandard

from landed.content.image.blobs import Blobs
from landed.content.image.reference import parse
from landed.core.errors import DataError, LandedError, ProviderError
from landed.providers.oci.failures import MissingError
from landed.providers.oci.registry import Registry
from providers.oci.painters import SINGLE, Painted, run
from providers.oci.servers import Served, TokenServer

NONE = f"sha256:{'0' * 64}"
TAGS = (*SINGLE, "several", "several-v2s2")
KINDS = {
    "by-buildah": "oci.image.manifest",
    "by-buildah-v2s2": "docker.distribution.manifest.v2",
    "by-docker": "docker.distribution.manifest.v2",
    "by-skopeo-zstd": "oci.image.manifest",
    "by-skopeo-v2s2": "docker.distribution.manifest.v2",
    "several": "oci.image.index",
    "several-v2s2": "docker.distribution.manifest.list",
}
UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def read(blobs: Blobs, descriptor: dict[str, Any]) -> bytes:
    with blobs.blob(descriptor["digest"]) as stream:
        data = stream.read()
    assert len(data) == descriptor["size"]
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == descriptor["digest"]
    return data


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_means_what_skopeo_says(images: Painted, tag: str) -> None:
    with Registry.open(images.reference(tag)) as registry:
        digest = registry.resolve()
        body = registry.manifest(digest)
    assert digest == images.digests[tag]
    assert body == images.raw(tag) == images.raw(digest)
    assert KINDS[tag] in json.loads(body)["mediaType"]


@pytest.mark.parametrize("tag", SINGLE)
def test_every_blob_of_an_image_comes_whole(images: Painted, tag: str) -> None:
    kind = "zstd" if tag == "by-skopeo-zstd" else "gzip"
    found: dict[str, bytes] = {}
    with Registry.open(images.reference(tag)) as registry:
        manifest = json.loads(registry.manifest(registry.resolve()))
        config = json.loads(read(registry, manifest["config"]))
        for layer, plain in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
            data = UNPACKED[kind](read(registry, layer))
            assert f"sha256:{hashlib.sha256(data).hexdigest()}" == plain
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                files = [member for member in tar if member.isfile()]
                for member in files:
                    content = tar.extractfile(member)
                    assert content
                    found[member.name] = content.read()
    assert len(found["app/first"]) > 80_000
    assert found["app/second"].decode() in {tag, "docker", "by-buildah"}


def test_an_index_leads_to_the_manifests_of_each_machine(images: Painted) -> None:
    with Registry.open(images.reference("several")) as registry:
        index = json.loads(registry.manifest(registry.resolve()))
        machines = {m["platform"]["architecture"]: m["digest"] for m in index["manifests"]}
        assert machines == {
            "amd64": images.digests["by-buildah"],
            "arm64": images.digests["by-skopeo-zstd"],
        }
        for digest in machines.values():
            assert registry.manifest(digest) == images.raw(digest)


def test_by_digest_whatever_the_tag_beside_it_means(images: Painted) -> None:
    digest = images.digests["by-docker"]
    for tag in ("", ":by-buildah", ":never-pushed"):
        reference = parse(f"{images.served.host}/shop/worker{tag}@{digest}")
        with Registry.open(reference) as registry:
            assert registry.resolve() == digest


def test_a_large_blob_is_read_in_pieces(images: Painted, workshop: Path) -> None:
    place = workshop / "large"
    place.mkdir()
    data = b"".join(hashlib.sha256(f"{n}".encode()).digest() for n in range(200_000))
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}
    for key, kind, held in (("config", "config.v1+json", b"{}"), ("layer", "layer.v1.tar", data)):
        name = hashlib.sha256(held).hexdigest()
        (place / name).write_bytes(held)
        described = {"digest": f"sha256:{name}", "size": len(held)}
        described["mediaType"] = f"application/vnd.oci.image.{kind}"
        manifest |= {key: described} if key == "config" else {"layers": [described]}
    (place / "manifest.json").write_text(json.dumps(manifest))
    (place / "version").write_text("Directory Transport Version: 1.1\n")
    name = f"{images.served.host}/shop/large:v1"
    run("skopeo", "copy", "-q", "--dest-tls-verify=false", "--preserve-digests", f"dir:{place}",
        f"docker://{name}", folder=images.folder)  # fmt: skip
    seen = hashlib.sha256()
    with Registry.open(parse(name)) as registry, registry.blob(digest) as stream:
        while piece := stream.read(70_001):
            seen.update(piece)
            assert len(piece) <= 70_001
    assert f"sha256:{seen.hexdigest()}" == digest


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shop/worker:never-pushed", "has no never-pushed in shop/worker"),
        ("shop/nothing:v1", "v1"),
        (f"shop/worker@{NONE}", NONE),
    ],
)
def test_what_is_not_there_is_missing(images: Painted, name: str, words: str) -> None:
    reference = parse(f"{images.served.host}/{name}")
    with Registry.open(reference) as registry, pytest.raises(MissingError) as raised:
        registry.resolve()
    assert words in raised.value.message
    assert raised.value.hint


def test_a_blob_that_is_not_there_is_missing(images: Painted) -> None:
    with (
        Registry.open(images.reference("by-buildah")) as registry,
        pytest.raises(MissingError, match="0000"),
        registry.blob(NONE),
    ):
        pass


@pytest.mark.parametrize("digest", ["", "v1", "sha256:12", f"../{NONE}", f"{NONE}/../x", "sha512:"])
def test_what_is_no_digest_is_never_asked_for(images: Painted, digest: str) -> None:
    with Registry.open(images.reference("by-buildah")) as registry:
        for asked in (registry.manifest, registry.referrers):
            with pytest.raises(DataError, match="no digest"):
                asked(digest)
        with pytest.raises(DataError, match="no digest"), registry.blob(digest):
            pass


def test_a_blob_that_the_registry_holds_altered_is_not_what_its_digest_says(
    images: Painted, workshop: Path
) -> None:
    """The manifest is verified here, the blob by its reader."""
    place = workshop / "bent"
    source = f"docker://{images.served.host}/shop/worker:by-buildah"
    target = f"docker://{images.served.host}/shop/bent:v1"
    run("skopeo", "copy", "-q", "--src-tls-verify=false", source, f"dir:{place}", folder=workshop)
    config = place / json.loads((place / "manifest.json").read_text())["config"]["digest"][7:]
    document = json.loads(config.read_text())
    config.write_text(json.dumps(document | {"author": "somebody"}))
    manifest = json.loads((place / "manifest.json").read_text())
    digest = hashlib.sha256(config.read_bytes()).hexdigest()
    config.rename(place / digest)
    manifest["config"] |= {"digest": f"sha256:{digest}", "size": (place / digest).stat().st_size}
    (place / "manifest.json").write_text(json.dumps(manifest))
    run("skopeo", "copy", "-q", "--dest-tls-verify=false", f"dir:{place}", target, folder=workshop)
    pushed = hashlib.sha256(images_raw(images, "bent:v1")).hexdigest()
    for name in (digest, pushed):
        blob = images.served.root / f"docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data"
        assert blob.is_file()
        blob.write_bytes(blob.read_bytes().replace(b"sha256:", b"sha255:"))
    with Registry.open(parse(f"{images.served.host}/shop/bent@sha256:{pushed}")) as registry:
        with registry.blob(f"sha256:{digest}") as stream:
            assert hashlib.sha256(stream.read()).hexdigest() != digest
        with pytest.raises(LandedError):
            registry.manifest(f"sha256:{pushed}")


def images_raw(images: Painted, name: str) -> bytes:
    where = f"docker://{images.served.host}/shop/{name}"
    return run("skopeo", "inspect", "--raw", "--tls-verify=false", where, folder=images.folder)


def test_what_refers_to_an_image_stands_below_its_tag(images: Painted, workshop: Path) -> None:
    """Debian's registry knows no referrers: the tag that stands in for them does."""
    subject = images.digests["by-buildah"]
    with Registry.open(images.reference("by-buildah")) as registry:
        assert registry.referrers(subject) == []
        index = f"docker://{images.served.host}/shop/worker:several"
        tag = f"docker://{images.served.host}/shop/worker:{subject.replace(':', '-')}"
        run("skopeo", "copy", "-q", "--all", "--src-tls-verify=false", "--dest-tls-verify=false",
            index, tag, folder=workshop)  # fmt: skip
        found = registry.referrers(subject)
    assert {one.digest for one in found} == {subject, images.digests["by-skopeo-zstd"]}
    assert all(one.size > 100 and "oci.image.manifest" in one.media_type for one in found)


def test_https_with_a_certificate_of_one_s_own(
    images: Painted, tls_registry: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = images.reference("by-docker", tls_registry)
    with pytest.raises(ProviderError, match="certificate") as raised, Registry.open(reference):
        pass
    assert "SSL_CERT_FILE" in raised.value.hint
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_registry.certificate))
    with Registry.open(reference) as registry:
        digest = registry.resolve()
        assert digest == images.digests["by-docker"]
        assert registry.manifest(digest) == images.raw(digest)


def test_from_several_threads_at_once(
    images: Painted, token_registry: Served, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "public", True)
    with Registry.open(images.reference("several", token_registry)) as registry:
        manifests = [json.loads(images.raw(tag)) for tag in SINGLE]
        layers = [layer for manifest in manifests for layer in manifest["layers"]] * 3
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda layer: read(registry, layer), layers))
    assert len(found) == 30
