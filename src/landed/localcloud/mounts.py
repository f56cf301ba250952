"""What an isolated execution sees: its image, over the machine's programs or instead of them."""

from __future__ import annotations

from pathlib import Path

from landed.core.model import Frozen
from landed.localcloud.runtime import Python

INSIDE, OUT = "/run/landed", "/run/landed-out"
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64")
_ETC = ("ssl", "ld.so.cache", "resolv.conf", "hosts", "nsswitch.conf", "passwd", "localtime")
OWN = ("proc", "dev", "data")
"""What an execution has in place of the image's folders of these names."""
_SHELLS = ("bin/sh", "usr/bin/sh", "bin/busybox")


class Rooms(Frozen):
    """The folders that an execution gets: image, data, our module recorder, and its answer."""

    image: Path
    data: Path
    inside: Path
    out: Path


class Mounts:
    """The mounts as words for `bwrap`. An image without a shell of its own is laid over the
    machine's system folders; one with a shell is a `whole` system, and stands alone.
    """

    def __init__(self, rooms: Rooms, python: Python, workdir: str) -> None:
        self._image = rooms.image
        self.whole = any(_there(rooms.image / name) for name in _SHELLS)
        folders = dict.fromkeys((python.base, python.folder))
        runtime = [str(one) for one in folders if not one.is_relative_to("/usr")]
        # Where something is mounted or made below, a folder cannot be bound as it is.
        self._below = [*runtime, INSIDE, OUT, f"{workdir}/", "/tmp/", "/etc/"]  # noqa: S108 - of its own
        self._runtime = set(runtime)
        self.words: list[str] = ["--tmpfs", "/tmp"]  # noqa: S108 - likewise
        self._system()
        self.words += ["--dir", workdir, "--proc", "/proc", "--dev", "/dev"]
        self.words += ["--bind", str(rooms.data), "/data"]
        for folder in runtime:
            self.words += ["--ro-bind", folder, folder]
        self.words += ["--ro-bind", str(rooms.inside), INSIDE, "--bind", str(rooms.out), OUT]

    def _system(self) -> None:
        machine = () if self.whole else _SYSTEM
        for name in machine:
            own, host = self._image / name, Path("/", name)
            self._put(f"/{name}", own, host.resolve() if _there(own) else host)
        for place in sorted(self._image.iterdir()):
            if place.name not in (*OWN, *machine):
                self._put(f"/{place.name}", place)
        for name in () if self.whole else _ETC:
            if not _there(self._image / "etc" / name):
                self._put(f"/etc/{name}", Path("/etc", name).resolve())

    def _put(self, target: str, *places: Path) -> None:
        """Puts the first that is there at `target`; folders of which there are two are merged."""
        found = [place for place in places if _there(place)]
        if not found or target in self._runtime:
            return
        first = found[0]
        if first.is_symlink():
            self.words += ["--symlink", str(first.readlink()), target]
            return
        folders = [place for place in found if place.is_dir() and not place.is_symlink()]
        opened = any(below.startswith(f"{target}/") for below in self._below)
        if not first.is_dir() or (len(folders) == 1 and not opened):
            self.words += ["--ro-bind", str(first), target]
            return
        self.words += ["--dir", target]
        for name in sorted({entry.name for folder in folders for entry in folder.iterdir()}):
            self._put(f"{target}/{name}", *(folder / name for folder in folders))


def _there(place: Path) -> bool:
    return place.exists() or place.is_symlink()
