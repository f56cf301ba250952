"""`landed cloud env`: what makes a shell's gcloud talk to the face."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened
from landed.cli.common import Speech, common
from landed.localcloud.face.serving import Room, exports


@click.command("env")
@at_place
@common
def command(place: Path | None, speech: Speech) -> int:
    """Prints what makes a shell's gcloud talk to the face: `eval "$(landed cloud env)"`.

    HTTPS to hosts that the face does not play is refused in that shell: push from another one.
    """
    variables = Room(opened(speech.config(), place).root).variables()
    if speech.json:
        speech.document({"schema": "landed/cloud-env/v1", "variables": variables})
    else:
        speech.say(exports(variables))
    return 0
