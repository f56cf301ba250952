"""Where programs look for code in an image, and by which trailing path they know a file of it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator

from landed.core.model import Frozen
from landed.core.probe import Start

_PYTHON = frozenset({"site-packages", "dist-packages"})
_NODE = "node_modules"
_INSTALLED = _PYTHON | {_NODE}
_SEARCHED = re.compile(r"(?:PYTHON|NODE_|CLASS)PATH=(.*)", re.DOTALL)
_SOURCE_ROOTS = ("src", "lib", "python")
_MODULE_FOLLOWS = frozenset({"-m", "-A", "--app"})
"""Options of python, celery and flask: what follows names a module and no folder."""
_ARCHIVES = (".zip", ".whl", ".egg", ".pyz")


class Stands(Frozen):
    """A file below a folder from which programs find it: `tail` is its path from there, and
    `package` what is loaded as one with it.
    """

    root: str
    tail: str

    @property
    def path(self) -> str:
        """Its whole path."""
        return f"{self.root}/{self.tail}" if self.root else self.tail

    @property
    def package(self) -> str:
        """The topmost folder below the root, or the file itself."""
        first = self.tail.partition("/")[0]
        return f"{self.root}/{first}" if self.root else first


def installed(path: str) -> bool:
    """Whether it is a folder that installers put packages into, or lies below one."""
    return not _INSTALLED.isdisjoint(path.split("/"))


def above(file: Stands) -> list[str]:
    """The folders that it lies in, the innermost first and its root last."""
    found = [posixpath.dirname(file.path)]
    while len(found[-1]) > len(file.root):
        found.append(posixpath.dirname(found[-1]))
    return found


class SearchPath:
    """The folders (and archives) in which what an image starts looks for code, as far as its
    configuration names them.
    """

    def __init__(self, start: Start) -> None:
        workdir = start.working_dir or "/"
        words = [word for text in start.command for word in re.split(r"[\s;&|=]+", text)]
        modules = {at + 1 for at, word in enumerate(words) if word in _MODULE_FOLLOWS}
        words = [word for at, word in enumerate(words) if at not in modules]
        named = [
            folder
            for pair in start.env
            if (said := _SEARCHED.fullmatch(pair))
            for folder in said[1].split(":")
        ]
        places = [_tidy(workdir, word) for word in (*words, *named) if word]
        self._folders = {_tidy("/", workdir), *places, *map(posixpath.dirname, places)}

    def leads_to(self, root: str, name: str = "") -> bool:
        """Whether it is one of them, or a folder of installed packages: of Node's, the one that
        has this name.
        """
        if _NODE in root.split("/"):
            return bool(name) and root.endswith(f"{_NODE}/{name}")
        return root in self._folders or root.rpartition("/")[2] in _PYTHON

    @property
    def folders(self) -> Collection[str]:
        """Those that the configuration names."""
        return self._folders

    def archives(self, files: Collection[str]) -> list[str]:
        """The archives among them that the image has."""
        return [path for path in self._folders if path.endswith(_ARCHIVES) and path in files]


def known_as(place: str, origin: str, files: Collection[str]) -> Iterator[tuple[Stands, str]]:
    """How programs know the file at `place`, which is `origin` in its source, and the trailing path
    that it has elsewhere; the likeliest first: from above its topmost package, from its Node
    package, and as the source has it, whatever it was renamed to.
    """
    top, folder = "", posixpath.dirname(place)
    while folder and f"{folder}/__init__.py" in files:
        top, folder = folder, posixpath.dirname(folder)
    if top:
        yield (one := _below(posixpath.dirname(top), place)), one.tail
    node = posixpath.dirname(place)
    while node and f"{node}/package.json" not in files:
        node = posixpath.dirname(node)
    if node:
        yield (one := _below(node, place)), one.tail
    first, _, rest = origin.partition("/")
    for tail in (rest if first in _SOURCE_ROOTS else "", origin):
        as_it_is = place == tail or place.endswith(f"/{tail}")
        if tail:
            root = place[: -len(tail)].rstrip("/") if as_it_is else posixpath.dirname(place)
            yield _below(root, place), tail


def node_name(package_json: bytes | None) -> str:
    """The name that a Node package gives itself, empty where it has none."""
    try:
        said = json.loads(package_json or b"{}")
    except (ValueError, RecursionError):
        return ""
    name = said.get("name") if isinstance(said, dict) else None
    return name if isinstance(name, str) else ""


def shared(one: str, other: str) -> str:
    """The trailing path that two paths have in common."""
    parts: list[str] = []
    for mine, its in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if mine != its:
            break
        parts.append(mine)
    return "/".join(reversed(parts))


def _below(root: str, place: str) -> Stands:
    return Stands(root=root, tail=place[len(root) :].lstrip("/"))


def _tidy(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, path)).strip("/")
