"""`landed identify PATH|IMAGE`: which commit is this, by content alone."""

from __future__ import annotations

import time
from pathlib import Path

import click

from landed.cli.common import Speech, common, paint, patience, width
from landed.core.model import Answer


@click.command("identify")
@click.argument("what", metavar="PATH|IMAGE")
@click.option(
    "--repo",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The repository, a bare one too; else the one around the current folder.",
)
@click.option("--contains", metavar="COMMIT", help="Is this commit in there?")
@click.option("--platform", metavar="OS/ARCH", help="Which image of several, as linux/arm64.")
@click.option("--image", "name", metavar="NAME", help="Which image of an archive or layout.")
@click.option("--quick", is_flag=True, help="Never read the whole history; may not tell.")
@common
def command(
    what: str,
    repo: Path,
    contains: str | None,
    platform: str | None,
    name: str | None,
    *,
    quick: bool,
    speech: Speech,
) -> int:
    """Which commit of the repository is this folder, archive or image? By content alone.

    PATH is a folder, a tar archive, what `docker save` wrote, or an OCI layout. IMAGE is the name
    of an image in a registry.
    """
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.content.identify.identify import identify  # noqa: PLC0415
    from landed.render import identified  # noqa: PLC0415

    begun = time.monotonic()
    with wiring.opened(repo) as repository, patience(f"reading {what}", speech):
        change = repository.resolve(contains) if contains else None
        asked = wiring.subject(what, repository.object_format, name=name, platform=platform)
        with asked as image:
            found = identify(
                repository, image, wiring.cache_folder(), change, quick=quick, say=speech.aside
            )
    seconds = time.monotonic() - begun
    if speech.json:
        speech.document(identified.document(found, seconds))
    else:
        speech.say(identified.screen(found, what, seconds, width=width(), paint=paint))
    if found.contains and found.contains.answer is Answer.NO:
        return 1
    unknown = found.contains and found.contains.answer is Answer.UNKNOWN
    return 0 if found.best and found.best.proved and not unknown else 3
