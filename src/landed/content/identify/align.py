"""Where files lie in a repository's tree: a vote of the files that say something.

A file at `srv/web/models/user.py` whose content the tree has at `backend/models/user.py` votes
for the longest common end: `srv/web` is `backend`. Several placements may hold at once, and one
folder may have been filled from several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from landed.content.identify.sought import Sought
from landed.core.model import Frozen

MOST = 12
FEW = 3
"""A placement away from the others needs so many files: two equal files may be chance."""
_SHARE = 0.3
_PART_OF_MAIN = 0.02


class Placement(Frozen):
    """The image's folder `image_path` holds what the tree has below `tree_path`; "" is a root."""

    image_path: bytes
    tree_path: bytes

    def in_tree(self, path: bytes) -> bytes | None:
        """Where the tree has a file of the image; None for one that lies elsewhere."""
        return _moved(path, self.image_path, self.tree_path)

    def in_image(self, path: bytes) -> bytes | None:
        """Where the image has a file of the tree; None for one that lies elsewhere."""
        return _moved(path, self.tree_path, self.image_path)


def _moved(path: bytes, old: bytes, new: bytes) -> bytes | None:
    if old:
        if not path.startswith(old + b"/"):
            return None
        path = path[len(old) + 1 :]
    return new + b"/" + path if new else path


def voted(in_image: bytes, in_tree: bytes) -> Placement | None:
    """What a file votes for; None where even its name is another."""
    image, tree = in_image.split(b"/"), in_tree.split(b"/")
    same, most = 0, min(len(image), len(tree))
    while same < most and image[-1 - same] == tree[-1 - same]:
        same += 1
    if not same:
        return None
    return Placement(
        image_path=b"/".join(image[: len(image) - same]),
        tree_path=b"/".join(tree[: len(tree) - same]),
    )


def votes(found: Iterable[tuple[int, bytes, bytes]]) -> dict[Placement, set[int]]:
    """The files (by number) for each placement, from files, their paths, and paths in the tree."""
    cast: dict[Placement, set[int]] = defaultdict(set)
    for file, in_image, in_tree in found:
        placement = voted(in_image, in_tree)
        if placement is not None:
            cast[placement].add(file)
    return cast


def chosen(
    cast: Mapping[Placement, set[int]], sought: Sought, weight: float = 1
) -> dict[Placement, set[int]]:
    """The placements that explain the files, the one that explains most first; and the files.

    Each file counts for one. One that lies apart from those before it has to explain a good part
    of its own folder, so that a library which two projects share is no placement. A vote stands
    for `weight` files, where not all were asked.
    """
    left = {placement: set(files) for placement, files in cast.items()}
    taken: dict[Placement, set[int]] = {}
    main = 0.0
    while left and len(taken) < MOST:
        best = max(left, key=lambda p: (len(left[p]), -len(p.image_path), -len(p.tree_path)))
        files = left.pop(best)
        if not files:
            break
        if _fits(best, len(files) * weight, taken, main, sought):
            main = main or len(files) * weight
            taken[_narrowed(best, files, sought)] = files
            for others in left.values():
                others.difference_update(files)
    return taken


def _fits(
    placement: Placement, files: float, taken: Iterable[Placement], main: float, sought: Sought
) -> bool:
    if not main:
        return True
    if any(_outer(placement, other) for other in taken):
        return True
    share = files / max(len(sought.below(placement.image_path)), 1)
    return files >= max(FEW, main * _PART_OF_MAIN) and share >= _SHARE


def _outer(placement: Placement, other: Placement) -> bool:
    """Whether it is another's folder, or one around it, on both sides: a few files beside a copied
    folder, as a list of requirements is. A folder further in would have to show more: a tree has
    many files twice.
    """
    return _inside(other.image_path, placement.image_path) and _inside(
        other.tree_path, placement.tree_path
    )


def _narrowed(placement: Placement, files: set[int], sought: Sought) -> Placement:
    """The same, without a whole system's root: `/` is no copy of the repository where all that it
    has of it lies in one folder, which has the same name there.
    """
    paths = [sought.paths[file] for file in files]
    while not placement.image_path and len(files) * 2 < len(sought.paths):
        tops = {path.partition(b"/")[0] if b"/" in path else b"" for path in paths}
        if len(tops) != 1 or b"" in tops:
            break
        top = tops.pop()
        tree = placement.tree_path
        placement = Placement(image_path=top, tree_path=tree + b"/" + top if tree else top)
    return placement


def _inside(inner: bytes, outer: bytes) -> bool:
    return not outer or inner == outer or inner.startswith(outer + b"/")
