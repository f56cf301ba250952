"""Providers and settings for shipments and watches. Beside `wiring`, the only file that chooses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from landed.config import STATE_FOLDER, Config, EnvironmentSettings, load
from landed.content.repo import Repository
from landed.core.action import Actions
from landed.core.clock import now
from landed.core.errors import LandedError, UsageError
from landed.core.model import Absent, Unseen
from landed.core.seen import WatchRecord
from landed.core.words import command as command_line
from landed.ledger.store import opened as ledger_of
from landed.ledger.where import database_url
from landed.project import owner
from landed.providers.git import remote as git_remote
from landed.ship import records
from landed.ship.ahead import Ahead
from landed.ship.base import Base
from landed.ship.hands import Bench, Hands
from landed.ship.watching import seen
from landed.trace.project import Project
from landed.wiring import Aim, aims, cache_folder, cloud, opened, probes


class _Hands:
    """What shipments and watches of one project work with. See `ship.hands`."""

    def __init__(self, config: Config, *, lasting: bool) -> None:
        self._config, self._lasting = config, lasting
        self.settings = config.settings.ship
        self.ledger = ledger_of(config)
        self.ahead = Ahead()

    @contextmanager
    def bench(self, environment: str, deployable: str) -> Iterator[Bench]:
        """One target, in the repository as it is now. A worker goes by the settings of now as well:
        it lives long, and what is an error, or work, is said in them.
        """
        if self._lasting:
            self._config = load(self._config.file, self._config.base)
            self.settings = self._config.settings.ship
        config = self._config
        with opened(config.base) as repository:
            aim = aims(config, repository, environment, deployable, ahead=False)[0]
            if aim.target.workload is None:
                raise UsageError(
                    f"environment `{environment}` names no job or service for `{deployable}`",
                    "add it to `jobs` or `services` in landed.toml",
                )
            repository.listed = self.ahead.listed
            yield Bench(
                repository=repository,
                project=aim.project,
                target=aim.target,
                cloud=aim.cloud,
                actions=actions(config, repository, environment, aim.project),
                probes=lambda commit: probes(config, repository, [aim.project], commit),
                ahead=self.ahead,
                look=lambda: cloud(
                    config, repository, environment, aim.project, aim.target.workload, ahead=False
                ),
            )

    def now(self) -> datetime:
        """The present moment."""
        return now()


def hands(config: Config, *, lasting: bool = False) -> Hands:
    """The surroundings of all shipments and watches, of a `lasting` process or of one command.
    Raises UsageError without a `landed.toml`.
    """
    if config.file is None:
        raise UsageError("there is no landed.toml here", "`landed init` writes one")
    return _Hands(config, lasting=lasting)


def target(config: Config, environment: str | None, deployable: str | None) -> tuple[str, str]:
    """The one environment and deployable that are meant. Raises UsageError where it is not said
    which of several.
    """
    return (
        _the_one("environment", list(config.settings.environments), environment, "--env ENV"),
        _the_one("deployable", list(config.settings.deployables), deployable, "--deployable NAME"),
    )


def _the_one(what: str, known: list[str], chosen: str | None, option: str) -> str:
    if chosen in known:
        return str(chosen)
    listed = ", ".join(known) or "none"
    if chosen is not None:
        raise UsageError(f"there is no {what} `{chosen}`", f"landed.toml has: {listed}")
    if len(known) != 1:
        raise UsageError(f"which {what}? landed.toml has: {listed}", option)
    return known[0]


def base(config: Config) -> Base:
    """Where shipments and watches are kept while they go on."""
    url, folder = database_url(), config.state(f"{STATE_FOLDER}/ship")
    return Base(folder=folder, url=url, owner=owner(config) if url else None)


def actions(config: Config, repository: Repository, environment: str, project: Project) -> Actions:
    """What the provider of an environment can do for a deployable."""
    settings = config.settings.environments[environment]

    def source() -> tuple[str, str]:
        said = config.settings.source
        found = git_remote.choose(repository, said.remote, said.ref)
        if isinstance(found, Absent):
            raise UsageError(found.reason, found.remedy)
        if isinstance(found, Unseen):
            raise UsageError(found.reason, found.hint)
        remote, ref = found
        return repository.remotes()[remote], ref

    if settings.provider == "gcp":
        return _google(settings, repository, source, project.settings.image or "")
    from landed.providers.local.actions import LocalActions  # noqa: PLC0415 - only who ships

    return LocalActions(
        config.state(settings.cloud),
        repository,
        source,
        config.path(settings.runtime) if settings.runtime else None,
    )


def _google(
    settings: EnvironmentSettings,
    repository: Repository,
    source: Callable[[], tuple[str, str]],
    image: str,
) -> Actions:
    from landed.providers.gcp.actions import GoogleActions  # noqa: PLC0415 - only who ships
    from landed.providers.gcp.place import place  # noqa: PLC0415
    from landed.providers.oci.registry import Registry  # noqa: PLC0415

    environ = dict(os.environ)
    return GoogleActions(
        place(settings, environ),
        repository,
        lambda: source()[0],
        image,
        opener=Registry.opened_by,
        environ=environ,
        cache=cache_folder() / "layers",
    )


def watch(config: Config, aim: Aim, commit: str) -> WatchRecord | Absent | Unseen:
    """The watch over this target, where it is over this commit."""
    target, repository = aim.target, aim.project.repository
    none = Absent(
        reason="no watch was opened over it",
        remedy=command_line("landed", "watch", target.environment, "--start"),
    )
    try:
        with ledger_of(config) as ledger:
            kept = records.current(ledger, target.environment, aim.project.name)
    except LandedError as error:
        return Unseen(reason=error.message, hint=error.hint)
    if kept is None:
        return none
    covers = commit == kept.opened.commit or any(fix.commit == commit for fix in kept.opened.fixes)
    if covers or repository.is_ancestor(commit, kept.opened.commit):
        return seen(kept)
    return none
