"""Where the commands of `landed cloud` find their cloud, and how they read what is common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from landed.config import Config, EnvironmentSettings
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.localcloud.cloud import LocalCloud

at_place = click.option(
    "--cloud",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    help="The cloud's folder, instead of the one in landed.toml.",
)


def _environment(config: Config) -> EnvironmentSettings:
    """The environment with a local cloud; the first of several."""
    known = config.settings.environments.values()
    return next((e for e in known if e.provider == "local"), EnvironmentSettings())


def runtime(config: Config) -> Path | None:
    """The Python environment of the settings that stands in for an image's base."""
    named = _environment(config).runtime
    return config.path(named) if named else None


def opened(
    config: Config, place: Path | None, say: Callable[[str], None] | None = None
) -> LocalCloud:
    """The cloud of the settings; without settings the one at the repository's top."""
    if place is None:
        if config.file is None:
            with Repository.open(Path.cwd()) as repository:
                top = repository.root or config.base
            config = msgspec.structs.replace(config, base=top)
        place = config.state(_environment(config).cloud)
    return LocalCloud(place, say) if say else LocalCloud(place)


def pairs(words: tuple[str, ...], what: str) -> dict[str, str]:
    """The NAME=VALUE of an option. Raises UsageError for what is none."""
    found = {}
    for word in words:
        for pair in word.split(",") if what == "substitutions" else [word]:
            name, equals, value = pair.partition("=")
            if not equals or not name:
                raise UsageError(f"--{what} `{pair}` is no NAME=VALUE", f"--{what} NAME=VALUE")
            found[name] = value
    return found
