"""`landed cloud`: the local cloud's builder, jobs, services, logs and HTTP face."""

from __future__ import annotations

import click

from landed.cli.lazy import Lazy
from landed.core.errors import UsageError

COMMANDS = {
    "build": "build an image from a clone or an upload",
    "deploy": "point a job or a service to an image",
    "execute": "run a job",
    "request": "ask a service",
    "traffic": "who serves, and who shall",
    "stop": "end a service's instances",
    "logs": "the entries of a job or a service",
    "serve": "play Google's REST surfaces over this cloud",
    "env": "what makes a shell's gcloud talk to that",
}


class _Cloud(Lazy):
    """Says which extra a command needs, where it was not installed."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        try:
            return super().get_command(ctx, name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("landed"):
                raise
            raise UsageError(
                f"`landed cloud {name}` needs {error.name}",
                "in landed's checkout: pip install '.[serve]'",
            ) from error


@click.command("cloud", cls=_Cloud, package="landed.cli.cloud", known=COMMANDS)
def command() -> None:
    """The local cloud: builder, image store, jobs, services and logs in a folder on this disk."""
