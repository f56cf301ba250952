"""Artifact Registry: what a name means, and the images themselves."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import msgspec

from landed.content.image.blobs import Blobs
from landed.content.image.cache import load_document, save_document
from landed.content.image.image import Contents, Image
from landed.content.image.manifest import MAX_JSON, members, pick
from landed.content.image.reading import FROM_AFAR
from landed.content.image.reference import Reference, parse, split
from landed.core.clock import now
from landed.core.errors import LandedError
from landed.core.model import Evidence, Frozen, Station, Strength, learned
from landed.core.probe import ImageContent, Lent
from landed.core.seen import Registry
from landed.http.transport import Answer, Transport
from landed.providers.gcp import identity
from landed.providers.gcp.api import Api, path
from landed.providers.gcp.asked import Once
from landed.providers.gcp.failures import MissingError, Need, refused
from landed.providers.gcp.place import Place
from landed.providers.gcp.shapes import artifacts

IMAGES = Need(
    api="artifactregistry.googleapis.com",
    permission="artifactregistry.repositories.downloadArtifacts",
    role="roles/artifactregistry.reader",
)
TAGS = Need(
    api="artifactregistry.googleapis.com",
    permission="artifactregistry.repositories.uploadArtifacts",
    role="roles/artifactregistry.writer",
    verb="write",
)
PLATFORM = "linux/amd64"
"""What Cloud Run runs, of an index with several."""
_HOST = re.compile(r"(?P<region>[a-z0-9-]+)-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io")
_WORKDIR = re.compile(r"(?:/bin/sh -c #\(nop\) +)?WORKDIR (?P<folder>/.*)")
_ENV = re.compile(r"(?:/bin/sh -c #\(nop\) +)?ENV (?P<name>[A-Za-z_]\w*)=(?P<value>.*)")


def is_google(host: str) -> bool:
    """Whether a registry is Google's: it is asked by the same token as all of Google's APIs."""
    return bool(_HOST.fullmatch(host))


def repository_of(name: Reference) -> tuple[str, ...] | None:
    """The repository of Artifact Registry that an image lies in, as the parts of its path; None
    where it lies elsewhere.
    """
    host = _HOST.fullmatch(name.host)
    project, rest = owned(name.repository)
    repository, _, image = rest.partition("/")
    if not host or not host["region"] or not image:
        return None
    return (
        "v1", "projects", project, "locations", host["region"], "repositories", repository,
    )  # fmt: skip


def owned(repository: str) -> tuple[str, str]:
    """The project whose repository this is, and the rest of its name. The project of a domain is
    written as two parts there: `shop.example/one` is `shop.example:one`.
    """
    first, _, rest = repository.partition("/")
    if "." not in first:
        return first, rest
    second, _, rest = rest.partition("/")
    return f"{first}:{second}", rest


class Named(Blobs, Protocol):
    """One repository of a registry, as a name leads to it."""

    def fetched(self) -> tuple[str, bytes]:
        """The digest that the name means now, and the manifest itself."""

    def put(self, manifest: bytes) -> None:
        """Points the name to a manifest that is in the repository already."""


class Bearer:
    """Tells a registry of Google's who asks: by the same token as all of Google's APIs. A refusal
    says what that `need`s.
    """

    def __init__(self, api: Api, reference: Reference, need: Need = IMAGES) -> None:
        self._api, self._reference, self._need = api, reference, need

    def header(self) -> dict[str, str]:
        """Sent at once: nobody has to ask for it."""
        return self._api.who.header()

    def answer(self, refused: Answer, sent: dict[str, str]) -> dict[str, str]:
        """A new token, once."""
        del refused
        return self._api.who.renewed(sent)

    def unauthorized(self, body: bytes) -> LandedError:
        """A 401 that stays."""
        return self.refused(self._reference.host, str(self._reference), 401, body)

    def refused(self, host: str, what: str, status: int, body: bytes) -> LandedError:
        """Any other refusal. A registry says in its own way what is not there."""
        del host
        where = f"{what} of {self._reference.repository}"
        project, _ = owned(self._reference.repository)
        return refused(self._need, project, where, status, body, self._api.who)


Opener = Callable[[Reference, Transport, Bearer | None], AbstractContextManager[Named]]
"""Opens a repository; where it is none of Google's there is no bearer, and no token goes there."""


