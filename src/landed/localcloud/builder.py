"""Builds: from a clone of the remote's ref, or from an upload, to an image in the store."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from landed.content.commit import CommitFiles, plan_of
from landed.content.image.manifest import MANIFEST, document
from landed.content.image.reference import LATEST
from landed.content.placement import Plan
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import LandedError, UsageError
from landed.core.model import Frozen
from landed.core.probe import Content, Lent
from landed.core.redact import redact
from landed.localcloud import images as store
from landed.localcloud.disk import KEYS, LOCK, keyed, locked, new_id, save, watched, write
from landed.localcloud.images import Images, Name
from landed.localcloud.packing import pack
from landed.localcloud.records import BuildRecord, PushedImage, SourceRecord
from landed.localcloud.upload import Archive, pack_folder

REMOTE_SECONDS = 60.0
RECORD = "build.json"
UNNAMED = "unnamed"


def state_folder(root: Path) -> Path:
    """All that landed keeps beside the cloud in `root`."""
    return root.parent if root.parent.name == ".landed" else root


class Order(Frozen):
    """What to build: the Dockerfile in the source, names for the image, and arguments.

    Substitutions reach the build as arguments, unchecked, where the Dockerfile asks for them. A
    `key` asks for one build: a second order by it gets the first one's, and goes on with it where
    its builder died.
    """

    dockerfile: str = "Dockerfile"
    tags: tuple[str, ...] = ()
    build_args: dict[str, str] = {}
    substitutions: dict[str, str] = {}
    key: str = ""


class Builder:
    """Makes builds in a cloud's folder. Each build's record is written before and after."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self.root = root
        self.images = Images(root / "images")
        self._say = say

    def from_clone(
        self,
        repository: Repository,
        url: str,
        ref: str,
        folder: str,
        order: Order,
        commit: str | None = None,
    ) -> BuildRecord:
        """Fetches the remote's ref, or the commit that was asked for, and builds that."""

        def fetch() -> tuple[SourceRecord, Content]:
            self._say(f"asking {redact(url)} for {ref}")
            refs = repository.ls_remote(url, REMOTE_SECONDS).refs
            tip = refs.get(ref)
            if tip is None and commit is None:
                raise UsageError(f"the remote has no {ref}", "push it, or name another --ref")
            taken = commit or tip or ""
            self._say(f"fetching {taken[:10]}")
            repository.fetch(url, [one for one in (taken, tip) if one], REMOTE_SECONDS)
            if commit is not None and taken not in refs.values():
                _must_have(repository, url, taken, tip, refs)
            source = SourceRecord(
                kind="clone",
                url=redact(url),
                ref=ref,
                requested_commit=commit,
                resolved_commit=repository.resolve(taken),
                tip_then=tip,
                folder=folder,
            )
            return source, CommitFiles(repository, taken, folder, submodules=False)

        return self._build(fetch, order)

    def from_upload(self, folder: Path, hash_name: str, order: Order) -> BuildRecord:
        """Packs a folder as it lies on disk, keeps the archive, and builds that."""

        def upload() -> tuple[SourceRecord, Content]:
            self._say(f"uploading {folder}")
            data, count = pack_folder(folder, state_folder(self.root))
            sha256 = hashlib.sha256(data).hexdigest()
            archive = self.root / "sources" / f"{sha256}.tar.gz"
            write(archive, data)
            source = SourceRecord(
                kind="upload", archive=archive.name, sha256=sha256, files=count, folder=str(folder)
            )
            return source, Archive(archive, sha256, hash_name)

        return self._build(upload, order)

    def _build(self, take: Callable[[], tuple[SourceRecord, Content]], order: Order) -> BuildRecord:
        names = [store.parse(tag) for tag in order.tags]
        for name in names:
            if name.digest:
                raise UsageError(f"`{name}` is no tag", "--tag NAME:TAG")
        with keyed(self.root / KEYS, order.key, self.records) as before:
            if before and before.status != "LOST":
                return before
            return self._made(take, order, names, before.id if before else new_id("build"))

    def records(self) -> Iterator[BuildRecord]:
        """Every build; one whose builder died is `LOST`."""
        return watched(self.root / "builds", RECORD, BuildRecord, "WORKING")

    def _made(
        self,
        take: Callable[[], tuple[SourceRecord, Content]],
        order: Order,
        names: Sequence[Name],
        number: str,
    ) -> BuildRecord:
        build = BuildRecord(
            id=number,
            status="WORKING",
            create_time=now(),
            dockerfile=order.dockerfile,
            tags=order.tags,
            build_args=order.build_args,
            substitutions=order.substitutions,
            key=order.key,
        )
        place = self.root / "builds" / build.id
        with locked(place / LOCK):
            save(place / RECORD, build)
            source: SourceRecord | None = None
            try:
                source, content = take()
                done = self._packed(build, source, content, order, names)
            except LandedError as error:
                why = f"{error.message} ({error.hint})" if error.hint else error.message
                done = _failed(build, why, source)
            except (OSError, KeyboardInterrupt) as error:
                # The disk may take no record either; then readers see a build that was lost.
                with suppress(OSError):
                    why = str(error) or "it was stopped"
                    save(place / RECORD, _failed(build, why, source))
                raise
            save(place / RECORD, done)
        return done

    def _packed(
        self,
        build: BuildRecord,
        source: SourceRecord,
        content: Content,
        order: Order,
        names: Sequence[Name],
    ) -> BuildRecord:
        repository = names[0].repository if names else UNNAMED
        bases = cache(lambda name: self.images.base(repository, name))
        plan = plan_of(
            content,
            order.dockerfile,
            {**order.substitutions, **order.build_args},
            lent=lambda name: base.lent if (base := bases(name)) else Lent(),
        )
        base = bases(plan.recipe.base)
        self._say(f"packing {len(plan.files)} files")
        layers = [_layer(content, plan, step) for step in range(len(plan.recipe.copies))]
        digest: str | None = None
        if names:
            config = _config(plan, base.config if base else {})
            tag = names[0].tag or LATEST
            digest = self.images.push(repository, tag, layers, config, base)
            for name in names[1:]:
                self.also(repository, digest, name)
        fetched = base is not None or plan.recipe.base == "scratch"
        standing_in = f"base {plan.recipe.base} not fetched: the execution's own runtime stands in"
        return _with(
            build,
            status="SUCCESS",
            source=source,
            digest=digest,
            images=tuple(PushedImage(name=str(name), digest=digest) for name in names if digest),
            base=plan.recipe.base,
            base_fetched=fetched,
            lent=plan.recipe.lent,
            not_run=plan.not_run,
            unpinned=plan.unpinned,
            warnings=() if fetched else (standing_in,),
            finish_time=now(),
        )

    def also(self, repository: str, digest: str, name: Name) -> None:
        """The same image under another name."""
        place = self.images.layout(repository).blob_path(digest)
        descriptor = {
            "mediaType": MANIFEST,
            "digest": digest,
            "size": place.stat().st_size,
        }
        if name.repository != repository:
            source = self.images.layout(repository)
            manifest = document(source.manifest(digest), digest)
            for blob in [manifest["config"], *manifest["layers"], descriptor]:
                self.images.copy(name.repository, blob, source)
        self.images.tag(name.repository, name.tag or LATEST, descriptor)


