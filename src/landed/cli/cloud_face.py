"""`landed cloud serve` and `landed cloud env`: the local cloud's HTTP face."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from landed.cli.cloud import environment, opened, place_option
from landed.cli.common import Speech, common
from landed.localcloud.face.face import Face, Project
from landed.localcloud.face.serving import Room, exports
from landed.localcloud.face.serving import serve as serve_face


@click.command("serve")
@place_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--idle", type=click.FloatRange(0), metavar="SECONDS", help="End when idle so long.")
@click.option("--parent", type=click.IntRange(1), metavar="PID", help="End with this process.")
@click.option("--project", default=Project().id, show_default=True)
@click.option("--region", default=Project().region, show_default=True)
@common
def serve(
    place: Path | None,
    port: int,
    idle: float | None,
    parent: int | None,
    project: str,
    region: str,
    speech: Speech,
) -> int:
    """Serves the local cloud as Google's REST surfaces, on loopback only. Ends with Ctrl-C."""
    config = speech.config()
    cloud = opened(config, place)
    cloud.prepare()
    runtime = environment(config).runtime
    face = Face(
        cloud, Project(id=project, region=region), config.path(runtime) if runtime else None
    )

    def ready(room: Room) -> None:
        address = room.address()
        if speech.json:
            speech.document(
                {
                    "schema": "landed/cloud-serve/v1",
                    "url": address.url,
                    "project": project,
                    "region": region,
                    "folder": str(room.folder),
                }
            )
        else:
            speech.say(
                f"serving {cloud.root} at {address.url}; `landed cloud env` says how to use it"
            )

    # An orderly end: what the face has written for its clients is taken away again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    serve_face(face, port, idle, parent, ready)
    return 0


@click.command("env")
@place_option
@common
def env(place: Path | None, speech: Speech) -> int:
    """Prints what makes a shell's gcloud talk to the face: `eval "$(landed cloud env)"`."""
    variables = Room(opened(speech.config(), place).root).variables()
    if speech.json:
        speech.document({"schema": "landed/cloud-env/v1", "variables": variables})
    else:
        speech.say(exports(variables))
    return 0