class Images:
    """The images of one environment. Repositories are opened once, manifests are read once."""

    def __init__(self, api: Api, opener: Opener, object_format: str, cache: Path) -> None:
        self._api, self._opener = api, opener
        self._object_format, self._cache = object_format, cache
        self._held = ExitStack()
        self._lock = Lock()
        self._opened: dict[str, Named] = {}
        self._kept: dict[str, Kept] = {}
        self._manifests: dict[str, bytes] = {}

    def digest(self, name: str) -> str | None:
        """What `name:tag` means now; None where the registry has no such name."""
        try:
            with self._lock:
                named = self._entered(parse(name), name)
            digest, manifest = named.fetched()
        except MissingError:
            return None
        self._manifests[digest] = manifest
        save_document(self._cache, digest, manifest)
        return digest

    def move(self, name: str, image: str) -> None:
        """Points `name:tag` to `NAME@DIGEST`, an image of the same repository."""
        reference, (_, _, digest) = parse(name), split(image)
        manifest = self.blobs(image).manifest(digest or "")
        bearer = Bearer(self._api, reference, TAGS)
        with self._opener(reference, self._api.transport, bearer) as named:
            named.put(manifest)

    def members(self, name: str, digest: str) -> list[str]:
        """The images of an index; none where `digest` is an image."""
        return members(self.blobs(name), digest)

    def config(self, name: str, digest: str) -> dict[str, Any]:
        """The whole configuration of an image."""
        return self._image(name, digest).config

    def content(self, name: str, digest: str) -> ImageContent:
        """The final files of an image, every layer verified."""
        image = self._image(name, digest)
        return Contents(image, image.files(self._object_format, self._cache, FROM_AFAR))

    def _image(self, name: str, digest: str) -> Image:
        """An image, whose configuration is on its way while its layers are read."""
        blobs = self.blobs(name)
        image = Image(blobs, pick(blobs, digest, PLATFORM))
        blobs.begin(image.manifest.config.digest)
        return image

    def blobs(self, name: str) -> Kept:
        """The repository of a name, whose manifests are read once."""
        reference = parse(name)
        where = f"{reference.host}/{reference.repository}"
        with self._lock:
            if where not in self._kept:
                opened = self._entered(reference, where)
                self._kept[where] = Kept(opened, self._manifests, self._cache)
            return self._kept[where]

    def _entered(self, reference: Reference, where: str) -> Named:
        """A repository, opened once for each `where`. Who calls it holds the lock."""
        if where not in self._opened:
            bearer = Bearer(self._api, reference) if is_google(reference.host) else None
            opened = self._opener(reference, self._api.transport, bearer)
            self._opened[where] = self._held.enter_context(opened)
        return self._opened[where]

    def times(self, name: str, digest: str) -> artifacts.DockerImage | None:
        """When an image came, and its tags; None where it is not in Artifact Registry."""
        reference = parse(name)
        repository = repository_of(reference)
        if repository is None:
            return None
        image = owned(reference.repository)[1].partition("/")[2]
        where = path(*repository, "dockerImages", f"{image}@{digest}")
        what = f"image {image}@{digest[:19]}"
        found = self._api.get(IMAGES, what, where, artifacts.DockerImage)
        if found.uri != f"{reference.host}/{reference.repository}@{digest}":
            raise identity.other(IMAGES, what, found.uri)
        return found


class Kept:
    """A repository's blobs; manifests and configurations are asked for once, and kept in `cache`
    for the next trace.
    """

    def __init__(self, blobs: Blobs, known: dict[str, bytes], cache: Path) -> None:
        self._blobs, self._known, self._cache = blobs, known, cache
        self._manifests: Once[str, bytes] = Once(
            lambda digest: self._document(digest, blobs.manifest)
        )
        self._configs: Once[str, bytes] = Once(lambda digest: self._document(digest, self._whole))
        self._begun: set[str] = set()

    def begin(self, config: str) -> None:
        """Asks for a configuration already."""
        self._begun.add(config)
        self._configs.begin(config)

    def manifest(self, digest: str) -> bytes:
        """A manifest, verified."""
        known = self._known.get(digest)
        return self._manifests(digest) if known is None else known

    def blob(self, digest: str) -> Any:
        """A blob, not verified."""
        if digest in self._begun:
            return io.BytesIO(self._configs(digest))
        return self._blobs.blob(digest)

    def _document(self, digest: str, ask: Callable[[str], bytes]) -> bytes:
        found = load_document(self._cache, digest)
        if found is None:
            found = ask(digest)
            save_document(self._cache, digest, found)
        return found

    def _whole(self, digest: str) -> bytes:
        with self._blobs.blob(digest) as raw:
            return raw.read(MAX_JSON + 1)


def observed(
    name: str, digest: str | None, image: artifacts.DockerImage | None, place: Place
) -> Registry:
    """What was seen of a name. Nobody records when a tag moved: an image's last change is the
    nearest to it.
    """
    facts = {
        "name": name,
        "digest": digest,
        "uploaded": image.upload_time if image else None,
        "changed": image.update_time if image else None,
        "tags": list(image.tags) if image else None,
    }
    evidence = Evidence(
        station=Station.REGISTRY,
        strength=Strength.RECORDED,
        facts=facts,
        see=place.gcloud("artifacts", "docker", "images", "describe", name),
        observed_at=now(),
    )
    return Registry(
        name=name,
        digest=digest,
        moved_at=image.update_time if image else None,
        evidence=(evidence,),
    )


class _Line(Frozen):
    created: datetime | None = None
    created_by: str = ""


learned(_Line)


def lent(config: Mapping[str, Any], begun: datetime) -> Lent:
    """What the base of an image lent: what its history has from before the build began. Where the
    history does not tell, as after a build with times set to naught, the base lent nothing known.
    """
    try:
        lines = msgspec.convert(config.get("history") or [], list[_Line])
    except msgspec.ValidationError:
        return Lent()
    own = [line.created is not None and line.created >= begun for line in lines]
    if True not in own:
        return Lent()
    folder, env = "/", {}
    for line in lines[: own.index(True)]:
        if found := _WORKDIR.fullmatch(line.created_by):
            folder = found["folder"]
        elif found := _ENV.fullmatch(line.created_by):
            env[found["name"]] = found["value"]
    return Lent(workdir=folder, env=env)
