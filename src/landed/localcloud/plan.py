"""What is to be run of an image, and the rooms it gets on this disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from landed.core.errors import UsageError
from landed.core.model import learned
from landed.localcloud.disk import save, write
from landed.localcloud.images import Images, parse
from landed.localcloud.isolation import bwrap
from landed.localcloud.logbook import Origin
from landed.localcloud.rootfs import HASH, laid_out

PLAN = "plan.json"
_RECORDER = Path(__file__).parent / "inside" / "sitecustomize.py"


class Plan(msgspec.Struct, frozen=True):
    """What to run: argv, environment and folder of the image, the rooms on this disk, what its
    log entries say of themselves, and how long a service may take until it listens.
    """

    argv: tuple[str, ...]
    env: dict[str, str]
    workdir: str
    image: str
    data: str
    log: str
    runtime: str | None
    files: tuple[str, ...]
    origin: Origin
    listen_seconds: float = 0.0


learned(Plan)


def lay_plan(
    folder: Path,
    images: Images,
    image: str,
    digest: str,
    env: Mapping[str, str],
    *,
    data: Path,
    log: Path,
    runtime: Path | None,
    origin: Origin,
    listen_seconds: float = 0.0,
    command: tuple[str, ...] = (),
) -> None:
    """Lays the image out, and the plan and the rooms in `folder`. `env` comes over the image's own,
    `command` stands in place of it. Raises UsageError for an image that says no command.
    """
    found = images.layout(parse(image).repository).image(digest)
    config, files = found.settings, found.files(HASH)
    argv = command or (*(config.entrypoint or ()), *(config.cmd or ()))
    if not argv:
        raise UsageError(f"{image} says no command", "add CMD to its Dockerfile")
    own = dict(pair.split("=", 1) for pair in config.env or () if "=" in pair)
    # Without isolation the program could write into the image: then it gets its own.
    shared = images.root.parent / "rootfs" / digest.removeprefix("sha256:")
    place = shared if bwrap() else folder / "image"
    laid_out(found, files, place)
    plan = Plan(
        argv=argv,
        env={
            "HOME": "/tmp",  # noqa: S108 - of the execution's own
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            **own,
            **env,
        },
        workdir=config.working_dir or "/",
        image=str(place),
        data=str(data),
        log=str(log),
        runtime=str(runtime) if runtime else None,
        files=tuple(files),
        origin=origin,
        listen_seconds=listen_seconds,
    )
    save(folder / PLAN, plan)
    write(folder / "inside" / _RECORDER.name, _RECORDER.read_bytes())
    (folder / "out").mkdir(exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
