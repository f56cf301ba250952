"""The only file that chooses providers: from settings to everything that a trace needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from landed.config import (
    STATE_FOLDER,
    Config,
    DeployableSettings,
    EnvironmentSettings,
)
from landed.content.image.blobs import Blobs
from landed.content.repo import Repository
from landed.core.errors import ProviderError, UsageError
from landed.core.model import Absent, Frozen, Unseen
from landed.core.probe import Cloud, Content, Workload, WorkloadKind
from landed.core.seen import Remote, SourceKind, WorkTree
from landed.providers.git import remote as git_remote
from landed.providers.git import work_tree as git_work_tree
from landed.trace.nowhere import Nowhere
from landed.trace.project import Project
from landed.trace.reading import Reading
from landed.trace.target import Probes, Target

REMOTE_SECONDS = 20.0


class Aim(Frozen):
    """One deployable in one environment, with the cloud that shows it."""

    project: Project
    target: Target
    cloud: Cloud


@contextmanager
def opened(start: Path) -> Iterator[Repository]:
    """The repository that `start` lies in. Raises UsageError where there is none."""
    with Repository.open(start) as repository:
        yield repository


def base(config: Config, repository: Repository) -> Path:
    """Where relative paths of the settings start: at `landed.toml`, else at the top."""
    return config.base if config.file else (repository.root or config.base)


def projects(config: Config, repository: Repository, chosen: str | None) -> list[Project]:
    """The deployables; without settings one that is the whole repository."""
    known = config.settings.deployables
    if chosen and chosen not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"there is no deployable `{chosen}`", f"landed.toml has: {listed}")
    if not known:
        name = (repository.root or Path.cwd()).name
        return [Project(repository, name, DeployableSettings())]
    names = [chosen] if chosen else list(known)
    folders = {name: one.folder for name, one in known.items()}
    return [
        Project(repository, name, known[name], [at for its, at in folders.items() if its != name])
        for name in names
    ]


def aims(
    config: Config,
    repository: Repository,
    environment: str | None,
    deployable: str | None,
    *,
    ahead: bool = True,
) -> list[Aim]:
    """Every target that is asked about. Without an environment: one where nothing can be seen.
    `ahead` lets a remote cloud ask already for what a trace needs.
    """
    known = config.settings.environments
    if environment and environment not in known:
        names = ", ".join(known) or "none"
        raise UsageError(f"there is no environment `{environment}`", f"landed.toml has: {names}")
    found: list[Aim] = []
    for project in projects(config, repository, deployable):
        named = config.named_errors(project.name)
        for title in [environment] if environment else list(known):
            workload = workload_of(known[title], project.name)
            if workload is None and len(known) > 1 and environment is None:
                continue
            target = Target(environment=title, workload=workload, named_errors=named)
            place = cloud(config, repository, title, project, workload, ahead=ahead)
            found.append(Aim(project=project, target=target, cloud=place))
        if not known:
            nothing = Workload(kind=WorkloadKind.JOB, name="")
            target = Target(environment="", workload=nothing, named_errors=named)
            found.append(Aim(project=project, target=target, cloud=Nowhere()))
    return found


def workload_of(environment: EnvironmentSettings, deployable: str) -> Workload | None:
    """What runs a deployable in an environment; None where the settings name nothing."""
    for kind, names in (
        (WorkloadKind.JOB, environment.jobs),
        (WorkloadKind.SERVICE, environment.services),
    ):
        if deployable in names:
            return Workload(kind=kind, name=names[deployable])
    return None


def cloud(
    config: Config,
    repository: Repository,
    environment: str,
    project: Project,
    workload: Workload | None,
    *,
    ahead: bool = True,
) -> Cloud:
    """The provider of an environment, for one deployable. A remote one is asked at once, where it
    is to look `ahead`.
    """
    settings = config.settings.environments[environment]
    if settings.provider == "gcp":
        return _google(settings, repository, project, workload, ahead=ahead)
    return _local(config, repository, settings)


def _local(config: Config, repository: Repository, settings: EnvironmentSettings) -> Cloud:
    from landed.providers.local import LocalView  # noqa: PLC0415 - not every command needs it

    return LocalView(base(config, repository) / settings.cloud, repository.object_format)


def _google(
    settings: EnvironmentSettings,
    repository: Repository,
    project: Project,
    workload: Workload | None,
    *,
    ahead: bool,
) -> Cloud:
    from landed.providers.gcp.place import place  # noqa: PLC0415 - not every command needs it
    from landed.providers.gcp.view import GoogleView  # noqa: PLC0415
    from landed.providers.oci.registry import Registry  # noqa: PLC0415

    # As it is now: threads read it later.
    environ = dict(os.environ)
    return GoogleView(
        place(settings, environ),
        workload,
        project.settings.image or "",
        opener=Registry.opened_by,
        environ=environ,
        object_format=repository.object_format,
        cache=cache_folder() / "layers",
        folder=project.folder,
        dockerfile=project.settings.dockerfile,
        ahead=ahead,
    )


def builder(config: Config, repository: Repository) -> SourceKind | None:
    """Whether builds clone or upload: what the settings say, else what the newest build on a local
    cloud did. No other place is asked for that: `landed check` stays on this machine and at the
    remote.
    """
    said = config.settings.source.builder
    if said:
        return SourceKind(said)
    for environment in config.settings.environments.values():
        # Only where there is a cloud already: looking at one is slow to load.
        there = (base(config, repository) / environment.cloud / "builds").is_dir()
        if environment.provider == "local" and there:
            records = _local(config, repository, environment).builds()
            if not isinstance(records, Unseen) and records:
                return records[0].kind
    return None


def probes(
    config: Config, repository: Repository, chosen: Sequence[Project], commit: str
) -> Probes:
    """The questions to the work tree and to the remote, for one commit."""
    state = base(config, repository) / STATE_FOLDER
    reading = Reading(config, repository, chosen, state)

    def work_tree() -> WorkTree | Absent | Unseen:
        uploads = builder(config, repository) is not SourceKind.CLONE
        seen = git_work_tree.observe(
            repository,
            build_reads=reading.build_reads,
            upload_rule=reading.upload_rule if uploads else None,
            own_files=reading.own_files(),
        )
        if not isinstance(seen, WorkTree):
            return seen
        swept_in = tuple(reading.swept_in()) if uploads else ()
        return replace(seen, build_files=tuple(reading.build_files()), swept_in=swept_in)

    def ask_remote() -> Remote | Absent | Unseen:
        source = config.settings.source
        where = git_remote.choose(repository, source.remote, source.ref)
        if isinstance(where, (Absent, Unseen)):
            return where
        name, ref = where
        return git_remote.observe(repository, commit, remote=name, ref=ref, timeout=REMOTE_SECONDS)

    return Probes(work_tree=work_tree, remote=ask_remote)


def cache_folder() -> Path:
    """Where landed keeps what it can make again: indexes of histories, layers that it has read."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base_folder = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return base_folder / "landed"


