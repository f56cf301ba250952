"""`landed cloud`: the local cloud's builder, jobs, executions and logs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from landed.cli.cloud_words import (
    echo_entry,
    tell_build,
    tell_deployment,
    tell_execution,
    tell_logs,
)
from landed.cli.common import Speech, common
from landed.config import Config, DeployableSettings, EnvironmentSettings
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.core.words import listed
from landed.localcloud.builder import Order
from landed.localcloud.cloud import LocalCloud

place_option = click.option(
    "--cloud",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    help="The cloud's folder, instead of the one in landed.toml.",
)


class _Cloud(click.Group):
    """Loads the face only when it is asked for: a web server is slow to load."""

    face = ("serve", "env")

    def list_commands(self, ctx: click.Context) -> list[str]:
        there = self.face if importlib.util.find_spec("uvicorn") else ()
        return [*super().list_commands(ctx), *there]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.face:
            return super().get_command(ctx, name)
        try:
            from landed.cli import cloud_face  # noqa: PLC0415 - see above
        except ModuleNotFoundError as error:
            raise UsageError(
                f"`landed cloud {name}` needs {error.name}", "pip install 'landed[serve]'"
            ) from error
        found: click.Command = getattr(cloud_face, name)
        return found


@click.group("cloud", cls=_Cloud)
def command() -> None:
    """The local cloud: builder, image store, jobs and logs in a folder on this disk."""


def environment(config: Config) -> EnvironmentSettings:
    """The environment with a local cloud; the first of several."""
    known = config.settings.environments.values()
    return next((e for e in known if e.provider == "local"), EnvironmentSettings())


def opened(
    config: Config, place: Path | None, say: Callable[[str], None] | None = None
) -> LocalCloud:
    """The cloud of the settings; without settings the one at the repository's top."""
    if place is None:
        if config.file is None:
            with Repository.open(Path.cwd()) as repository:
                top = repository.root or config.base
            config = msgspec.structs.replace(config, base=top)
        place = config.state(environment(config).cloud)
    return LocalCloud(place, say) if say else LocalCloud(place)


def _deployable(config: Config, chosen: str | None) -> tuple[str, DeployableSettings]:
    known = config.settings.deployables
    if chosen is None and len(known) > 1:
        raise UsageError(f"there are several deployables: {', '.join(known)}", "--deployable NAME")
    if chosen and chosen not in known:
        raise UsageError(f"there is no deployable `{chosen}`", f"there are: {', '.join(known)}")
    name = chosen or next(iter(known), "")
    return name, known.get(name, DeployableSettings())


def _pairs(words: tuple[str, ...], what: str) -> dict[str, str]:
    found = {}
    for word in words:
        for pair in word.split(",") if what == "substitutions" else [word]:
            name, equals, value = pair.partition("=")
            if not equals or not name:
                raise UsageError(f"--{what} `{pair}` is no NAME=VALUE", f"--{what} NAME=VALUE")
            found[name] = value
    return found


@command.command("build")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--source",
    type=click.Choice(["remote", "upload"]),
    default="remote",
    show_default=True,
    help="Clone the remote's ref, or take the folder as it lies on disk.",
)
@click.option("--ref", help="The branch to clone, instead of the one in landed.toml.")
@click.option("--remote", help="The remote to clone, instead of the one in landed.toml.")
@click.option("--commit", help="This commit of the remote instead of the branch's tip.")
@click.option("--tag", "tags", multiple=True, metavar="NAME:TAG", help="Push under this name.")
@click.option("--dockerfile", help="The Dockerfile, from the folder that is built.")
@click.option("--context", help="The folder of the repository to build (with --source remote).")
@click.option("--deployable", help="Which deployable of landed.toml, where there are several.")
@click.option("--build-arg", "build_args", multiple=True, metavar="NAME=VALUE")
@click.option("--substitutions", multiple=True, metavar="NAME=VALUE,…", help="Sent unchecked.")
@place_option
@common
def build(
    folder: Path | None,
    source: str,
    ref: str | None,
    remote: str | None,
    commit: str | None,
    tags: tuple[str, ...],
    dockerfile: str | None,
    context: str | None,
    deployable: str | None,
    build_args: tuple[str, ...],
    substitutions: tuple[str, ...],
    place: Path | None,
    speech: Speech,
) -> int:
    """Builds an image. Prints the build's id and the digest."""
    config = speech.config()
    _, settings = _deployable(config, deployable)
    order = Order(
        dockerfile=dockerfile or settings.dockerfile,
        tags=tags,
        build_args=_pairs(build_args, "build-arg"),
        substitutions=_pairs(substitutions, "substitutions"),
    )
    if source == "remote" and folder is not None:
        raise UsageError("a clone takes no folder", "--source upload FOLDER, or --context")
    alien = {"--ref": ref, "--remote": remote, "--commit": commit, "--context": context}
    given = [name for name, value in alien.items() if value is not None]
    if source == "upload" and given:
        raise UsageError(f"an upload takes no {given[0]}", "--source upload [FOLDER]")
    cloud = opened(config, place, _progress(speech))
    cloud.prepare()
    with Repository.open(Path.cwd()) as repository:
        if source == "upload":
            top = (config.base if config.file else repository.root) or Path.cwd()
            taken = folder or (repository.root or top) / settings.folder
            done = cloud.builder.from_upload(taken.absolute(), repository.object_format, order)
        else:
            url, full_ref = _source(config, repository, remote, ref)
            inner = (context or settings.folder).strip("/")
            done = cloud.builder.from_clone(
                repository, url, full_ref, inner, order, commit and _full(repository, commit)
            )
    tell_build(done, speech)
    return 0 if done.status == "SUCCESS" else 1


