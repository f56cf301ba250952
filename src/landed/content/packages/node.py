"""Packages of npm: what a package-lock.json demands, and what lies in `node_modules`."""

from __future__ import annotations

from typing import Any

import msgspec

from landed.core.model import Frozen, learned

HIDDEN = "node_modules/.package-lock.json"
"""What npm notes of all that it has installed."""
_LARGEST = 32 << 20
_MODULES = "node_modules/"


class _Entry(Frozen, rename="camel"):
    version: str = ""
    dev: bool = False
    optional: bool = False
    dev_optional: bool = False
    peer: bool = False
    link: bool = False
    in_bundle: bool = False
    dependencies: dict[str, Any] = {}


class _Lock(Frozen):
    packages: dict[str, _Entry] = {}


class _Manifest(Frozen):
    version: str = ""
    dependencies: dict[str, Any] = {}


learned(_Lock, _Manifest)


class Lock(Frozen):
    """The versions in a lock by their place (`node_modules/x`): all of them, and those that are
    `wanted` without a condition. `asked` is what it says that package.json asks for.
    """

    all: dict[str, str]
    wanted: dict[str, str]
    asked: dict[str, Any]


def lock(text: bytes | None) -> Lock | None:
    """A package-lock.json, or npm's own note of what it installed; None where it is none, or older
    than npm 7.
    """
    try:
        found = msgspec.json.decode((text or b"")[:_LARGEST], type=_Lock)
    except (msgspec.DecodeError, RecursionError):
        return None
    packages = found.packages
    every = {k: one.version for k, one in packages.items() if k.startswith(_MODULES)}
    wanted = {k: v for k, v in every.items() if v and not _conditional(packages[k])}
    return Lock(all=every, wanted=wanted, asked=packages.get("", _Entry()).dependencies)


def manifest(text: bytes | None) -> tuple[str, dict[str, Any]]:
    """Version and dependencies of a package.json; nothing where it cannot be read."""
    try:
        found = msgspec.json.decode((text or b"")[:_LARGEST], type=_Manifest)
    except (msgspec.DecodeError, RecursionError):
        return "", {}
    return found.version, found.dependencies


def name(place: str) -> str:
    """The package's name at a place of a lock."""
    return place.rpartition(_MODULES)[2]


def _conditional(one: _Entry) -> bool:
    """Whether an install may leave it out: for a machine, for production, or as another's part."""
    return one.dev or one.optional or one.dev_optional or one.peer or one.link or one.in_bundle
