"""Which commit has the content that a file has, where its own commit has another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from landed.content.having import holders
from landed.core.probe import Content
from landed.core.seen import (
    Difference,
    DifferenceKind,
)
from landed.trace.project import Project

_HERE = (DifferenceKind.CHANGED, DifferenceKind.NEVER_COMMITTED)


def with_holders(
    project: Project,
    content: Content,
    differences: Iterable[Difference],
    origin: Callable[[str], str | None],
) -> list[Difference]:
    """Names the commit that has a file's very content, where one does: then it is not a file that
    nobody committed, but one of another commit.

    `origin` is the path of the repository that a path of `content` comes from, None for one that
    comes from none.
    """
    found = list(differences)
    origins = {d.path: path for d in found if d.kind in _HERE and (path := origin(d.path))}
    known = holders(
        project.repository, {path: content.files[d].blob for d, path in origins.items()}
    )

    def named(difference: Difference) -> Difference:
        holder = known.get(origins.get(difference.path, ""))
        if holder is None:
            return difference
        return replace(difference, kind=DifferenceKind.CHANGED, has_it=holder)

    return [named(difference) for difference in found]
