"""Where on Google Cloud an environment is: from landed.toml, else from gcloud's own variables.

Addresses come from the user's environment alone. landed.toml may be a stranger's, and must not
decide where a token is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from landed.config import EnvironmentSettings
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.words import command

GLOBAL = "global"
_PROJECT = re.compile(r"(?:[a-z0-9.-]{1,62}:)?[a-z0-9][a-z0-9-]{2,40}")
_REGION = re.compile(r"[a-z][a-z0-9-]{1,40}")
_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
_LOOPBACK = re.compile(r"http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?/?")


class Place(Frozen):
    """A project and a region. `build_region` is where builds run; those of no region are asked for
    as well. `staging_bucket` takes the uploads, where the settings name one. `overrides` are
    addresses of APIs, by the name that gcloud has for each.
    """

    project: str
    region: str
    build_region: str
    staging_bucket: str = ""
    overrides: dict[str, str] = {}

    def address(self, api: str) -> str:
        """Where an API is asked, without a slash at the end."""
        return self.overrides.get(api, f"https://{api}.googleapis.com").rstrip("/")

    def gcloud(self, *words: str, region: str | None = None) -> str:
        """A gcloud command in this project that a person can paste."""
        where = ("--region", region) if region else ()
        return command("gcloud", *words, *where, "--project", self.project)


def place(settings: EnvironmentSettings, environ: Mapping[str, str]) -> Place:
    """The place that settings and environment name. Raises UsageError where they do not."""
    project = settings.project or _one_of(
        environ, "project", "CLOUDSDK_CORE_PROJECT", "GOOGLE_CLOUD_PROJECT"
    )
    region = settings.region or _one_of(environ, "region", "CLOUDSDK_RUN_REGION")
    build_region = settings.build_region or environ.get("CLOUDSDK_BUILDS_REGION") or region
    if project.isdigit():
        raise UsageError(
            f"{project[:80]} is the project's number, and what it holds names it by its id",
            f"gcloud projects describe {project[:80]} --format 'value(projectId)' tells it; say "
            "that as project",
        )
    for word, name, pattern in (
        ("project", project, _PROJECT),
        ("region", region, _REGION),
        ("build_region", build_region, _REGION),
    ):
        if not pattern.fullmatch(name):
            raise UsageError(f"`{name[:80]}` is no {word} of Google Cloud", f"mend {word}")
    overrides = {
        name.removeprefix(_OVERRIDE).lower(): _safe(name, address)
        for name, address in environ.items()
        if name.startswith(_OVERRIDE) and address
    }
    return Place(
        project=project,
        region=region,
        build_region=build_region,
        staging_bucket=settings.staging_bucket or "",
        overrides=overrides,
    )


def _one_of(environ: Mapping[str, str], word: str, *names: str) -> str:
    """What the environment says, where it says one thing."""
    said = {environ[name]: name for name in names if environ.get(name)}
    if len(said) > 1:
        raise UsageError(
            f"{' and '.join(said.values())} name different ones: {', '.join(said)}",
            f'say which in landed.toml: {word} = "…"',
        )
    if not said:
        raise UsageError(
            f"nothing says which {word} of Google Cloud is meant",
            f'in landed.toml: {word} = "…", or set {names[0]}',
        )
    return next(iter(said))


def _safe(name: str, address: str) -> str:
    """An address to which a token may go."""
    if not (address.startswith("https://") or _LOOPBACK.fullmatch(address)):
        raise UsageError(
            f"{name} is no address where a token would be safe",
            "https, or plain http on this machine",
        )
    return address
