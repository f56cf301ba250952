"""The image store: one OCI layout a repository, which other tools read as well."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from landed.content.image.inflate import AGAIN
from landed.content.image.layout import Layout
from landed.content.image.manifest import CONFIG, LAYER, MANIFEST, document, pick
from landed.content.image.reference import DIGEST, LATEST, PART, TAG, split
from landed.core.clock import now
from landed.core.errors import DataError, UsageError
from landed.core.model import learned
from landed.core.probe import Lent
from landed.localcloud.disk import locked, write
from landed.localcloud.records import TagMove

_NAME = re.compile(rf"(?:{PART}(?::\d+)?/)?{PART}(?:/{PART})*")
_REF_NAME = "org.opencontainers.image.ref.name"
_CREATED = "org.opencontainers.image.created"
_INDEX = "index.json"


class Name(msgspec.Struct, frozen=True):
    """An image's name in its parts; `digest` or `tag` is set, or neither."""

    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        if self.digest:
            return f"{self.repository}@{self.digest}"
        return f"{self.repository}:{self.tag or LATEST}"


def parse(text: str) -> Name:
    """`NAME`, `NAME:TAG` or `NAME@sha256:…`. Raises UsageError for anything else."""
    repository, tag, digest = split(text)
    valid = (
        _NAME.fullmatch(repository)
        and "blobs" not in repository.split("/")
        and (tag is None or TAG.fullmatch(tag))
        and (digest is None or DIGEST.fullmatch(digest))
    )
    if not valid:
        raise UsageError(f"`{text}` names no image", "NAME:TAG or NAME@sha256:… in small letters")
    return Name(repository, tag, digest)


class _Index(msgspec.Struct):
    """An image index, as far as it is read."""

    manifests: list[dict[str, Any]]


learned(_Index)


class Base(msgspec.Struct, frozen=True):
    """What a base lends to an image: layers, their plain digests, history and configuration; and
    what it lends to the instructions that make it.
    """

    layers: list[dict[str, Any]]
    diffs: list[str]
    history: list[Any]
    config: dict[str, Any]
    lent: Lent


