"""One command inside an image, isolated as executions are: what an image can say of itself before
anything is deployed. It belongs to no job, and leaves nothing behind.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from landed.core.model import Frozen
from landed.localcloud.disk import read
from landed.localcloud.images import Images
from landed.localcloud.isolation import Rooms, start
from landed.localcloud.logbook import Origin
from landed.localcloud.plan import PLAN, Plan, lay_plan
from landed.localcloud.runtime import find
from landed.localcloud.supervise import end

MAX_OUTPUT = 8 * 1024


class Smoke(Frozen):
    """How the command ended: its exit code, None where it took too long, and its last words."""

    code: int | None
    output: str
    isolation: str


def smoke(
    images: Images,
    image: str,
    digest: str,
    command: tuple[str, ...],
    env: Mapping[str, str],
    *,
    runtime: Path | None,
    seconds: float,
) -> Smoke:
    """Runs `command` in an image for `seconds` at most. Raises UsageError for an image that says
    nothing to run in, OSError where it cannot be started.
    """
    place = images.root.parent / "smoke"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        nowhere = Origin(type="smoke", resource={}, labels={})
        lay_plan(
            folder, images, image, digest, env, data=folder / "data", log=folder / "log",
            runtime=runtime, origin=nowhere, command=command,
        )  # fmt: skip
        plan = read(folder / PLAN, Plan)
        rooms = Rooms(
            image=Path(plan.image),
            data=folder / "data",
            inside=folder / "inside",
            out=folder / "out",
        )
        python = find(runtime)
        if python.bare:
            python.enter(rooms.inside)
        how = start(plan.argv, plan.env, plan.workdir, rooms, python)
        with (folder / "output").open("w+b") as output:
            process = subprocess.Popen(
                how.command, env=how.env, cwd=how.cwd, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            code: int | None = None
            try:
                code = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                # What it left behind ends with it, and so does one that took too long.
                end(process)
                process.wait()
            output.seek(max(output.seek(0, 2) - MAX_OUTPUT, 0))
            words = output.read().decode("utf-8", "replace")
    return Smoke(code=code, output=words, isolation=how.isolation)
