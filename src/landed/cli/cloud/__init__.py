"""`landed cloud`: the local cloud's builder, jobs, services and logs."""

from __future__ import annotations

import click

from landed.cli.lazy import Lazy

COMMANDS = {
    "build": "build an image from a clone or an upload",
    "deploy": "point a job or a service to an image",
    "execute": "run a job",
    "request": "ask a service",
    "traffic": "who serves, and who shall",
    "stop": "end a service's instances",
    "logs": "the entries of a job or a service",
}


@click.command("cloud", cls=Lazy, package="landed.cli.cloud", known=COMMANDS)
def command() -> None:
    """The local cloud: builder, image store, jobs, services and logs in a folder on this disk."""
