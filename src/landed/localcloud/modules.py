"""Where the Python modules of an execution came from: its image, the runtime, or elsewhere."""

from __future__ import annotations

import json
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from landed.localcloud.isolation import INSIDE, Rooms
from landed.localcloud.mounts import OWN
from landed.localcloud.records import Modules
from landed.localcloud.runtime import Python

MAX_BYTES, MAX_FILES = 16 << 20, 1000
_SYSTEM = ("/usr/lib/python", "/usr/local/lib/python", "/usr/lib64/python", "/lib/python")


def of_modules(rooms: Rooms, python: Python, root: str, files: Iterable[str]) -> Modules | None:
    """What all of its Python processes said at their end; None where none did. `root` is where the
    image's `/` was seen, empty for `/` itself.
    """
    found = list(_said(rooms.out))
    if not found:
        return None
    # Where the image's `/` is the real one, mounts lie over some of its folders.
    inside = {path for path in files if root or path.partition("/")[0] not in OWN}
    # With bwrap the recorder is seen in one place, without it in the other.
    own = {f"{INSIDE}/sitecustomize.py", str(rooms.inside / "sitecustomize.py")}
    installed = (f"{python.folder}/", f"{python.base}/", *_SYSTEM)
    kinds: dict[tuple[str, str], str] = {}
    loaded: set[str] = set()
    for name, origin in sorted({pair for origins in found for pair in origins.items()}):
        if origin in own:
            continue
        tidy = posixpath.normpath(origin)
        path = tidy.removeprefix(root).lstrip("/") if tidy.startswith(f"{root}/") else ""
        if path and _holds(inside, path):
            kinds[name, origin] = "image"
            loaded.add(path)
        else:
            kinds[name, origin] = "runtime" if tidy.startswith(installed) else "foreign"
    return Modules(
        image=list(kinds.values()).count("image"),
        runtime=list(kinds.values()).count("runtime"),
        foreign=tuple(f"{name} ({at})" for (name, at), kind in kinds.items() if kind == "foreign"),
        loaded=tuple(sorted(loaded)),
    )


def _holds(files: set[str], path: str) -> bool:
    """Whether the image has the file, or an archive that the module was loaded from."""
    while path:
        if path in files:
            return True
        path = posixpath.dirname(path)
    return False


def _said(folder: Path) -> Iterator[dict[str, str]]:
    """The lists that were written. The program may have written there as well: nothing is trusted,
    and what is no list is passed over.
    """
    for place in sorted(folder.glob("modules-*.json"))[:MAX_FILES]:
        try:
            file = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with os.fdopen(file, "rb") as opened:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                continue
            data = opened.read(MAX_BYTES)
        with suppress(msgspec.ValidationError, ValueError, RecursionError):
            yield msgspec.convert(json.loads(data), dict[str, str])
