"""The front door of the local cloud: everything under one folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from landed.core.clock import now
from landed.core.errors import UsageError
from landed.core.ids import new_id
from landed.localcloud import builder, supervise
from landed.localcloud.actor import actor
from landed.localcloud.builder import Builder
from landed.localcloud.disk import (
    KEYS,
    LOCK,
    keyed,
    locked,
    read,
    save,
    watched,
    watched_one,
    write,
)
from landed.localcloud.images import Images, parse
from landed.localcloud.isolation import ISOLATED, NOT_ISOLATED, bwrap
from landed.localcloud.logbook import entries, of_execution, whole_lines
from landed.localcloud.plan import lay_plan
from landed.localcloud.records import BuildRecord, ExecutionRecord, JobRecord, Notes, Spec
from landed.localcloud.services import Services

_BUILD = re.compile(r"[a-z0-9-]{1,64}")
_JOB = re.compile(r"[a-z][a-z0-9-]{0,62}")


def job_name(name: str) -> str:
    """The same. Raises UsageError for what is no name of a job: it becomes a folder's name."""
    if not _JOB.fullmatch(name):
        raise UsageError(f"`{name}` is no job's name", "small letters, digits and -")
    return name


def _silent(_words: str) -> None:
    """No progress."""


class LocalCloud:
    """A local cloud. Safe with several processes at once; whole after a crash of any of them."""

    def __init__(self, root: Path, say: Callable[[str], None] = _silent) -> None:
        self.root = root.absolute()
        self.images = Images(self.root / "images")
        self.builder = Builder(self.root, say)
        self.services = Services(self.root, self.images)

    def prepare(self) -> None:
        """Makes the folder, and keeps it out of git."""
        state = builder.state_folder(self.root)
        if not (state / ".gitignore").exists():
            write(state / ".gitignore", b"*\n")

    def builds(self) -> list[BuildRecord]:
        """Every build, newest first; one whose builder died is `LOST`."""
        return sorted(self.builder.records(), key=lambda build: build.create_time, reverse=True)

    def build(self, name: str) -> BuildRecord | None:
        """A build by its id, None where there is none."""
        if not _BUILD.fullmatch(name):
            return None
        return watched_one(self.root / "builds" / name, builder.RECORD, BuildRecord, "WORKING")

    def executions(self, job: str) -> list[ExecutionRecord]:
        """Every execution of a job, newest first; one that nobody watches over is `LOST`."""
        mine = [execution for execution in self._executions() if execution.job == job]
        return sorted(mine, key=lambda execution: execution.start_time, reverse=True)

    def newest(self) -> dict[str, ExecutionRecord]:
        """The newest execution of each job that has any."""
        found: dict[str, ExecutionRecord] = {}
        for one in self._executions():
            if one.job not in found or one.start_time > found[one.job].start_time:
                found[one.job] = one
        return found

    def execution(self, job: str, name: str) -> ExecutionRecord | None:
        """One execution of a job; None where there is none of that name."""
        place = self.root / "executions" / Path(name).name
        found = watched_one(place, supervise.RECORD, ExecutionRecord, "RUNNING")
        return found if found and found.job == job and found.id == name else None

    def _executions(self) -> Iterator[ExecutionRecord]:
        folder = self.root / "executions"
        return watched(folder, supervise.RECORD, ExecutionRecord, "RUNNING")

    def archive(self, build: BuildRecord) -> Path:
        """The archive of an upload."""
        return self.root / "sources" / Path(build.source.archive if build.source else "").name

    def job(self, name: str) -> JobRecord | None:
        """A job, None where there is none of that name."""
        try:
            return read(self._job_folder(name) / "job.json", JobRecord)
        except FileNotFoundError:
            return None

    def jobs(self) -> list[str]:
        """The names of all jobs."""
        found = (self.root / "jobs").glob("*/job.json")
        return sorted(path.parent.name for path in found)

    def _job_folder(self, name: str) -> Path:
        return self.root / "jobs" / job_name(name)

    def deploy(
        self,
        name: str,
        image: str,
        env: dict[str, str] | None = None,
        by: str | None = None,
        key: str = "",
        notes: Notes | None = None,
    ) -> JobRecord:
        """Points a job to an image. Variables and notes that are not given stay. Raises UsageError
        for an image that is not in the store.

        What was done by this `key` is not done again, even where the job was changed since.
        """
        digest = self.images.here(image)
        place = self._job_folder(name) / "job.json"
        with locked(place.with_name(LOCK)):
            before = self.job(name)
            kept = before.spec.env if before and env is None else env or {}
            if before and key and key in [spec.key for spec in (before.spec, *before.history)]:
                return before
            noted = (before.spec.notes if before else Notes()) if notes is None else notes
            if before:
                old = before.spec
                same = (old.image, old.env, old.resolved, old.notes)
                if same == (image, kept, digest, noted):
                    return before
            spec = Spec(
                image=image,
                env=kept,
                update_time=now(),
                updated_by=by or actor(),
                resolved=digest,
                key=key,
                notes=noted,
            )
            history = (*before.history, before.spec) if before else ()
            job = JobRecord(name=name, spec=spec, history=history)
            save(place, job)
        return job

    def execute(
        self,
        name: str,
        *,
        wait: bool,
        runtime: Path | None = None,
        shown: Callable[[dict[str, Any]], None] | None = None,
        by: str | None = None,
        key: str = "",
    ) -> ExecutionRecord:
        """Starts an execution on the digest that the job's image means now.

        With `wait` it returns when the execution has ended, else at once. What was started by this
        `key` is not started again, unless its program never began.
        """
        with keyed(self.root / KEYS, key, self._executions) as before:
            if before and (before.status != "LOST" or self._began(before)):
                return before
            return self._started(name, before, runtime, shown, by, key, wait=wait)

    def _began(self, execution: ExecutionRecord) -> bool:
        """Whether its program may have run: its log is opened right before."""
        return self.log_path(execution.job, execution.id).exists()

    def _started(
        self,
        name: str,
        before: ExecutionRecord | None,
        runtime: Path | None,
        shown: Callable[[dict[str, Any]], None] | None,
        by: str | None,
        key: str,
        *,
        wait: bool,
    ) -> ExecutionRecord:
        job = self.job(name)
        if job is None:
            there = ", ".join(self.jobs()) or "none yet"
            raise UsageError(f"there is no job `{name}`", f"deploy it first; there are: {there}")
        if self.images.resolve(parse(job.spec.image)) is None:
            raise UsageError(
                f"{job.spec.image} is not in the store any more", "deploy another image"
            )
        digest = self.images.here(job.spec.image)
        record = ExecutionRecord(
            id=before.id if before else new_id(name),
            job=name,
            image=job.spec.image,
            digest=digest,
            status="RUNNING",
            start_time=now(),
            isolation=ISOLATED if bwrap() else NOT_ISOLATED,
            env=job.spec.env,
            creator=by or actor(),
            key=key,
            annotations=job.spec.notes.made,
        )
        folder = self.root / "executions" / record.id
        lay_plan(
            folder,
            self.images,
            record.image,
            digest,
            {
                **job.spec.env,
                "CLOUD_RUN_JOB": name,
                "CLOUD_RUN_EXECUTION": record.id,
                "CLOUD_RUN_TASK_INDEX": "0",
            },
            data=self._job_folder(name) / "data",
            log=self.log_path(name, record.id),
            runtime=runtime,
            origin=of_execution(name, record.id),
        )
        with supervise.claimed(folder) as lock:
            save(folder / supervise.RECORD, record)
            if wait:
                return supervise.supervise(folder, shown)
            supervise.detach(supervise.__name__, folder, lock)
        return record

    def log_path(self, job: str, execution: str) -> Path:
        """Where the entries of an execution are kept."""
        return self.root / "logs" / job / f"{execution}.jsonl"

    def logs(self, job: str, execution: str | None = None) -> list[dict[str, Any]]:
        """The entries of a job, or of one execution, by time."""
        folder = self._job_folder(job) and self.root / "logs" / job
        known = self._log_of(job, execution) if execution is not None else None
        paths = [known] if known else sorted(folder.glob("*.jsonl"))
        found = [entry for path in paths for entry in entries(path)]
        return sorted(found, key=lambda e: (str(e.get("timestamp")), str(e.get("insertId"))))

    def log(self, job: str, execution: str) -> bytes:
        """The log of one execution as it was written, one entry a line."""
        self._job_folder(job)
        return whole_lines(self._log_of(job, execution))

    def _log_of(self, job: str, execution: str) -> Path:
        if not re.fullmatch(r"[a-z0-9-]+", execution):
            raise UsageError(
                f"`{execution}` is no execution's id", "`landed cloud logs JOB` has ids"
            )
        return self.log_path(job, execution)
