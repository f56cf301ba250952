"""Reads a local cloud for a trace. What is damaged or missing is Unseen, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from landed.content.image.image import Contents
from landed.content.image.manifest import members, pick
from landed.core.errors import LandedError
from landed.core.model import (
    Absent,
    Station,
    Unseen,
)
from landed.core.probe import (
    BuildRecord,
    Content,
    ImageContent,
    LogLine,
    Trigger,
    Workload,
    WorkloadKind,
)
from landed.core.seen import (
    Build,
    BuildState,
    Claim,
    Commands,
    Deployment,
    Earlier,
    Execution,
    ExecutionState,
    Registry,
    SourceKind,
)
from landed.core.seen.switches import shown, variables
from landed.core.words import command, literal
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.images import Name, parse
from landed.localcloud.records import BuildRecord as Build_
from landed.localcloud.records import ExecutionRecord, Spec
from landed.localcloud.upload import Archive
from landed.providers.local import others, services
from landed.providers.local.recorded import mounts, recorded

_BUILDS = {
    "WORKING": BuildState.RUNNING,
    "SUCCESS": BuildState.SUCCEEDED,
    "FAILURE": BuildState.FAILED,
    "CANCELLED": BuildState.FAILED,
    "TIMEOUT": BuildState.FAILED,
    "LOST": BuildState.LOST,
}
_EXECUTIONS = {
    "RUNNING": ExecutionState.RUNNING,
    "SUCCEEDED": ExecutionState.SUCCEEDED,
    "FAILED": ExecutionState.FAILED,
    "CANCELLED": ExecutionState.FAILED,
    "LOST": ExecutionState.LOST,
}
Seen = TypeVar("Seen")


class LocalView:
    """A local cloud under `root`; blob ids are in the repository's own object format."""

    def __init__(self, root: Path, hash_name: str) -> None:
        self._cloud = LocalCloud(root)
        self._hash_name = hash_name

    def commands(self, workload: Workload | None) -> Commands:
        """The local cloud's own commands."""
        name = literal(workload.name if workload else "JOB")
        build = Commands(
            name=f"{workload.name}:latest" if workload else Commands().name,
            build="landed cloud build --source remote --ref {ref} --tag {image}",
            build_commit="landed cloud build --source remote --commit {commit} --tag {image}",
            anywhere=command("ls", "-R", str(self._cloud.root / "logs")),
        )
        if workload and workload.kind is WorkloadKind.SERVICE:
            return replace(
                build,
                deploy=f"landed cloud deploy {name} --service --image {{image}}",
                execute=f"landed cloud request {name}",
                logs=f"landed cloud logs {name} --revision {{execution}}",
                route=f"landed cloud traffic {name} --to-latest",
            )
        return replace(
            build,
            deploy=f"landed cloud deploy {name} --image {{image}}",
            execute=f"landed cloud execute {name} --wait",
            logs=f"landed cloud logs {name} --execution {{execution}}",
        )

    def triggers(self) -> Sequence[Trigger]:
        """None: here a build is only started by hand."""
        return ()

    def builds(self) -> Sequence[BuildRecord] | Unseen:
        """All builds, newest first."""
        return self._seen(lambda: [self._build(record) for record in self._cloud.builds()])

    def _build(self, record: Build_) -> BuildRecord:
        place = self._cloud.root / "builds" / record.id / "build.json"
        source = record.source
        see = command("cat", str(place))
        facts = {
            "id": record.id,
            "status": record.status,
            "finished": record.finish_time,
            "images": [[image.name, image.digest] for image in record.images],
            "not_run": list(record.not_run),
        }
        build = Build(
            id=record.id,
            state=_BUILDS[record.status],
            started_at=record.create_time,
            finished_at=record.finish_time,
            pushed=tuple(dict.fromkeys(image.digest for image in record.images)),
            names=record.tags,
            failure=record.failure,
            unpinned=record.unpinned,
            claims=tuple(
                Claim(where=f"substitution {name}", commit=value)
                for name, value in record.substitutions.items()
            ),
            evidence=(recorded(Station.BUILD, facts, see),),
        )
        clone = source is not None and source.kind == "clone"
        return BuildRecord(
            build=build,
            kind=SourceKind(source.kind) if source else None,
            url=source.url if source else "",
            ref=source.ref if source else "",
            commit=source.resolved_commit if source else None,
            requested=source.requested_commit if source else None,
            tip_then=source.tip_then if source else None,
            folder=("" if source.folder == "." else source.folder) if source and clone else None,
            dockerfile=record.dockerfile,
            build_args={**record.substitutions, **record.build_args},
            base=record.base,
            lent=record.lent,
            own_base=record.base_fetched and record.base != "scratch",
            base_in_image=record.base_fetched and record.base != "scratch",
            see_source=see
            if clone or source is None
            else command("tar", "-tzf", str(self._cloud.archive(record))),
        )

    def upload(self, build: str) -> Content | Unseen:
        """The files of an upload, from the archive that was kept."""

        def look() -> Content | Unseen:
            record = next((b for b in self._cloud.builds() if b.id == build), None)
            if record is None or record.source is None or record.source.kind != "upload":
                return Unseen(
                    reason=f"build {build} keeps no upload", hint="`landed cloud build` makes one"
                )
            path = self._cloud.archive(record)
            archive = Archive(path, record.source.sha256, self._hash_name)
            # Read now, so that damage is found here and not in the middle of judging.
            _ = archive.files
            return archive

        return self._seen(look)

    def image(self, digest: str) -> ImageContent | Unseen:
        """The final files of an image, every blob verified."""

        def look() -> ImageContent | Unseen:
            layout = self._cloud.images.holder(digest)
            if layout is None:
                return Unseen(
                    reason=f"{digest[:19]} is not in the store any more",
                    hint="build it again, or restore the store",
                )
            image = layout.image(pick(layout, digest))
            return Contents(image, image.files(self._hash_name))

        return self._seen(look)

    def members(self, digest: str) -> Sequence[str] | Unseen:
        """The images of an index. The builder here makes none; who brings one in has it run."""

        def look() -> Sequence[str]:
            layout = self._cloud.images.holder(digest)
            return members(layout, digest) if layout else ()

        return self._seen(look)

    def registry(self, name: str) -> Registry | Absent | Unseen:
        """What a name resolves to in the store."""

        def look() -> Registry | Absent | Unseen:
            wanted = parse(name)
            digest = self._cloud.images.resolve(wanted)
            tags = self._cloud.images.tags(wanted.repository)
            move = tags.get(wanted.tag or "latest")
            layout = self._cloud.images.layout(wanted.repository).root
            see = command("skopeo", "inspect", f"oci:{layout}:{wanted.tag or 'latest'}")
            facts = {"name": str(wanted), "digest": digest, "moved_at": move.at if move else None}
            return Registry(
                name=str(wanted),
                digest=digest,
                moved_at=move.at if move else None,
                evidence=(recorded(Station.REGISTRY, facts, see),),
            )

        return self._seen(look)

    def deployment(self, workload: Workload) -> Deployment | Absent | Unseen:
        """A job's present spec and what its image means now, or how a service stands."""
        job = workload.name

        def look() -> Deployment | Absent | Unseen:
            if workload.kind is WorkloadKind.SERVICE:
                return services.deployment(self._cloud, job)
            record = self._cloud.job(job)
            if record is None:
                return Absent(
                    reason=f"there is no job {job} yet",
                    remedy=command("landed", "cloud", "deploy", job, "--image", f"{job}:latest"),
                )
            spec, name = record.spec, parse(record.spec.image)
            digest = self._cloud.images.resolve(name)
            facts = {
                "job": job,
                "image": spec.image,
                "digest": digest,
                "updated": spec.update_time,
                "by": spec.updated_by,
            }
            see = command("cat", str(self._cloud.root / "jobs" / job / "job.json"))
            return Deployment(
                kind="job",
                name=job,
                image=spec.image,
                digest=digest,
                pinned=name.digest is not None,
                since=self._since(spec, name),
                updated_by=spec.updated_by,
                earlier=tuple(
                    Earlier(digest=was.resolved, since=was.update_time, updated_by=was.updated_by)
                    for was in reversed(record.history)
                ),
                evidence=(recorded(Station.DEPLOYMENT, facts, see),),
            )

        return self._seen(look)

    def _since(self, spec: Spec, name: Name) -> Any:
        """When the present digest came into force: with the spec, or with the tag's last move."""
        if name.digest:
            return spec.update_time
        move = self._cloud.images.tags(name.repository).get(name.tag or "latest")
        return max(spec.update_time, move.at) if move and move.at else spec.update_time

    def executions(self, workload: Workload) -> Sequence[Execution] | Unseen:
        """The executions of a job, or the revisions of a service, newest first."""
        if workload.kind is WorkloadKind.SERVICE:
            return self._seen(lambda: services.revisions(self._cloud, workload.name))
        return self._seen(
            lambda: [self._execution(one) for one in self._cloud.executions(workload.name)]
        )

    def keeps(self, workload: Workload) -> None:
        """All stay."""
        del workload

    def _execution(self, record: ExecutionRecord) -> Execution:
        modules = record.modules
        facts = {
            "id": record.id,
            "digest": record.digest,
            "status": record.status,
            "exit_code": record.exit_code,
            "isolation": record.isolation,
            "variables": shown(variables(record.env)),
            "python": record.runtime.version if record.runtime else None,
            "packages": list(record.runtime.packages) if record.runtime else None,
            "modules": (
                {
                    "image": modules.image,
                    "runtime": modules.runtime,
                    "foreign": list(modules.foreign),
                }
                if modules
                else None
            ),
        }
        see = command("cat", str(self._cloud.root / "executions" / record.id / "execution.json"))
        return Execution(
            id=record.id,
            digest=record.digest,
            started_at=record.start_time,
            finished_at=record.finish_time,
            state=_EXECUTIONS[record.status],
            exit_code=record.exit_code,
            foreign_modules=modules.foreign if modules else (),
            mounts=mounts(record.isolation),
            variables=variables(record.env),
            loaded=modules.loaded if modules else None,
            evidence=(recorded(Station.EXECUTION, facts, see),),
        )

    def entries(self, workload: Workload, execution: str) -> Sequence[LogLine] | Unseen:
        """One execution's (or revision's) own entries, in order."""
        from landed.logs.entries import from_lines, ordered  # noqa: PLC0415 - slow to load

        job = workload.name

        def look() -> Sequence[LogLine] | Unseen:
            if workload.kind is WorkloadKind.SERVICE:
                return services.entries(self._cloud, job, execution)
            known = self._cloud.execution(job, execution)
            found = from_lines(self._cloud.log(job, execution), execution)
            if known and known.entries is not None and known.entries != len(found):
                return Unseen(
                    reason=f"{execution} wrote {known.entries} entries, and {len(found)} are there",
                    hint="its log was cut or added to; execute again",
                )
            return ordered(found)

        return self._seen(look)

    def elsewhere(self, workload: Workload) -> Sequence[LogLine] | Unseen:
        """What the newest run of every other job and service of this cloud wrote, of a few."""
        return self._seen(lambda: others.entries(self._cloud, workload))

    def _seen(self, look: Callable[[], Seen]) -> Seen | Unseen:
        try:
            return look()
        except LandedError as error:
            return Unseen(reason=error.message, hint=error.hint)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            return Unseen(
                reason=f"the local cloud cannot be read: {error}", hint=f"see {self._cloud.root}"
            )
