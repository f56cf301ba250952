"""`landed cloud build`: an image from a clone of the remote or from an upload."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened, pairs
from landed.cli.cloud.words import tell_build
from landed.cli.common import Speech, common
from landed.config import Config, DeployableSettings
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.localcloud.imaging import Order


def _deployable(config: Config, chosen: str | None) -> tuple[str, DeployableSettings]:
    known = config.settings.deployables
    if chosen is None and len(known) > 1:
        raise UsageError(f"there are several deployables: {', '.join(known)}", "--deployable NAME")
    if chosen and chosen not in known:
        raise UsageError(f"there is no deployable `{chosen}`", f"there are: {', '.join(known)}")
    name = chosen or next(iter(known), "")
    return name, known.get(name, DeployableSettings())


@click.command("build")
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
@at_place
@common
def command(
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
        build_args=pairs(build_args, "build-arg"),
        substitutions=pairs(substitutions, "substitutions"),
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
