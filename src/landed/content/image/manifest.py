"""Manifests, indexes and configurations: OCI's and docker's, read into few shapes."""

from __future__ import annotations

import json
import platform as machine
import re
from typing import Any

import msgspec

from landed.content.image.blobs import Blobs
from landed.content.image.inflate import AGAIN, Verified
from landed.core.errors import DataError, UsageError
from landed.core.model import Frozen, learned

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MAX_JSON = 16 << 20
MAX_LAYERS = 512
_MAX_CHILDREN = 1_000
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}
_ATTESTATION = "vnd.docker.reference.type"


class Settings(Frozen, rename="pascal"):
    """What an image's configuration says about running it."""

    env: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    labels: dict[str, str] | None = None
    working_dir: str | None = None
    user: str | None = None


class Descriptor(Frozen, rename="camel"):
    """A manifest's word for a blob."""

    digest: str
    size: int
    media_type: str = ""


class _Platform(Frozen):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class _Child(Frozen, rename="camel"):
    digest: str
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None


learned(Settings, Descriptor, _Child)


class Manifest(Frozen):
    """An image's manifest: its configuration and its layers, lowest first."""

    config: Descriptor
    layers: tuple[Descriptor, ...]


def checked_digest(digest: str) -> str:
    """The same. Raises DataError for what is no digest: it may become a file's name."""
    if not _DIGEST.fullmatch(digest):
        raise DataError(f"`{digest[:80]}` is no digest", "digests read sha256:<64 hex>")
    return digest


def document(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object. Raises DataError for anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{what} is no JSON", AGAIN) from error
    if not isinstance(found, dict):
        raise DataError(f"{what} is no JSON object", AGAIN)
    return found


def manifest(blobs: Blobs, digest: str) -> Manifest:
    """Reads an image's manifest. Raises DataError where it is none."""
    found = document(blobs.manifest(digest), digest)
    if found.get("schemaVersion") == 1:
        raise DataError(f"{digest} is in docker's first form", "push it again with a newer docker")
    layers = found.get("layers")
    if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
        raise DataError(f"{digest} lists no layers", AGAIN)
    try:
        config = msgspec.convert(found.get("config"), Descriptor)
        listed = msgspec.convert(layers, tuple[Descriptor, ...])
    except msgspec.ValidationError as error:
        raise DataError(f"{digest} is no image manifest: {error}", AGAIN) from error
    for each in (config, *listed):
        checked_digest(each.digest)
    return Manifest(config=config, layers=listed)


def config(blobs: Blobs, described: Descriptor) -> dict[str, Any]:
    """A whole configuration, verified."""
    with blobs.blob(described.digest) as raw:
        blob = Verified(raw, described.digest)
        data = b""
        while (piece := blob.read(1 << 20)) and len(data) <= MAX_JSON:
            data += piece
        if len(data) > MAX_JSON:
            raise DataError(f"{described.digest} is larger than a configuration may be", AGAIN)
        blob.check()
    if blob.size != described.size:
        raise DataError(f"{described.digest} has another size than its manifest says", AGAIN)
    return document(data, described.digest)


def pick(blobs: Blobs, digest: str, platform: str | None = None) -> str:
    """The digest of the image that an index has for a platform (`linux/arm64`; else that of this
    machine); an image's own digest stays. Raises UsageError where there is none, or no one.
    """
    for _ in range(3):
        found = document(blobs.manifest(digest), digest)
        if "manifests" not in found:
            return digest
        digest = _child(found["manifests"], digest, platform)
    raise DataError(f"{digest} is an index in an index in an index", AGAIN)


def members(blobs: Blobs, digest: str) -> list[str]:
    """The images of an index, none where `digest` is an image itself. What only tells of an image,
    as a builder's attestation does, is none.
    """
    found = document(blobs.manifest(digest), digest)
    if "manifests" not in found:
        return []
    return [checked_digest(one.digest) for one in _images(found["manifests"], digest)]


def _images(listed: Any, digest: str) -> list[_Child]:
    try:
        children = msgspec.convert(listed, tuple[_Child, ...])
    except msgspec.ValidationError as error:
        raise DataError(f"{digest} is no image index: {error}", AGAIN) from error
    return [
        child
        for child in children[:_MAX_CHILDREN]
        if _ATTESTATION not in (child.annotations or {})
        and (child.platform is None or child.platform.os != "unknown")
    ]


def _child(listed: Any, digest: str, platform: str | None) -> str:
    images = _images(listed, digest)
    if len(images) == 1 and platform is None:
        return checked_digest(images[0].digest)
    wanted = platform or f"linux/{_MACHINES.get(machine.machine(), machine.machine())}"
    fitting = [each for each in images if each.platform and _fits(each.platform, wanted)]
    if not fitting:
        names = ", ".join(sorted({str(each.platform or "?") for each in images})) or "none"
        raise UsageError(f"it has no image for {wanted}", f"--platform takes one of: {names}")
    return checked_digest(fitting[0].digest)


def _fits(platform: _Platform, wanted: str) -> bool:
    return wanted in {str(platform), f"{platform.os}/{platform.architecture}"}
