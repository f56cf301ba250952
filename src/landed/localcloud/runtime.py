"""The pinned Python that stands in for an image's base."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen

_ASK = (
    "import sys, json, importlib.metadata as m;"
    "print(json.dumps([sys.base_prefix, '.'.join(map(str, sys.version_info[:3])),"
    "sorted({f'{d.name}=={d.version}' for d in m.distributions()})]))"
)
SECONDS = 30


class Python(Frozen):
    """A Python environment: its folder, the installation behind it, version and packages.

    A `bare` one is an installation of which only the standard library is to be seen: what happens
    to be installed into it is no business of an image.
    """

    program: Path
    folder: Path
    base: Path
    version: str
    packages: tuple[str, ...]
    bare: bool = False

    def enter(self, folder: Path) -> None:
        """Makes `folder` the way in to a bare one: an environment of its own, without packages."""
        (folder / "bin").mkdir()
        for name in ("python", "python3"):
            (folder / "bin" / name).symlink_to(self.program)
        (folder / "pyvenv.cfg").write_text(
            f"home = {self.program.parent}\ninclude-system-site-packages = false\n"
        )


def find(named: Path | None) -> Python:
    """The runtime that was named, else LANDED_RUNTIME, else the bare Python behind landed's own.

    Raises UsageError where the named one is no Python environment.
    """
    from_environment = os.environ.get("LANDED_RUNTIME")
    folder = named or (Path(from_environment) if from_environment else None)
    bare = folder is None
    if folder is None:
        program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        folder = program.parent.parent
    else:
        program = folder.absolute() / "bin" / "python"
    if not program.exists():
        raise UsageError(
            f"{folder} is no Python environment",
            "make one: python -m venv FOLDER; or set `runtime`",
        )
    try:
        done = subprocess.run(
            [program, "-I", "-c", _ASK], capture_output=True, timeout=SECONDS, check=True
        )
        base, version, packages = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        raise ProviderError(f"{program} does not run: {error}", "make the runtime again") from error
    return Python(
        program=program,
        folder=folder.absolute(),
        base=Path(base).resolve(),
        version=version,
        packages=() if bare else tuple(packages),
        bare=bare,
    )
