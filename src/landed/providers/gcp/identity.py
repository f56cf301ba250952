"""Whether an answer is about what was asked for. One that names another project, build, job or
image comes from a proxy or an endpoint that is not what it seems, and never counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from landed.core.errors import DataError
from landed.http.failures import plain
from landed.providers.gcp.failures import Need, no_answer
from landed.providers.gcp.place import Place


class Resource(Protocol):
    """An answer that names what it is."""

    @property
    def name(self) -> str:
        """Its whole name, from its project on."""


def named(need: Need, what: str, place: Place, said: str, *parts: str) -> None:
    """Raises DataError unless `said` is the resource of this project with these parts."""
    begun, _, rest = said.partition("/")
    project, _, own = rest.partition("/")
    if begun != "projects" or not _is_project(project, place) or own != "/".join(parts):
        raise other(need, what, said)


def below(need: Need, what: str, place: Place, found: Iterable[Resource], *parts: str) -> None:
    """Raises DataError unless all of these lie directly below the resource with these parts."""
    for one in found:
        named(need, what, place, one.name, *parts, one.name.rpartition("/")[2])


def other(need: Need, what: str, said: str) -> DataError:
    """What says that an answer is about something else."""
    return no_answer(need, what, f"it is about `{plain(said)}`")


def _is_project(said: str, place: Place) -> bool:
    """Google writes a project by its id or by its number; which number is ours nobody here knows,
    and what stands behind it is held against ours all the same.
    """
    return said == place.project or (said.isascii() and said.isdigit())
