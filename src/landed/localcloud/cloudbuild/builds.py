"""Builds from a source through steps to pushed images, each in a thread of its own."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec

from landed.core.clock import now
from landed.core.errors import LandedError, UsageError
from landed.core.redact import redact
from landed.localcloud.builder import RECORD
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.cloudbuild.build import Build, Where
from landed.localcloud.cloudbuild.config import Asked, seconds, substituted
from landed.localcloud.cloudbuild.running import Log, LogEntry, Running, StoppedError, entries_of
from landed.localcloud.disk import LOCK, locked, save
from landed.localcloud.images import parse
from landed.localcloud.objects import Objects
from landed.localcloud.records import BuildRecord, StepRecord

AT_ONCE = 4
LOG = "log.txt"
NO_BUCKET = frozenset({"NONE", "CLOUD_LOGGING_ONLY", "STACKDRIVER_ONLY"})
"""Where the log goes to no bucket."""
NO_ENTRIES = frozenset({"NONE", "GCS_ONLY"})
"""Where the log is not among the entries."""


class Builds:
    """The builds of one cloud, as Cloud Build has them. `busy` is held while one runs."""

    def __init__(
        self,
        cloud: LocalCloud,
        objects: Objects,
        where: Where,
        busy: Callable[[], AbstractContextManager[None]] = nullcontext,
        runtime: Path | None = None,
    ) -> None:
        self.where = where
        self.clones = cloud.root / "clones"
        self._cloud = cloud
        self._objects = objects
        self._busy = busy
        self._runtime = runtime
        self._running: dict[str, Running] = {}
        self._turns = threading.Semaphore(AT_ONCE)

    def all(self) -> list[BuildRecord]:
        """Every build, newest first."""
        return self._cloud.builds()

    def get(self, build: str) -> BuildRecord | None:
        """A build by its id."""
        return self._cloud.build(build)

    def log(self, build: BuildRecord) -> Path:
        """Where the log of a build lies, wherever else it is shown."""
        return self._cloud.root / "builds" / build.id / LOG

    def said(self, build: BuildRecord) -> list[LogEntry]:
        """The log of a build as entries; none where it keeps none there."""
        kept = build.asked.get("options", {}).get("logging") not in NO_ENTRIES
        return entries_of(self._cloud.root / "builds" / build.id) if kept else []

    def cancel(self, build: str) -> bool:
        """Cancels a build; False where it does not run here."""
        running = self._running.get(build)
        return running is not None and running.cancel()

    def create(
        self,
        asked: Asked,
        location: str,
        *,
        trigger: str = "",
        given: Mapping[str, str] | None = None,
        ref: str = "",
    ) -> BuildRecord:
        """Begins a build. Raises UsageError for one that can never succeed.

        A trigger says what it has `given` as substitutions, and which ref the source is the tip of.
        """
        new = str(uuid.uuid4())
        place = self._cloud.root / "builds" / new
        known = {
            "PROJECT_ID": self.where.project,
            "PROJECT_NUMBER": self.where.number,
            "BUILD_ID": new,
            "LOCATION": location,
            **(given or {}),
        }
        made = substituted(asked, known)
        for name in made.images:
            if parse(name).digest:
                raise UsageError(f"invalid image name {name[:200]!r}: a digest cannot be pushed")
        bucket, folder = self._log_bucket(made)
        record = BuildRecord(
            id=new,
            status="WORKING",
            create_time=now(),
            tags=tuple(made.images),
            substitutions={**(given or {}), **made.substitutions},
            location=location,
            trigger=trigger,
            asked=_printable(msgspec.to_builtins(made)),
            steps=tuple(StepRecord(status="QUEUED") for _ in made.steps),
        )
        log = Log(place / LOG, self._objects, bucket, f"{folder}log-{new}.txt")
        running = Running(place / RECORD, record, log, seconds(made.timeout))
        with ExitStack() as held:
            held.enter_context(locked(place / LOCK))
            save(place / RECORD, record)
            self._running[new] = running
            held.enter_context(self._busy())
            work = threading.Thread(
                target=self._run, args=(running, made, ref, held.pop_all()), daemon=True
            )
        work.start()
        return record

    def _log_bucket(self, asked: Asked) -> tuple[str, str]:
        """The bucket of the log and the folder there; no bucket where it goes elsewhere."""
        if asked.options.logging in NO_BUCKET:
            return "", ""
        if not asked.logs_bucket:
            self._objects.make_bucket(self.where.logs_bucket, "US")
            return self.where.logs_bucket, ""
        bucket, slash, folder = asked.logs_bucket.removeprefix("gs://").partition("/")
        if self._objects.bucket(bucket) is None:
            raise UsageError(f"the logs bucket {bucket[:200]!r} does not exist")
        return bucket, f"{folder.strip('/')}/" if slash and folder.strip("/") else ""

    def _run(self, running: Running, asked: Asked, ref: str, held: ExitStack) -> None:
        """All of a build, in its own thread. Whatever happens, the record says it."""
        place = self._cloud.root / "builds" / running.record.id
        with held, self._turns:
            try:
                build = Build(
                    self._cloud, self._objects, self.where, running, asked, place, self._runtime
                )
                build.run(ref)
            except StoppedError as stopped:
                running.log.say(f"ERROR: {stopped.message}")
            except Exception as error:  # noqa: BLE001 - a thread has nobody above it
                why = f"a bug in landed: {type(error).__name__}: {error}"
                with suppress(OSError, StoppedError):
                    running.update(status="FAILURE", failure=redact(why), finish_time=now())
            finally:
                with suppress(OSError, LandedError):
                    running.log.flush()
                shutil.rmtree(place / "docker", ignore_errors=True)
                self._running.pop(running.record.id, None)


def _printable(document: Any) -> Any:
    """A document without passwords: it is kept, and shown to whoever asks."""
    if isinstance(document, str):
        return redact(document)
    if isinstance(document, list):
        return [_printable(one) for one in document]
    if isinstance(document, dict):
        return {name: _printable(value) for name, value in document.items()}
    return document
