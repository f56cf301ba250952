"""The front door of the local cloud: everything under one folder."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from landed.core.clock import now
from landed.core.errors import UsageError
from landed.localcloud import builder, supervise
from landed.localcloud.builder import Builder
from landed.localcloud.disk import held, locked, new_id, read, save, write
from landed.localcloud.images import Images, parse
from landed.localcloud.isolation import ISOLATED, NOT_ISOLATED, bwrap
from landed.localcloud.logbook import entries
from landed.localcloud.records import BuildRecord, ExecutionRecord, JobRecord, Spec
from landed.localcloud.rootfs import HASH, laid_out
from landed.localcloud.supervise import Plan

_JOB = re.compile(r"[a-z][a-z0-9-]{0,62}")
Record = TypeVar("Record", BuildRecord, ExecutionRecord)


def _silent(_words: str) -> None:
    """No progress."""


class LocalCloud:
    """A local cloud. Safe with several processes at once; whole after a crash of any of them."""

    def __init__(self, root: Path, say: Callable[[str], None] = _silent) -> None:
        self.root = root.absolute()
        self.images = Images(self.root / "images")
        self.builder = Builder(self.root, say)

    def prepare(self) -> None:
        """Makes the folder, and keeps it out of git."""
        state = builder.state_folder(self.root)
        if not (state / ".gitignore").exists():
            write(state / ".gitignore", b"*\n")

    def builds(self) -> list[BuildRecord]:
        """Every build, newest first; one whose builder died is `LOST`."""
        found = self._records("builds", builder.RECORD, builder.LOCK, BuildRecord, "WORKING")
        return sorted(found, key=lambda build: build.create_time, reverse=True)

    def executions(self, job: str) -> list[ExecutionRecord]:
        """Every execution of a job, newest first; one that nobody watches over is `LOST`."""
        found = self._records(
            "executions", supervise.RECORD, supervise.LOCK, ExecutionRecord, "RUNNING"
        )
        mine = [execution for execution in found if execution.job == job]
        return sorted(mine, key=lambda execution: execution.start_time, reverse=True)

    def _records(
        self, kind: str, name: str, lock: str, of: type[Record], alive: str
    ) -> Iterator[Record]:
        folder = self.root / kind
        for place in sorted(folder.iterdir()) if folder.is_dir() else []:
            if not place.is_dir():
                continue
            try:
                record = read(place / name, of)
            except FileNotFoundError:
                continue
            if record.status == alive and not held(place / lock):
                # Read again: it may have ended between the two looks.
                record = read(place / name, of)
                if record.status == alive:
                    record = msgspec.structs.replace(record, status="LOST")
            yield record

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
        if not _JOB.fullmatch(name):
            raise UsageError(f"`{name}` is no job's name", "small letters, digits and -")
        return self.root / "jobs" / name

    def deploy(self, name: str, image: str, env: dict[str, str] | None = None) -> JobRecord:
        """Points a job to an image. Raises UsageError for an image that is not in the store."""
        digest = self.images.resolve(parse(image))
        if digest is None:
            raise UsageError(
                f"{image} is not in the store", f"it has: {', '.join(self._names()) or 'nothing'}"
            )
        place = self._job_folder(name) / "job.json"
        with locked(place.with_name("lock")):
            before = self.job(name)
            kept = before.spec.env if before and env is None else env or {}
            if before:
                same = (before.spec.image, before.spec.env, before.spec.resolved)
                if same == (image, kept, digest):
                    return before
            spec = Spec(
                image=image,
                env=kept,
                update_time=now(),
                updated_by=f"{os.environ.get('USER') or os.getuid()}@{socket.gethostname()}",
                resolved=digest,
            )
            history = (*before.history, before.spec) if before else ()
            job = JobRecord(name=name, spec=spec, history=history)
            save(place, job)
        return job

    def _names(self) -> list[str]:
        return [f"{name}:{tag}" for name in self.images.names() for tag in self.images.tags(name)]

    def execute(
        self,
        name: str,
        *,
        wait: bool,
        runtime: Path | None = None,
        shown: Callable[[dict[str, Any]], None] | None = None,
    ) -> ExecutionRecord:
        """Starts an execution on the digest that the job's image means now.

        With `wait` it returns when the execution has ended, else at once.
        """
        job = self.job(name)
        if job is None:
            there = ", ".join(self.jobs()) or "none yet"
            raise UsageError(f"there is no job `{name}`", f"deploy it first; there are: {there}")
        image = parse(job.spec.image)
        digest = self.images.resolve(image)
        if digest is None:
            raise UsageError(
                f"{job.spec.image} is not in the store any more", "deploy another image"
            )
        record = ExecutionRecord(
            id=new_id(name),
            job=name,
            image=job.spec.image,
            digest=digest,
            status="RUNNING",
            start_time=now(),
            isolation=ISOLATED if bwrap() else NOT_ISOLATED,
        )
        folder = self.root / "executions" / record.id
        save(folder / supervise.PLAN, self._plan(job, record, image.repository, runtime, folder))
        write(folder / "inside" / _RECORDER.name, _RECORDER.read_bytes())
        (folder / "out").mkdir()
        (self._job_folder(name) / "data").mkdir(exist_ok=True)
        # The lock goes over to the supervisor with the open file: there is no moment without it.
        lock = os.open(folder / supervise.LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            save(folder / supervise.RECORD, record)
            if wait:
                return supervise.supervise(folder, shown)
            subprocess.Popen(
                # -P: nothing of the folder where it is called may stand in for a module.
                [sys.executable, "-P", "-m", "landed.localcloud.supervise", str(folder)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True, pass_fds=(lock,),
            )  # fmt: skip
        finally:
            os.close(lock)
        return record

    def _plan(
        self,
        job: JobRecord,
        record: ExecutionRecord,
        repository: str,
        runtime: Path | None,
        folder: Path,
    ) -> Plan:
        image = self.images.layout(repository).image(record.digest)
        config, files = image.settings, image.files(HASH)
        argv = [*(config.entrypoint or ()), *(config.cmd or ())]
        if not argv:
            raise UsageError(f"{record.image} says no command", "add CMD to its Dockerfile")
        env = dict(pair.split("=", 1) for pair in config.env or () if "=" in pair)
        # Without isolation the program could write into the image: then it gets its own.
        place = self.root / "rootfs" / record.digest.removeprefix("sha256:")
        place = place if bwrap() else folder / "image"
        laid_out(image, files, place)
        return Plan(
            argv=tuple(argv),
            env={
                "HOME": "/tmp",  # noqa: S108 - of the execution's own
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "1",
                **env,
                **job.spec.env,
                "CLOUD_RUN_JOB": job.name,
                "CLOUD_RUN_EXECUTION": record.id,
                "CLOUD_RUN_TASK_INDEX": "0",
            },
            workdir=config.working_dir or "/",
            image=str(place),
            data=str(self._job_folder(job.name) / "data"),
            log=str(self.log_path(job.name, record.id)),
            runtime=str(runtime) if runtime else None,
            files=tuple(files),
        )

    def log_path(self, job: str, execution: str) -> Path:
        """Where the entries of an execution are kept."""
        return self.root / "logs" / job / f"{execution}.jsonl"

    def logs(self, job: str, execution: str | None = None) -> list[dict[str, Any]]:
        """The entries of a job, or of one execution, by time."""
        if execution is not None and not re.fullmatch(r"[a-z0-9-]+", execution):
            raise UsageError(
                f"`{execution}` is no execution's id", "`landed cloud logs JOB` has ids"
            )
        folder = self._job_folder(job) and self.root / "logs" / job
        paths = [self.log_path(job, execution)] if execution else sorted(folder.glob("*.jsonl"))
        found = [entry for path in paths for entry in entries(path)]
        return sorted(found, key=lambda e: (str(e.get("timestamp")), str(e.get("insertId"))))


_RECORDER = Path(__file__).parent / "inside" / "sitecustomize.py"
