"""What the local cloud does for a shipment. See `core.action`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from landed.content.repo import Repository
from landed.core.action import BuildOrder, Built, Missing, Tried, Ways
from landed.core.errors import DataError
from landed.core.model import Unseen
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Execution
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.images import parse
from landed.localcloud.imaging import Order, spread
from landed.localcloud.records import BY_CODE
from landed.localcloud.smoke import smoke
from landed.providers.local.view import LocalView

REVISION = "org.opencontainers.image.revision"


class LocalActions:
    """The actions of a local cloud under `root`. `source` says what a build clones: URL and ref;
    `runtime` is the Python that stands in for an image's base.
    """

    def __init__(
        self,
        root: Path,
        repository: Repository,
        source: Callable[[], tuple[str, str]],
        runtime: Path | None,
    ) -> None:
        self._cloud = LocalCloud(root)
        self._view = LocalView(root, repository.object_format)
        self._repository, self._source, self._runtime = repository, source, runtime

    def ways(self, workload: Workload) -> Ways:
        """As a person reads it."""
        del workload
        return Ways(build="from the remote", smoke="inside the image")

    def lacks(self, workload: Workload, *, builds: bool) -> tuple[Missing, ...]:
        """Nothing: what is not there, a shipment makes."""
        del workload, builds
        return ()

    def build(self, key: str, order: BuildOrder) -> Built:
        """Builds a commit of the remote, stamped with it."""
        url, ref = self._source()
        self._cloud.prepare()
        asked = Order(
            dockerfile=order.dockerfile,
            tags=(order.image,),
            substitutions={"COMMIT_SHA": order.commit},
            labels={REVISION: order.commit},
            key=key,
        )
        done = self._cloud.builder.from_clone(
            self._repository, url, ref, order.folder, asked, order.commit
        )
        by_code = done.failure_type == BY_CODE
        return Built(id=done.id, digest=done.digest, failure=done.failure, by_code=by_code)

    def smoke(
        self, workload: Workload, image: str, command: tuple[str, ...], seconds: float
    ) -> Tried:
        """Runs a command in an image, as its executions or instances run."""
        name = parse(image)
        done = smoke(
            self._cloud.images,
            image,
            self._cloud.images.here(image) if name.digest is None else name.digest,
            command,
            self._variables(workload),
            runtime=self._runtime,
            seconds=seconds,
        )
        return Tried(code=done.code, output=done.output, isolation=done.isolation)

    def _variables(self, workload: Workload) -> dict[str, str]:
        if workload.kind is WorkloadKind.SERVICE:
            service = self._cloud.services.find(workload.name)
            return service.record.spec.env if service else {}
        job = self._cloud.job(workload.name)
        return job.spec.env if job else {}

    def publish(self, image: str, name: str) -> None:
        """Moves a tag."""
        built = parse(image)
        if built.digest is None:
            raise DataError(f"{image} names no digest", "name it by NAME@sha256:…")
        target = parse(name)
        if self._cloud.images.resolve(target) != built.digest:
            store = self._cloud.images
            spread(store, built.repository, built.digest, store, target)

    def deploy(self, key: str, workload: Workload, image: str) -> None:
        """Pins a job, or makes a revision of a service. Its traffic is left to who gave it: the
        newest revision that is ready takes it, unless a person said otherwise.
        """
        if workload.kind is WorkloadKind.SERVICE:
            self._cloud.services.deploy(workload.name, image, runtime=self._runtime, key=key)
        else:
            self._cloud.deploy(workload.name, image, key=key)

    def execute(self, key: str, workload: Workload) -> str:
        """Starts a job. Its supervisor outlives this process."""
        return self._cloud.execute(workload.name, wait=False, runtime=self._runtime, key=key).id

    def execution(self, workload: Workload, name: str) -> Execution | Unseen:
        """One execution of a job as it stands now."""
        found = self._view.executions(workload)
        if isinstance(found, Unseen):
            return found
        lost = Unseen(reason=f"{name} is not listed", hint="was it deleted?")
        return next((one for one in found if one.id == name), lost)
