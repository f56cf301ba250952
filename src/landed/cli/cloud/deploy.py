"""`landed cloud deploy`: points a job or a service to an image."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened, pairs, runtime
from landed.cli.cloud.service_words import tell_revision
from landed.cli.cloud.words import tell_deployment
from landed.cli.common import Speech, common


@click.command("deploy")
@click.argument("name", metavar="JOB|SERVICE")
@click.option("--image", required=True, metavar="NAME:TAG|NAME@sha256:…")
@click.option("--service", "is_service", is_flag=True, help="A service, not a job.")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="For what runs.")
@at_place
@common
def command(
    name: str,
    image: str,
    env: tuple[str, ...],
    place: Path | None,
    speech: Speech,
    *,
    is_service: bool,
) -> int:
    """Points a job to an image, or makes a service's next revision of it.

    A name that only a service has is that service; any other name is a job's, unless --service
    says that it is a service.
    """
    config = speech.config()
    cloud = opened(config, place)
    variables = pairs(env, "env") if env else None
    is_service = is_service or (name in cloud.services.names() and cloud.job(name) is None)
    cloud.prepare()
    if not is_service:
        tell_deployment(cloud.deploy(name, image, variables), speech)
        return 0
    made = cloud.services.deploy(name, image, variables, runtime=runtime(config))
    revision = cloud.services.ready(name, made.name)
    tell_revision(cloud.services.get(name), revision, speech)
    return 0 if revision.state == "READY" else 1