def _full(repository: Repository, commit: str) -> str:
    """A commit's whole id: a remote knows no short ones."""
    try:
        return repository.resolve(commit)
    except UsageError:
        if len(commit) in (40, 64):
            return commit
        raise


def _source(
    config: Config, repository: Repository, remote: str | None, ref: str | None
) -> tuple[str, str]:
    from landed.core.model import Absent, Unseen  # noqa: PLC0415
    from landed.providers.git.remote import choose  # noqa: PLC0415 - only clones need it

    settings = config.settings.source
    chosen = choose(repository, remote or settings.remote, ref or settings.ref)
    if isinstance(chosen, Absent):
        raise UsageError(chosen.reason, chosen.remedy)
    if isinstance(chosen, Unseen):
        raise UsageError(chosen.reason, chosen.hint)
    name, full_ref = chosen
    return repository.remotes()[name], full_ref


def _progress(speech: Speech) -> Callable[[str], None] | None:
    if speech.json or speech.quiet or not sys.stderr.isatty():
        return None
    return lambda words: click.echo(f"  {words} …", err=True)


@command.command("deploy")
@click.argument("job")
@click.option("--image", required=True, metavar="NAME:TAG|NAME@sha256:…")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="For every execution.")
@place_option
@common
def deploy(job: str, image: str, env: tuple[str, ...], place: Path | None, speech: Speech) -> int:
    """Points a job to an image."""
    cloud = opened(speech.config(), place)
    cloud.prepare()
    record = cloud.deploy(job, image, _pairs(env, "env") if env else None)
    tell_deployment(record, speech)
    return 0


@command.command("execute")
@click.argument("job")
@click.option("--wait", is_flag=True, help="Wait for the end, and fail if it fails.")
@place_option
@common
def execute(job: str, place: Path | None, speech: Speech, *, wait: bool) -> int:
    """Runs a job. Without --wait it returns at once, whatever happens later."""
    config = speech.config()
    runtime = environment(config).runtime
    shown = None if speech.quiet or speech.json else echo_entry
    done = opened(config, place).execute(
        job, wait=wait, runtime=config.path(runtime) if runtime else None, shown=shown
    )
    tell_execution(done, speech)
    return 1 if wait and done.status != "SUCCEEDED" else 0


@command.command("logs")
@click.argument("job")
@click.option("--execution", help="Only this execution's entries.")
@place_option
@common
def logs(job: str, execution: str | None, place: Path | None, speech: Speech) -> int:
    """The entries of a job, by time."""
    cloud = opened(speech.config(), place)
    found = cloud.logs(job, execution)
    if not found and cloud.job(job) is None:
        raise UsageError(f"there is no job `{job}`", _named("jobs", cloud.jobs()))
    known = [one.id for one in cloud.executions(job)] if execution and not found else []
    if execution and not found and execution not in known:
        raise UsageError(f"there is no execution `{execution}`", _named("executions", known))
    tell_logs(job, found, speech)
    return 0


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {listed(names, 5)}" if names else f"there are no {what} yet"
