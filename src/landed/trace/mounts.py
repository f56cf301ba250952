"""Which files of an image lie below a volume, however its folder is spelled."""

from __future__ import annotations

import os
from collections.abc import Iterable

from landed.core.probe import SYMLINK, Content

_HOPS = 40
"""As many links as the kernel follows."""


def below(mounts: Iterable[str], image: Content) -> tuple[str, ...]:
    """The image's own files that volumes over these folders cover, in order."""
    over = {real(mount, image) for mount in mounts}
    return tuple(
        path
        for path in sorted(image.files)
        if any(not folder or path == folder or path.startswith(f"{folder}/") for folder in over)
    )


def real(mount: str, image: Content) -> str:
    """The folder that is meant, without a leading slash and through the image's own links; the
    root, which covers everything, for links without an end.
    """
    left, done, hops = mount.split("/")[::-1], list[str](), 0
    while left:
        part = left.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            del done[-1:]
            continue
        path = "/".join([*done, part])
        file = image.files.get(path)
        if file is None or file.mode != SYMLINK:
            done.append(part)
            continue
        target, hops = os.fsdecode(image.read([path])[path] or b"/"), hops + 1
        if hops > _HOPS:
            return ""
        if target.startswith("/"):
            done.clear()
        left += target.split("/")[::-1]
    return "/".join(done)
