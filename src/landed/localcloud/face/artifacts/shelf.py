"""The images that a face shows: those whose names are of its own project and region.

`REGION-docker` host, project, repository, package is the very name in the local store.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from landed.content.image.layout import Layout
from landed.content.image.manifest import MANIFEST, document
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.localcloud.face.answers import absent, filled
from landed.localcloud.face.face import Face
from landed.localcloud.images import parse
from landed.localcloud.imaging import spread
from landed.localcloud.records import TagMove


class Picture(Frozen):
    """One image of a package. It was uploaded when its manifest was written; what moved its tags
    updated it.
    """

    package: str
    digest: str
    media_type: str
    size: int
    uploaded: datetime
    updated: datetime
    built: str | None
    tags: tuple[str, ...]


class Shelf:
    """The repositories, packages and images of a face."""

    def __init__(self, face: Face) -> None:
        self._images = face.cloud.images
        self.host = docker_host(face)
        self._home = f"{self.host}/{face.project.id}/"

    def stored(self, repository: str, package: str) -> str:
        """The name of a package in the store."""
        return f"{self._home}{repository}/{package}"

    def packages(self) -> dict[str, list[str]]:
        """The packages of every repository."""
        found: dict[str, list[str]] = {}
        for name in self._images.names():
            repository, slash, package = name.removeprefix(self._home).partition("/")
            if name.startswith(self._home) and slash:
                found.setdefault(repository, []).append(package)
        return found

    def repository(self, name: str) -> list[str]:
        """The packages of a repository. Raises Refusal where there is none of that name."""
        try:
            return self.packages()[name]
        except KeyError:
            raise absent(f"Repository {name!r}") from None

    def tags(self, repository: str, package: str) -> dict[str, TagMove]:
        """The tags of a package. Raises Refusal where there is none of that name."""
        if package not in self.repository(repository):
            raise absent(f"Package {package!r}")
        return self._images.tags(self.stored(repository, package))

    def pictures(self, repository: str, package: str) -> list[Picture]:
        """Every image of a package, the newest first."""
        tags = self.tags(repository, package)
        layout = self._images.layout(self.stored(repository, package))
        found = [
            self._picture(repository, package, digest, tags)
            for digest in dict.fromkeys(layout.images().values())
        ]
        return sorted(found, key=lambda one: (one.uploaded, one.digest), reverse=True)

    def picture(self, repository: str, package: str, digest: str) -> Picture:
        """One image. Raises Refusal where it is not there."""
        for one in self.pictures(repository, package):
            if one.digest == digest:
                return one
        raise absent(f"Image {package}@{digest}")

    def _picture(
        self, repository: str, package: str, digest: str, tags: dict[str, TagMove]
    ) -> Picture:
        layout = self._images.layout(self.stored(repository, package))
        manifest = document(layout.manifest(digest), digest)
        written = datetime.fromtimestamp(layout.blob_path(digest).stat().st_mtime, UTC)
        mine = [move for move in tags.values() if move.digest == digest]
        config, layers = manifest.get("config"), manifest.get("layers")
        blobs = [config, *(layers if isinstance(layers, list) else [])]
        built = layout.image(digest).config.get("created") if config else None
        return Picture(
            package=package,
            digest=digest,
            media_type=str(manifest.get("mediaType") or MANIFEST),
            size=sum(int(blob["size"]) for blob in blobs if isinstance(blob, dict)),
            uploaded=written,
            updated=max([written, *(move.at for move in mine if move.at)]),
            built=built if isinstance(built, str) else None,
            tags=tuple(sorted(move.tag for move in mine)),
        )

    def layout(self, name: str) -> Layout:
        """The layout of an image by the name that docker clients give it, without the host. Raises
        Refusal where there is none.
        """
        stored = f"{self.host}/{name}"
        if not stored.startswith(self._home) or stored not in self._images.names():
            raise absent(f"Image {name!r}")
        return self._images.layout(stored)

    def manifest(self, name: str, reference: str) -> tuple[str, bytes, dict[str, Any]]:
        """The digest, the bytes and the document of a manifest, by a tag or a digest. Raises
        Refusal where it is not there.
        """
        layout = self.layout(name)
        separator = "@" if ":" in reference else ":"
        try:
            digest = self._images.resolve(parse(f"{self.host}/{name}{separator}{reference}"))
        except UsageError:
            digest = None
        if digest is None or digest not in layout.images().values():
            raise absent(f"{name}{separator}{reference}")
        data = layout.manifest(digest)
        return digest, data, document(data, digest)

    def tag(self, name: str, tag: str, digest: str) -> None:
        """Points a tag to an image of this name. Raises Refusal where that is not here."""
        self.manifest(name, digest)
        stored, images = f"{self.host}/{name}", self._images
        spread(images, stored, digest, images, parse(f"{stored}:{tag}"))

    def tags_of(self, name: str) -> dict[str, TagMove]:
        """The tags of an image by the name that docker clients give it."""
        self.layout(name)
        return self._images.tags(f"{self.host}/{name}")

    def referrers(self, name: str, digest: str) -> list[dict[str, Any]]:
        """The descriptors of the manifests that name this one as their subject."""
        layout = self.layout(name)
        found = []
        for other in dict.fromkeys(layout.images().values()):
            data = layout.manifest(other)
            manifest = document(data, other)
            subject = manifest.get("subject")
            if isinstance(subject, dict) and subject.get("digest") == digest:
                kind = str(manifest.get("mediaType") or MANIFEST)
                one = {"mediaType": kind, "digest": other, "size": len(data)}
                found.append({**one, **_kind(manifest)})
        return found


def _kind(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says it is, as its descriptor repeats it."""
    config = manifest.get("config")
    known = manifest.get("artifactType") or (isinstance(config, dict) and config.get("mediaType"))
    return filled(artifactType=known or None, annotations=manifest.get("annotations"))


def docker_host(face: Face) -> str:
    """The host of the region's docker registry."""
    return f"{face.project.region}-docker.pkg.dev"
