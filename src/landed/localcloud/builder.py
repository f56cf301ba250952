"""Builds: from a clone of the remote's ref, or from an upload, to an image in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from landed.content.commit import CommitFiles
from landed.content.repo import Repository
from landed.core.clock import now
from landed.core.errors import LandedError, UsageError
from landed.core.ids import new_id
from landed.core.probe import Content
from landed.core.redact import redact
from landed.localcloud import images as store
from landed.localcloud.disk import KEYS, LOCK, keyed, locked, save, watched, write
from landed.localcloud.images import Images, Name
from landed.localcloud.imaging import Imaging, Order
from landed.localcloud.records import BY_CODE, BuildRecord, PushedImage, SourceRecord
from landed.localcloud.upload import Archive, pack_folder

REMOTE_SECONDS = 60.0
RECORD = "build.json"


def state_folder(root: Path) -> Path:
    """All that landed keeps beside the cloud in `root`."""
    return root.parent if root.parent.name == ".landed" else root


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
                # What it took was at hand, and could not be made into an image.
                done = _failed(build, why, source, BY_CODE if source else "")
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
        made = Imaging(self.images, self.images, self._say).make(content, order, names)
        return made.on(
            build,
            status="SUCCESS",
            source=source,
            images=tuple(
                PushedImage(name=str(name), digest=made.digest) for name in names if made.digest
            ),
            finish_time=now(),
        )


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


def _failed(
    build: BuildRecord, why: str, source: SourceRecord | None, kind: str = ""
) -> BuildRecord:
    ended = {"failure": why, "failure_type": kind, "source": source, "finish_time": now()}
    return _with(build, status="FAILURE", **ended)


def _with(record: BuildRecord, **changes: Any) -> BuildRecord:
    """The record with some fields changed."""
    return msgspec.structs.replace(record, **changes)