@contextmanager
def subject(
    what: str, object_format: str, *, name: str | None, platform: str | None
) -> Iterator[Content]:
    """The files of a folder, an archive, an OCI layout or an image in a registry.

    `name` chooses among several images, `platform` among those of an index. Raises UsageError
    where `what` is none of these.
    """
    from landed.content.image import archive  # noqa: PLC0415 - not every command needs it
    from landed.content.image.layout import INDEX, Layout  # noqa: PLC0415

    path = Path(what)
    if platform is not None and "/" not in platform:
        raise UsageError(f"`{platform}` is no platform", "as linux/arm64")
    if path.is_dir() and (path / INDEX).is_file() and (path / "blobs").is_dir():
        layout = Layout(path)
        yield _image(layout, _named(layout.images(), name), object_format, platform)
    elif path.is_dir():
        from landed.content.folder import Folder  # noqa: PLC0415

        yield Folder(root=path, object_format=object_format)
    elif path.exists():
        with archive.opened(path) as found:
            saved = archive.images(found)
            if saved is None:
                yield archive.Files(path, object_format)
            else:
                digest = _named(saved.images, name)
                yield _image(saved, digest, object_format, platform)
    else:
        from landed.content.image.reading import FROM_AFAR  # noqa: PLC0415
        from landed.content.image.reference import HUB, parse  # noqa: PLC0415
        from landed.providers.oci.registry import Registry  # noqa: PLC0415

        try:
            reference = parse(what)
        except UsageError as error:
            raise UsageError(
                f"{what} is no path here, and no name of an image", error.hint
            ) from error
        if name is not None:
            raise UsageError(
                "a registry is asked for one image", f"leave out --image: {what} is it"
            )
        with Registry.open(reference) as registry:
            try:
                digest = registry.resolve()
            except ProviderError as error:
                if reference.host != HUB:
                    raise
                # Who named no host may have meant a path.
                said = f"there is no path {what} here, and as an image: {error.message}"
                raise ProviderError(said, error.hint) from error
            yield _image(registry, digest, object_format, platform, at_once=FROM_AFAR)


def _image(
    blobs: Blobs, digest: str, object_format: str, platform: str | None, at_once: int = 1
) -> Content:
    from landed.content.image.image import Contents, Image  # noqa: PLC0415
    from landed.content.image.manifest import pick  # noqa: PLC0415

    image = Image(blobs, pick(blobs, digest, platform))
    if platform is not None and image.digest == digest:
        # One that stands alone is not chosen by its platform, and may be of another.
        own = [str(image.config.get(key, "")) for key in ("os", "architecture")]
        if all(own) and platform.split("/")[:2] != own:
            raise UsageError(f"it is an image for {'/'.join(own)}", "leave out --platform")
    return Contents(image, image.files(object_format, cache_folder() / "layers", at_once))


def _named(images: Mapping[str, str], name: str | None) -> str:
    """The digest of the one image that is meant."""
    tagged = {digest for known, digest in images.items() if known != digest}
    digests = tagged or set(images.values())
    if name is None and len(digests) == 1:
        return digests.pop()
    if name is not None and name in images:
        return images[name]
    names = ", ".join(sorted(images)) or "none"
    problem = f"it has no image `{name}`" if name else f"it holds {len(digests)} images"
    raise UsageError(problem, f"--image takes one of: {names}")
