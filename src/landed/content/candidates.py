"""What of an image may be a copy of a file: found in one pass over all of its names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from landed.content.search_path import Stands, above
from landed.core.model import Frozen
from landed.core.probe import File

EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""The ids of a blob without content."""


class Sought(Frozen):
    """A file of a change. `origin` is its path in the context, `names` are those that it has or had
    in the repository, `places` those in the image; `like` is the file as the change made or left
    it.
    """

    path: str
    origin: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    like: File


class Wanted(Frozen):
    """A file of a change, with what programs know it as, and the trailing paths of that."""

    sought: Sought
    known_as: list[tuple[Stands, str]]


class There:
    """What an image has that may be a copy, in one pass over its files: those with the name of a
    file that is wanted, and what says something in the folders that its package may have.
    """

    def __init__(
        self, files: Mapping[str, File], wanted: list[Wanted], searched: Collection[str]
    ) -> None:
        self._searched = searched
        stands = [one.known_as[0][0] for one in wanted]
        own = {folder for one in stands for folder in above(one)}
        inner = {folder[len(one.root) :].strip("/") for one in stands for folder in above(one)}
        ends = tuple(f"/{folder}" for folder in inner if folder)
        exact = own | inner | set(searched)
        self.folders: dict[str, dict[str, str]] = {}
        self._by_name: dict[str, list[str]] = {
            place.rpartition("/")[2]: [] for one in wanted for place in one.sought.places
        }
        for path, file in files.items():
            cut = path.rfind("/")
            name = path[cut + 1 :]
            if name in self._by_name:
                self._by_name[name].append(path)
            folder = path[: max(cut, 0)]
            if (folder in exact or folder.endswith(ends)) and file.blob not in EMPTY:
                self.folders.setdefault(folder, {})[name] = file.blob

    def named(self, place: str) -> list[str]:
        """The files that are called as this one is."""
        return self._by_name[place.rpartition("/")[2]]

    def likely(self, inner: str, own: str) -> list[str]:
        """The other folders that a package of this path could lie in."""
        if not inner:
            return sorted(one for one in self._searched if one != own and one in self.folders)
        end = f"/{inner}"
        return sorted(
            one for one in self.folders if one != own and (one == inner or one.endswith(end))
        )
