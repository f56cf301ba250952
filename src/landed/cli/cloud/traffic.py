"""`landed cloud traffic`: who serves, and who shall."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened
from landed.cli.cloud.service_words import tell_service
from landed.cli.common import Speech, common
from landed.core.errors import UsageError
from landed.localcloud.records import Share
from landed.localcloud.services import LATEST


@click.command("traffic")
@click.argument("service")
@click.option("--to-latest", is_flag=True, help="All of it to the latest ready revision.")
@click.option(
    "--to", "targets", multiple=True, metavar="REVISION=PERCENT", help="`latest` is a name too."
)
@at_place
@common
def command(
    service: str, targets: tuple[str, ...], place: Path | None, speech: Speech, *, to_latest: bool
) -> int:
    """Shows a service's revisions and their traffic, or moves the traffic first."""
    if to_latest and targets:
        raise UsageError("--to-latest is all of the traffic", "give --to-latest or --to")
    services = opened(speech.config(), place).services
    shares = LATEST if to_latest else tuple(_share(words) for words in targets)
    found = services.route(service, shares) if shares else services.get(service)
    tell_service(found, speech)
    return 0


def _share(words: str) -> Share:
    revision, _, percent = words.rpartition("=")
    if not revision or not (percent.isascii() and percent.isdigit()) or len(percent) > 3:
        raise UsageError(f"--to `{words}` is no REVISION=PERCENT", "--to front-00002-abc=100")
    return Share(percent=int(percent), revision=None if revision == "latest" else revision)
