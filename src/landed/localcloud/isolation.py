"""How an execution is started: alone with its image where `bwrap` can, else said not to be."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from landed.core.model import Frozen
from landed.localcloud.runtime import Python

ISOLATED, NOT_ISOLATED = "bwrap", "not isolated"
INSIDE, OUT = "/run/landed", "/run/landed-out"
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64")
_ETC = ("ssl", "ld.so.cache", "resolv.conf", "hosts", "nsswitch.conf", "passwd", "localtime")


class Start(Frozen):
    """A command with its environment and folder; `root` is where the image's `/` is seen from
    inside, empty where it really is `/`.
    """

    command: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    isolation: str
    root: str


class Rooms(Frozen):
    """The folders that an execution gets: image, data, our module recorder, and its answer."""

    image: Path
    data: Path
    inside: Path
    out: Path


@cache
def bwrap() -> str | None:
    """The path of a `bwrap` that works here, None where there is none."""
    program = shutil.which("bwrap")
    if program is None or os.environ.get("LANDED_ISOLATION") == "none":
        return None
    probe = [
        program,
        "--unshare-pid",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "true",
    ]
    try:
        done = subprocess.run(probe, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return None if done.returncode else program


def start(
    argv: tuple[str, ...], env: dict[str, str], workdir: str, rooms: Rooms, python: Python
) -> Start:
    """The command that runs `argv` of an image in these rooms."""
    program = bwrap()
    path = f"{python.folder}/bin:/usr/local/bin:/usr/bin:/bin"
    search = [p for p in env.get("PYTHONPATH", "").split(":") if p]
    if program is None:
        return _beside(argv, {**env, "PATH": path}, workdir, rooms, search)
    inner = {
        **env,
        "PATH": path,
        "DATA_DIR": "/data",
        "PYTHONPATH": ":".join([INSIDE, *search]),
        "LANDED_MODULES": f"{OUT}/modules.json",
    }
    words = [
        program, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
        "--new-session", "--clearenv", *_mounts(rooms, python),
    ]  # fmt: skip
    for name, value in inner.items():
        words += ["--setenv", name, value]
    words += ["--chdir", workdir or "/", "--", *argv]
    return Start(command=tuple(words), env={}, cwd=rooms.image, isolation=ISOLATED, root="")


def _beside(
    argv: tuple[str, ...], env: dict[str, str], workdir: str, rooms: Rooms, search: list[str]
) -> Start:
    """Without isolation: absolute paths of the image are turned into paths of its folder."""
    root = str(rooms.image)

    def here(path: str) -> str:
        return root + path if path.startswith("/") and Path(root + path).exists() else path

    inner = {
        **{name: here(value) for name, value in env.items()},
        "DATA_DIR": str(rooms.data),
        "PYTHONPATH": ":".join([str(rooms.inside), *map(here, search)]),
        "LANDED_MODULES": str(rooms.out / "modules.json"),
    }
    cwd = Path(root + (workdir or "/"))
    return Start(
        command=tuple(here(word) for word in argv),
        env=inner,
        cwd=cwd if cwd.is_dir() else rooms.image,
        isolation=NOT_ISOLATED,
        root=root,
    )


def _mounts(rooms: Rooms, python: Python) -> list[str]:
    whole = any((rooms.image / name).exists() for name in ("lib", "lib64", "usr/lib"))
    words: list[str] = []
    tops = {entry.name for entry in rooms.image.iterdir()}
    if not whole:
        for name in _SYSTEM:
            host, image = Path("/", name), rooms.image / name
            if name in tops:
                words += _merged(host, image, f"/{name}")
                tops.discard(name)
            elif host.is_symlink():
                words += ["--symlink", str(host.readlink()), f"/{name}"]
            elif host.is_dir():
                words += ["--ro-bind", str(host), f"/{name}"]
        if "etc" not in tops:
            for name in _ETC:
                words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in sorted(tops - {"proc", "dev", "tmp", "data", "run"}):
        words += _bound(rooms.image / name, f"/{name}")
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - of its own
    for folder in dict.fromkeys((python.base, python.folder)):
        if not folder.is_relative_to("/usr"):
            words += ["--ro-bind", str(folder), str(folder)]
    words += ["--bind", str(rooms.data), "/data"]
    return [*words, "--ro-bind", str(rooms.inside), INSIDE, "--bind", str(rooms.out), OUT]


def _bound(place: Path, target: str) -> list[str]:
    if place.is_symlink():
        return ["--symlink", str(place.readlink()), target]
    return ["--ro-bind", str(place), target]


def _merged(host: Path, image: Path, target: str) -> list[str]:
    """A folder of the machine with one of the image laid over it; the image wins."""
    if image.is_symlink() or not image.is_dir() or host.is_symlink() or not host.is_dir():
        return _bound(image, target)
    words = ["--dir", target]
    for name in sorted({e.name for e in image.iterdir()} | {e.name for e in host.iterdir()}):
        if not (image / name).exists() and not (image / name).is_symlink():
            words += _bound(host / name, f"{target}/{name}")
        elif (host / name).exists():
            words += _merged(host / name, image / name, f"{target}/{name}")
        else:
            words += _bound(image / name, f"{target}/{name}")
    return words
