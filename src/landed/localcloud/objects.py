"""Objects in buckets: bytes under names, every generation kept."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from landed.core.clock import now
from landed.core.errors import UsageError
from landed.core.model import Frozen, learned
from landed.localcloud.disk import beside, locked, read, save

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_LONGEST_NAME = 1024
_CHUNK = 1 << 20


class BucketRecord(Frozen):
    """A bucket. It is nothing but a name and a place."""

    name: str
    location: str
    create_time: datetime


class ObjectRecord(Frozen):
    """One generation of an object. Its bytes lie under their SHA-256; `md5` is what clients of
    Google's check what they got by.
    """

    bucket: str
    name: str
    generation: int
    size: int
    sha256: str
    md5: str
    content_type: str
    create_time: datetime
    metadata: dict[str, str] = {}


learned(BucketRecord, ObjectRecord)


class Objects:
    """All buckets of one cloud. Safe with several processes at once.

    The name of an object may be anything: it is never part of a path, only its hash is.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def buckets(self) -> list[BucketRecord]:
        """Every bucket, by name."""
        found = sorted((self._root / "buckets").glob("*/bucket.json"))
        return [read(path, BucketRecord) for path in found]

    def bucket(self, name: str) -> BucketRecord | None:
        """A bucket, None where there is none of that name."""
        if not _BUCKET.fullmatch(name):
            return None
        try:
            return read(self._bucket(name) / "bucket.json", BucketRecord)
        except FileNotFoundError:
            return None

    def make_bucket(self, name: str, location: str) -> BucketRecord:
        """Makes a bucket, or finds the one that is there. Raises UsageError for a bad name."""
        if not _BUCKET.fullmatch(name):
            raise UsageError(
                "Invalid bucket name", "small letters, digits, `-`, `_` and `.`, 3 to 222 of them"
            )
        place = self._bucket(name) / "bucket.json"
        with locked(self._bucket(name) / "lock"):
            record = self.bucket(name)
            if record is None:
                record = BucketRecord(name=name, location=location, create_time=now())
                save(place, record)
        return record

    def _bucket(self, name: str) -> Path:
        return self._root / "buckets" / name

    def _generations(self, bucket: str, name: str) -> Path:
        place = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self._bucket(bucket) / "objects" / place

    def get(self, bucket: str, name: str, generation: int | None = None) -> ObjectRecord | None:
        """A generation of an object, the newest without one; None where it is not there."""
        if not _BUCKET.fullmatch(bucket):
            return None
        folder = self._generations(bucket, name)
        if generation is None:
            generation = max(_numbers(folder), default=0)
        try:
            return read(folder / f"{generation}.json", ObjectRecord)
        except FileNotFoundError:
            return None

    def list(self, bucket: str, prefix: str = "", *, versions: bool = False) -> list[ObjectRecord]:
        """The objects whose names begin with `prefix`, by name; old generations if asked for."""
        found = []
        for folder in (self._bucket(bucket) / "objects").glob("*"):
            numbers = sorted(_numbers(folder))
            for number in numbers if versions else numbers[-1:]:
                record = read(folder / f"{number}.json", ObjectRecord)
                if record.name.startswith(prefix):
                    found.append(record)
        return sorted(found, key=lambda one: (one.name, one.generation))

    def put(
        self,
        bucket: str,
        name: str,
        data: IO[bytes],
        content_type: str = "application/octet-stream",
        metadata: dict[str, str] | None = None,
    ) -> ObjectRecord:
        """Keeps bytes as a new generation of an object. Raises UsageError where that cannot be."""
        if name in ("", ".", "..") or len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
            raise UsageError(
                "Invalid object name", f"1 to {_LONGEST_NAME} bytes, and no `.` or `..`"
            )
        if self.bucket(bucket) is None:
            raise UsageError("The specified bucket does not exist.", "make the bucket first")
        sha256, md5, size = self._keep(data)
        folder = self._generations(bucket, name)
        with locked(folder / "lock"):
            newest = max(_numbers(folder), default=0)
            record = ObjectRecord(
                bucket=bucket,
                name=name,
                generation=max(time.time_ns() // 1000, newest + 1),
                size=size,
                sha256=sha256,
                md5=md5,
                content_type=content_type,
                create_time=now(),
                metadata=metadata or {},
            )
            save(folder / f"{record.generation}.json", record)
        return record

    def bytes_of(self, record: ObjectRecord) -> Path:
        """Where the bytes of a generation lie."""
        return self._root / "bytes" / record.sha256

    def _keep(self, data: IO[bytes]) -> tuple[str, str, int]:
        """Writes bytes whole or not at all; their SHA-256, MD5 and number."""
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        with beside(self._root / "bytes" / "new") as (file, place):
            while chunk := data.read(_CHUNK):
                sha256.update(chunk)
                md5.update(chunk)
                size += len(chunk)
                file.write(chunk)
            place(self._root / "bytes" / sha256.hexdigest())
        return sha256.hexdigest(), md5.hexdigest(), size


def _numbers(folder: Path) -> Iterator[int]:
    return (int(path.stem) for path in folder.glob("[0-9]*.json"))
