"""`landed cloud execute`: runs a job."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened, runtime
from landed.cli.cloud.words import echo_entry, tell_execution
from landed.cli.common import Speech, common


@click.command("execute")
@click.argument("job")
@click.option("--wait", is_flag=True, help="Wait for the end, and fail if it fails.")
@at_place
@common
def command(job: str, place: Path | None, speech: Speech, *, wait: bool) -> int:
    """Runs a job. Without --wait it returns at once, whatever happens later."""
    config = speech.config()
    shown = None if speech.quiet or speech.json else echo_entry
    done = opened(config, place).execute(job, wait=wait, runtime=runtime(config), shown=shown)
    tell_execution(done, speech)
    return 1 if wait and done.status != "SUCCEEDED" else 0
