"""`landed cloud stop`: ends a service's instances."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened
from landed.cli.common import Speech, common
from landed.core.words import count


@click.command("stop")
@click.argument("service")
@at_place
@common
def command(service: str, place: Path | None, speech: Speech) -> int:
    """Ends a service's instances. Its revisions and entries stay; the next request starts one."""
    ran = opened(speech.config(), place).services.stop(service)
    if speech.json:
        document = {
            "schema": "landed/cloud-stop/v1",
            "service": service,
            "stopped": [{"instance": one.id, "revision": one.revision} for one in ran],
        }
        speech.document(document)
    else:
        speech.say(f"{service}: {count(len(ran), 'instance')} stopped")
    return 0
