"""An image's files in a folder, made once, and looked at again before each use."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from landed.content.blob import blob_id
from landed.content.image.image import Image
from landed.content.image.stack import ImageFile
from landed.core.errors import DataError
from landed.core.ids import new_id

HASH = "sha256"
"""The object format of the files' ids: they are only compared with each other."""


def laid_out(image: Image, files: Mapping[str, ImageFile], place: Path) -> None:
    """Lays an image out at `place`, unless it lies there already, byte for byte."""
    if place.is_dir():
        if _same(place, files):
            return
        # Something wrote into it since. It stays on the side: executions may still run in it.
        place.rename(place.with_name(new_id("spoilt")))
    beside = place.with_name(new_id("laying-out"))
    try:
        image.lay_out(files, beside)
        beside.rename(place)
    except OSError as error:
        # Another execution of the same image may have been quicker.
        if not place.is_dir():
            raise DataError(
                f"{image.digest} cannot be laid out: {error.strerror or error}",
                "is there room, and may this folder be written to?",
            ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _same(place: Path, files: Mapping[str, ImageFile]) -> bool:
    """Whether the folder holds these files, with these bytes, and no other."""
    there = {
        os.path.relpath(os.path.join(folder, name), place)  # noqa: PTH118 - many files
        for folder, folders, names in os.walk(place)
        for name in [*names, *(n for n in folders if os.path.islink(os.path.join(folder, n)))]  # noqa: PTH114, PTH118 - likewise
    }
    return there == files.keys() and all(
        _holds(place / path, entry) for path, entry in files.items()
    )


def _holds(path: Path, entry: ImageFile) -> bool:
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        target = os.fsencode(path.readlink())
        return entry.file.mode == "120000" and entry.file.blob == blob_id(
            [target], len(target), HASH
        )
    runs = "100755" if about.st_mode & 0o111 else "100644"
    if not stat.S_ISREG(about.st_mode) or (runs, about.st_size) != (entry.file.mode, entry.size):
        return False
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 18), b"")
        return entry.file.blob == blob_id(chunks, entry.size, HASH)
