"""How an execution is started: alone with its image where `bwrap` can, else said not to be."""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from landed.core.model import Frozen
from landed.localcloud.mounts import INSIDE, OUT, Mounts, Rooms
from landed.localcloud.runtime import Python

ISOLATED, NOT_ISOLATED = "bwrap", "not isolated"
_LEASH = Path(__file__).parent / "inside" / "leash.py"


class Start(Frozen):
    """A command with its environment and folder; `root` is where the image's `/` is seen from
    inside, empty where it really is `/`.
    """

    command: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    isolation: str
    root: str


def bwrap() -> str | None:
    """The path of a `bwrap` that works here, None where there is none, or none is wanted."""
    return None if os.environ.get("LANDED_ISOLATION") == "none" else _working()


@cache
def _working() -> str | None:
    program = shutil.which("bwrap")
    if program is None:
        return None
    probe = [program, "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    try:
        done = subprocess.run([*probe, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return None if done.returncode else program


def start(
    argv: tuple[str, ...], env: dict[str, str], workdir: str, rooms: Rooms, python: Python
) -> Start:
    """The command that runs `argv` of an image in these rooms."""
    program = bwrap()
    if program is None:
        return _beside(argv, env, workdir, rooms, python)
    workdir = posixpath.normpath(f"/{workdir}").replace("//", "/")
    mounts = Mounts(rooms, python, workdir)
    inner = {
        **env,
        "PATH": _path(env, python, INSIDE, own_first=mounts.whole),
        "DATA_DIR": "/data",
        "PYTHONPATH": ":".join([INSIDE, *_search(env)]),
        "LANDED_MODULES": OUT,
    }
    words = [
        program, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
        "--new-session", "--clearenv", "--cap-drop", "ALL", *mounts.words,
    ]  # fmt: skip
    for name, value in inner.items():
        words += ["--setenv", name, value]
    words += ["--chdir", workdir, "--", *argv]
    return Start(command=tuple(words), env={}, cwd=rooms.image, isolation=ISOLATED, root="")


def _beside(
    argv: tuple[str, ...], env: dict[str, str], workdir: str, rooms: Rooms, python: Python
) -> Start:
    """Without isolation: absolute paths of the image are turned into paths of its folder."""
    root = str(rooms.image)

    def here(path: str) -> str:
        return root + path if path.startswith("/") and Path(root + path).exists() else path

    inner = {
        **{name: here(value) for name, value in env.items()},
        "PATH": ":".join(map(here, _path(env, python, str(rooms.inside)).split(":"))),
        "DATA_DIR": str(rooms.data),
        "PYTHONPATH": ":".join([str(rooms.inside), *map(here, _search(env))]),
        "LANDED_MODULES": str(rooms.out),
    }
    cwd = Path(root + posixpath.normpath(f"/{workdir}"))
    if cwd.resolve().is_relative_to(rooms.image.resolve()):
        # WORKDIR makes its folder; where nothing was copied into it, no layer has it.
        with suppress(FileExistsError, NotADirectoryError):
            cwd.mkdir(parents=True)
    return Start(
        command=(sys.executable, "-I", "-S", str(_LEASH), *map(here, argv)),
        env=inner,
        cwd=cwd if cwd.is_dir() else rooms.image,
        isolation=NOT_ISOLATED,
        root=root,
    )


def _search(env: dict[str, str]) -> list[str]:
    return [path for path in env.get("PYTHONPATH", "").split(":") if path]


def _path(env: dict[str, str], python: Python, inside: str, *, own_first: bool = False) -> str:
    """Where programs are looked for: the runtime stands in for the image's Python, unless the
    image is a whole system of its own.
    """
    own = [path for path in env.get("PATH", "").split(":") if path]
    usual = ["/usr/local/bin", "/usr/bin", "/bin"]
    runtime = [f"{inside if python.bare else python.folder}/bin"]
    ordered = [*own, *usual, *runtime] if own_first else [*runtime, *own, *usual]
    return ":".join(dict.fromkeys(ordered))


__all__ = ["INSIDE", "ISOLATED", "NOT_ISOLATED", "OUT", "Rooms", "Start", "bwrap", "start"]
