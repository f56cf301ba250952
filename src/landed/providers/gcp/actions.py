"""What Google Cloud does for a shipment. See `core.action`."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from landed.content.commit import CommitFiles
from landed.content.image.reference import parse, split
from landed.content.repo import Repository
from landed.core.action import BuildOrder, Built, Missing, Tried, Ways
from landed.core.errors import LandedError, ProviderError, UsageError
from landed.core.model import Unseen
from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Execution
from landed.http.failures import plain
from landed.http.patience import Patience
from landed.http.transport import Transport
from landed.providers.gcp import rollout, run, staging, submit
from landed.providers.gcp.api import Api
from landed.providers.gcp.credentials import Who
from landed.providers.gcp.lacks import lacks
from landed.providers.gcp.packed import pack
from landed.providers.gcp.place import Place
from landed.providers.gcp.registry import Images, Opener, is_google
from landed.providers.gcp.shapes import cloud_run
from landed.providers.gcp.view import PATIENCE
from landed.providers.gcp.waiting import patiently

ISOLATION = "in a Cloud Build step, with the image by its digest and none of the {kind}'s variables"
_FETCH_SECONDS = 60.0


class GoogleActions:
    """The actions of one project on Google Cloud. `source` says which remote has the commit: its
    URL. `image` is the name that people deploy, empty where the settings do not say. Nothing is
    asked before something is to be done.
    """

    def __init__(
        self,
        place: Place,
        repository: Repository,
        source: Callable[[], str],
        image: str,
        *,
        opener: Opener,
        environ: Mapping[str, str],
        cache: Path,
        patience: Patience = PATIENCE,
    ) -> None:
        self._repository, self._source, self._image = repository, source, image
        authorities = environ.get("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "")
        asking = Transport(patience, authorities)
        who = Who(environ, asking)
        self._api = Api(asking, who, place)
        # A deed is not repeated behind our back: who did not hear its answer looks first.
        self._deeds = Api(Transport(replace(patience, tries=1), authorities), who, place)
        self._images = Images(self._api, opener, repository.object_format, cache)

    def ways(self, workload: Workload) -> Ways:
        """As a person reads it."""
        place = self._api.place
        return Ways(
            build=f"in Cloud Build ({place.project}, {place.build_region}), from an upload of its "
            f"files to gs://{staging.bucket(place)},",
            smoke=f"inside the image, as a step of Cloud Build without the {workload.kind}'s "
            "variables",
            place=f" of Cloud Run ({place.project}, {place.region})",
        )

    def lacks(self, workload: Workload, *, builds: bool) -> list[Missing]:
        """Asked of the project."""
        return list(lacks(self._api, workload, self._image, builds=builds))

    def build(self, key: str, order: BuildOrder) -> Built:
        """Builds from an upload that is made of the commit's own objects."""
        _must_be_google(order.image)
        with tempfile.TemporaryFile(prefix="landed-source-") as file:
            pack(self._files(order), file)
            stored = staging.stage(self._api, self._deeds, file, order.commit)
        request = submit.image_build(order, stored, key)
        ended = submit.carried_out(
            self._api, self._deeds, key, request, submit.BUILD_SECONDS, order.image
        )
        digests = [one.digest for one in ended.raw.results.images if one.name == order.image]
        if ended.raw.status == "SUCCESS" and digests:
            return Built(id=ended.raw.id, digest=digests[0])
        why = submit.failure(self._api, ended)
        kind = ended.raw.failure_info.type if ended.raw.failure_info else ""
        by_code = ended.raw.status == "FAILURE" and kind == submit.STEP_FAILED
        return Built(id=ended.raw.id, digest=None, failure=why, by_code=by_code)

    def _files(self, order: BuildOrder) -> CommitFiles:
        """The commit's files. It may be known from the remote alone: an equivalent of what was
        asked for.
        """
        if self._repository.missing([order.commit]):
            self._repository.fetch(self._source(), [order.commit], _FETCH_SECONDS)
        return CommitFiles(self._repository, order.commit, order.folder)

    def smoke(
        self, workload: Workload, image: str, command: tuple[str, ...], seconds: float
    ) -> Tried:
        """Runs a command as the only step of a build. Variables of the workload do not go along:
        they would stand in the build's record for everybody who may read it.
        """
        name, _, digest = split(image)
        config = self._images.config(name, digest or "").get("config") or {}
        folder = str(config.get("WorkingDir") or "/") if isinstance(config, dict) else "/"
        key = f"smoke/{secrets.token_hex(16)}"
        request = submit.smoke_build(image, folder, command, seconds, key)
        ended = submit.carried_out(self._api, self._deeds, key, request, seconds, name)
        isolation = ISOLATION.format(kind=workload.kind)
        said = "\n".join(submit.words(self._api, ended.raw.id))
        if ended.raw.status == "TIMEOUT":
            return Tried(code=None, output=said, isolation=isolation)
        step = next(iter(ended.raw.steps), None)
        code = step.exit_code if step else None
        if ended.raw.status == "SUCCESS":
            code = 0
        # The step may have passed in a build that somebody cancelled, or that Google failed.
        elif not code:
            raise ProviderError(
                f"the smoke command did not run: {submit.failure(self._api, ended)}",
                f"see build {ended.raw.id}",
            )
        return Tried(code=code, output=said, isolation=isolation)

    def publish(self, image: str, name: str) -> None:
        """Moves a tag."""
        _must_be_google(name)
        digest = parse(image).digest or ""
        if self._images.digest(name) != digest:
            self._images.move(name, image)

    def deploy(self, key: str, workload: Workload, image: str) -> None:
        """Pins a job and waits until that is in force; or has a service make a new revision."""
        mine = self._image or split(image)[0]
        begun = rollout.deploy(self._api, self._deeds, key, workload, image, mine)
        if begun and workload.kind is WorkloadKind.JOB:
            rollout.awaited(self._api, workload, begun)

    def execute(self, key: str, workload: Workload) -> str:
        """Starts a job."""
        return rollout.execute(self._api, self._deeds, key, workload)

    def execution(self, workload: Workload, name: str) -> Execution | Unseen:
        """One execution of a job as it stands now."""
        place, what = self._api.place, f"execution {name}"
        whole = ("jobs", workload.name, "executions", name)
        where = run.where(place, *whole)
        try:
            found = patiently(
                lambda: self._api.get(run.EXECUTIONS, what, where, cloud_run.Execution)
            )
            run.must_be(run.EXECUTIONS, what, place, found.name, *whole)
        except LandedError as error:
            return Unseen(reason=error.message, hint=error.hint)
        return run.execution(found, self._image, place)


def _must_be_google(name: str) -> None:
    """Cloud Build pushes to Google's registries alone, without credentials of anybody's."""
    if not is_google(parse(name).host):
        raise UsageError(
            f"`{plain(name)}` is no name in Artifact Registry, and Cloud Build pushes nowhere else",
            'in the [deployables] table: image = "REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME"',
        )
