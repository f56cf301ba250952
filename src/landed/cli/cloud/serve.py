"""`landed cloud serve`: the local cloud's HTTP face."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from landed.cli.cloud.place import at_place, opened, pairs, runtime
from landed.cli.common import Speech, common
from landed.content.ignore import UploadRules
from landed.core.errors import UsageError
from landed.localcloud.builder import state_folder
from landed.localcloud.face.face import Face, Project
from landed.localcloud.face.serving import Room
from landed.localcloud.face.serving import serve as serve_face


@click.command("serve")
@at_place
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--idle", type=click.FloatRange(0), metavar="SECONDS", help="End when idle so long.")
@click.option("--parent", type=click.IntRange(1), metavar="PID", help="End with this process.")
@click.option("--project", default=Project().id, show_default=True)
@click.option("--region", default=Project().region, show_default=True)
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    metavar="NAME=URL",
    help="Where the repository lies that triggers and connections name so.",
)
@common
def command(
    place: Path | None,
    port: int,
    idle: float | None,
    parent: int | None,
    project: str,
    region: str,
    repositories: tuple[str, ...],
    speech: Speech,
) -> int:
    """Serves the local cloud as Google's REST surfaces, on loopback only. Ends with Ctrl-C."""
    config = speech.config()
    cloud = opened(config, place)
    _stays_here(state_folder(cloud.root))
    cloud.prepare()
    here = Project(id=project, region=region, repositories=pairs(repositories, "repository"))
    face = Face(cloud, here, runtime(config))

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


def _stays_here(state: Path) -> None:
    """Raises UsageError where an upload of the repository would take the cloud along, and with it
    the face's token: gcloud reads no ignore file below the top.
    """
    top = next((one for one in state.parents if (one / ".git").exists()), None)
    if top is None:
        return
    inner = f"{state.relative_to(top).as_posix()}/"
    if not UploadRules.read(top).rule(inner):
        raise UsageError(
            f"`gcloud builds submit` would upload {inner}, and the token of this cloud with it",
            f"put a line {inner} into .gitignore, or into .gcloudignore where there is one",
        )