def _must_have(
    repository: Repository, url: str, commit: str, tip: str | None, refs: Mapping[str, str]
) -> None:
    """Raises UsageError for a commit that no ref of the remote leads to. A fetch does not tell: git
    asks nobody for what is at hand already.
    """
    if tip is not None and repository.is_ancestor(commit, tip):
        return
    tips = {
        name: one for name, one in refs.items() if name.startswith(("refs/heads/", "refs/tags/"))
    }
    repository.fetch(url, sorted(set(tips.values())), REMOTE_SECONDS)
    if not repository.containing(commit, tips):
        raise UsageError(f"the remote does not have {commit[:10]}", "git push it first")


def _layer(content: Content, plan: Plan, step: int) -> tuple[bytes, str, str]:
    files = {
        path: (placed.source, placed.owner, placed.mode)
        for path, placed in plan.files.items()
        if placed.step == step
    }
    data, diff = pack(content, files)
    copy = plan.recipe.copies[step]
    return data, diff, f"COPY {' '.join(copy.sources)} {copy.target}"


def _config(plan: Plan, base: Mapping[str, Any]) -> dict[str, Any]:
    """The image's configuration: the base's, with what the Dockerfile adds."""
    recipe = plan.recipe
    env = {**recipe.lent.env, **recipe.env}
    settings: dict[str, Any] = {
        **base,
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": {**(base.get("Labels") or {}), **recipe.labels},
        "WorkingDir": recipe.workdir,
        "User": recipe.user or base.get("User") or "",
        "Cmd": _command(recipe.cmd, None if recipe.entrypoint is not None else base.get("Cmd")),
        "Entrypoint": _command(recipe.entrypoint, base.get("Entrypoint")),
    }
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    created = now().isoformat().replace("+00:00", "Z")
    return {"created": created, "architecture": machine, "os": "linux", "config": settings}


def _command(own: tuple[str, ...] | None, inherited: list[str] | None) -> list[str] | None:
    """The Dockerfile's own command, an empty one as well; the base's where it says none."""
    return inherited if own is None else list(own)


def _failed(build: BuildRecord, why: str, source: SourceRecord | None) -> BuildRecord:
    return _with(build, status="FAILURE", failure=why, source=source, finish_time=now())


def _with(record: BuildRecord, **changes: Any) -> BuildRecord:
    """The record with some fields changed."""
    return msgspec.structs.replace(record, **changes)