class Images:
    """All images of one local cloud."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def layout(self, repository: str) -> Layout:
        """The layout of one repository."""
        return Layout(self.root / repository)

    def names(self) -> list[str]:
        """Every repository that holds something."""
        found = sorted(self.root.rglob(_INDEX)) if self.root.is_dir() else []
        return [path.parent.relative_to(self.root).as_posix() for path in found]

    def holder(self, digest: str) -> Layout | None:
        """The layout of the first repository that has this manifest."""
        layouts = (self.layout(name) for name in self.names())
        return next((one for one in layouts if one.blob_path(digest).is_file()), None)

    def resolve(self, name: Name) -> str | None:
        """The digest that a name means now, None where it means nothing."""
        if name.digest:
            here = self.layout(name.repository).blob_path(name.digest).is_file()
            return name.digest if here else None
        move = self.tags(name.repository).get(name.tag or LATEST)
        return move.digest if move else None

    def here(self, image: str) -> str:
        """The digest of the image that a name means now: of an index the one for this machine, as
        Cloud Run has it. Raises UsageError where it means nothing.
        """
        name = parse(image)
        digest = self.resolve(name)
        if digest is None:
            known = [f"{name}:{tag}" for name in self.names() for tag in self.tags(name)]
            raise UsageError(
                f"{image} is not in the store", f"it has: {', '.join(known) or 'nothing'}"
            )
        return pick(self.layout(name.repository), digest)

    def tags(self, repository: str) -> dict[str, TagMove]:
        """Every tag, with its digest and when it was moved there."""
        tags: dict[str, TagMove] = {}
        for entry in self._index(repository):
            notes = entry.get("annotations") or {}
            tag, at = notes.get(_REF_NAME), notes.get(_CREATED)
            if tag:
                move = {"tag": tag, "digest": entry["digest"], "at": at}
                try:
                    tags[tag] = msgspec.convert(move, TagMove)
                except msgspec.ValidationError as error:
                    raise self._damaged(repository, str(error)) from error
        return tags

    def _index(self, repository: str) -> list[dict[str, Any]]:
        """The manifests that the index lists."""
        try:
            index = msgspec.json.decode((self.root / repository / _INDEX).read_bytes(), type=_Index)
        except FileNotFoundError:
            return []
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._damaged(repository, str(error)) from error
        for entry in index.manifests:
            notes = entry.get("annotations") or {}
            digest = entry.get("digest")
            if not (isinstance(notes, dict) and isinstance(digest, str)):
                raise self._damaged(repository, "an entry is no manifest")
            self.layout(repository).blob_path(digest)
        return index.manifests

    def _damaged(self, repository: str, why: str) -> DataError:
        return DataError(
            f"{self.root / repository / _INDEX} is damaged: {why}",
            "move this repository's folder away, and build again",
        )

    def push(
        self,
        repository: str,
        tag: str | None,
        layers: Iterable[tuple[bytes, str, str]],
        config: dict[str, Any],
        base: Base | None = None,
    ) -> str:
        """Writes an image and points `tag` to it; returns its digest.

        `layers` are compressed bytes with the digest of the plain ones, and the instruction.
        """
        descriptors = [*base.layers] if base else []
        plain = [*base.diffs] if base else []
        history = [*base.history] if base else []
        for data, diff, said in layers:
            descriptors.append(self._blob(repository, data, LAYER))
            plain.append(diff)
            history.append({"created_by": said})
        document = {
            **config,
            "rootfs": {"type": "layers", "diff_ids": plain},
            "history": history,
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(repository, _json(document), CONFIG),
            "layers": descriptors,
        }
        described = self._blob(repository, _json(manifest), MANIFEST)
        self.tag(repository, tag, described)
        digest: str = described["digest"]
        return digest

    def tag(self, repository: str, tag: str | None, descriptor: dict[str, Any]) -> None:
        """Points a tag to a manifest. What it pointed to before stays, without the name."""
        root = self.root / repository
        with locked(root / ".lock"):
            manifests = []
            for found in self._index(repository):
                moved = tag and (found.get("annotations") or {}).get(_REF_NAME) == tag
                entry = {k: v for k, v in found.items() if not (moved and k == "annotations")}
                if entry not in manifests and not (
                    entry.get("digest") == descriptor["digest"] and "annotations" not in entry
                ):
                    manifests.append(entry)
            named = {_REF_NAME: tag, _CREATED: _moment()}
            manifests.append({**descriptor, "annotations": named} if tag else descriptor)
            write(root / "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
            index = {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": manifests,
            }
            write(root / _INDEX, _json(index))

    def _blob(self, repository: str, data: bytes, media_type: str) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        path = self.layout(repository).blob_path(digest)
        # A blob that was damaged since is mended by a build that makes it again.
        if not path.is_file() or path.read_bytes() != data:
            write(path, data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def copy(self, repository: str, descriptor: dict[str, Any], source: Layout) -> None:
        """Brings a blob over from another repository. Raises DataError where it is damaged."""
        digest = str(descriptor["digest"])
        path = source.blob_path(digest)
        if not path.is_file():
            raise DataError(f"blob {digest} is not there", AGAIN)
        if self._blob(repository, path.read_bytes(), "")["digest"] != digest:
            raise DataError(f"blob {digest} holds other content than its name says", AGAIN)

    def base(self, name: str, into: Images, repository: str) -> Base | None:
        """A base that this store has, its layers copied over to a repository of `into`."""
        try:
            wanted = parse(name)
        except UsageError:
            return None
        digest = self.resolve(wanted)
        if digest is None:
            return None
        source = self.layout(wanted.repository)
        image = source.image(digest)
        settings = image.settings
        layers = document(source.manifest(digest), digest)["layers"]
        for layer in layers:
            into.copy(repository, layer, source)
        return Base(
            layers=layers,
            diffs=image.diffs,
            history=image.config.get("history") or [],
            config=image.config.get("config") or {},
            lent=Lent(
                workdir=settings.working_dir or "/",
                env=dict(pair.split("=", 1) for pair in settings.env or () if "=" in pair),
            ),
        )


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode()


def _moment() -> str:
    return now().isoformat().replace("+00:00", "Z")
