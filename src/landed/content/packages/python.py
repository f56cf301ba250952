"""Python packages: what a requirements file, a pyproject.toml or a lock asks for, and what lies in
an image. What is asked for under a condition (a marker, an extra, an address) is left out.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.parser import BytesHeaderParser
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from landed.core.model import Frozen

LARGEST = 1 << 20
"""Bytes of a requirements file; of a lock four times that."""
MAX_LINES = 20_000
MAX_FILES = 20
NEVER_LOCKED = frozenset({"pip", "setuptools", "distribute", "wheel"})
"""What tools that lock leave out."""
_OPTION = re.compile(r"(?:-r\s*|--requirement[= ]\s*)(?P<file>\S+)$")
_INSTALLED = re.compile(
    r"(?s)(?P<site>(?:.*/)?)(?P<name>[^/-]+)-(?P<version>[^/-]+)"
    r"(?:\.dist-info/METADATA|(?:-py[\d.]+)?\.egg-info(?:/PKG-INFO)?)"
)
_RECORDS = (".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info")
"""What pip writes; what Debian's packages and older pips have."""
Read = Callable[[str], bytes | None]


class Asked(Frozen):
    """What files ask for: the versions that fit, by name. `open` are names that are also asked for
    in a way that nobody can tell from the files alone.
    """

    wanted: Mapping[str, str]
    open: frozenset[str]


class Installed(Frozen):
    """A package that lies in an image, in the folder `site`; its record is `path`."""

    name: str
    version: str
    site: str
    path: str


def requirements(path: str, read: Read) -> Asked:
    """What a requirements file asks for, with those that it names by `-r`."""
    wanted: dict[str, str] = {}
    unsure: set[str] = set()
    for line in _lines(path, read, set()):
        _take(line, wanted, unsure)
    return Asked(wanted=wanted, open=frozenset(unsure))


def project(text: bytes | None) -> tuple[Asked, str]:
    """What a pyproject.toml asks for without conditions, and the project's own name. Versions in
    poetry's own notation count as any.
    """
    data = _toml(text)
    wanted: dict[str, str] = {}
    unsure: set[str] = set()
    own = _table(data, "project")
    asked = own.get("dependencies")
    for line in asked if isinstance(asked, list) else ():
        _take(str(line), wanted, unsure)
    poetry = _table(data, "tool", "poetry")
    for name, how in _table(poetry, "dependencies").items():
        plain = canonicalize_name(name)
        if plain != "python" and isinstance(how, str):
            wanted.setdefault(plain, "")
        elif plain != "python":
            unsure.add(plain)
    uv = _table(data, "tool", "uv")
    overrides = uv.get("override-dependencies")
    for line in overrides if isinstance(overrides, list) else ():
        _take(str(line), {}, unsure, also=True)
    unsure |= {canonicalize_name(name) for name in _table(uv, "sources")}
    name = own.get("name") or poetry.get("name") or ""
    return Asked(wanted=wanted, open=frozenset(unsure)), canonicalize_name(str(name))


def locked(text: bytes | None) -> dict[str, frozenset[str]]:
    """The versions that a uv.lock or a poetry.lock has of each package, by name; none where it
    cannot be read. What comes from elsewhere than an index has no version here.
    """
    found: dict[str, frozenset[str]] = {}
    packages = _toml(text).get("package")
    for one in packages if isinstance(packages, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            continue
        name, version, source = (
            canonicalize_name(one["name"]),
            one.get("version"),
            one.get("source"),
        )
        indexed = not isinstance(source, dict) or "registry" in source or "reference" in source
        versions = {version} if isinstance(version, str) and indexed else {""}
        found[name] = found.get(name, frozenset()) | versions
    return found


def installed(paths: Iterable[str]) -> dict[str, list[Installed]]:
    """The packages that lie in an image, by the names of their records."""
    found: dict[str, list[Installed]] = {}
    for path in paths:
        if path.endswith(_RECORDS) and (said := _INSTALLED.fullmatch(path)):
            name = canonicalize_name(said["name"])
            one = Installed(name=name, version=said["version"], site=said["site"], path=path)
            found.setdefault(name, []).append(one)
    return found


def says(record: bytes | None) -> tuple[str, str]:
    """Name and version as a package's own record has them."""
    headers = BytesHeaderParser().parsebytes((record or b"")[:LARGEST])
    return canonicalize_name(str(headers["Name"] or "")), str(headers["Version"] or "").strip()


def fits(version: str, wanted: str) -> bool | None:
    """Whether a version is one of those that are wanted; None where either is not understood."""
    try:
        return SpecifierSet(wanted).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _lines(path: str, read: Read, seen: set[str]) -> Iterator[str]:
    """The requirements of a file and of those that it names; each file once."""
    data = read(path) if path not in seen and len(seen) < MAX_FILES else None
    seen.add(path)
    if data is None or len(data) > LARGEST:
        return
    text = re.sub(r"\\\r?\n", " ", data.decode("utf-8", "replace"))
    for line in text.splitlines()[:MAX_LINES]:
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if other := _OPTION.match(bare):
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), other["file"]))
            yield from _lines(inner, read, seen)
        elif bare and not bare.startswith("-"):
            yield re.split(r"\s--", bare, maxsplit=1)[0]


def _take(line: str, wanted: dict[str, str], unsure: set[str], *, also: bool = False) -> None:
    """One requirement: into `wanted`, or where it has a condition into `unsure`."""
    try:
        one = Requirement(line)
    except (InvalidRequirement, RecursionError):
        return
    name = canonicalize_name(one.name)
    if also or one.url or one.marker is not None:
        unsure.add(name)
    else:
        wanted[name] = ",".join(part for part in (wanted.get(name), str(one.specifier)) if part)


def _toml(text: bytes | None) -> dict[str, Any]:
    if text is None or len(text) > 4 * LARGEST:
        return {}
    try:
        return tomllib.loads(text.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    found: Any = data
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
