"""Archives in an image from which code is loaded as they are, opened as if they were folders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from landed.content.zipped import Zipped
from landed.core.errors import DataError
from landed.core.probe import File, ImageContent, Layer


class Opened:
    """An image with the files of some of its archives, at the paths that Python gives them."""

    def __init__(self, image: ImageContent, archives: Mapping[str, Zipped]) -> None:
        self._image, self._archives = image, archives
        self.labels, self.start = image.labels, image.start
        self.files: Mapping[str, File] = {
            **image.files,
            **{f"{at}/{path}": f for at, one in archives.items() for path, f in one.files.items()},
        }

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of some files."""
        wanted = list(paths)
        found: dict[str, bytes | None] = {}
        for at, one in self._archives.items():
            mine = [path for path in wanted if path.startswith(f"{at}/")]
            theirs = one.read(path[len(at) + 1 :] for path in mine) if mine else {}
            found |= {path: theirs[path[len(at) + 1 :]] for path in mine}
        return {**self._image.read(path for path in wanted if path not in found), **found}

    def layer(self, path: str) -> Layer | None:
        """The layer of a file, or of the archive that it is in."""
        holder = next((at for at in self._archives if path.startswith(f"{at}/")), path)
        return self._image.layer(holder)


def opened(image: ImageContent, archives: Collection[str], object_format: str) -> ImageContent:
    """The image with these archives open. One that is damaged stays closed: nothing loads it."""
    found = {}
    for at, data in image.read(archives).items() if archives else ():
        try:
            found[at] = Zipped(data or b"", object_format)
        except DataError:
            continue
    return Opened(image, found) if found else image


def archives_of(loaded: Iterable[str], files: Collection[str]) -> set[str]:
    """The archives of an image that something was loaded from: files with a path below them."""
    found = set()
    for path in loaded:
        head = path
        while path not in files and (head := head.rpartition("/")[0]):
            if head in files:
                found.add(head)
                break
    return found
