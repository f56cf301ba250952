"""Which project it is: in a database that serves several, each entry and order says whose it is.

A project is known by its remote and by where its `landed.toml` lies in there: the same on every
machine, however that one reaches the remote. The settings may say another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from landed.config import FILE_NAME, Config
from landed.content.repo import Repository
from landed.core.errors import LandedError, UsageError
from landed.core.model import Frozen

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PORTS = {"ssh": 22, "https": 443, "http": 80, "git": 9418}
_UNKNOWN = "which project of the database this is, nobody can tell"
_SAY = 'say it in landed.toml: [source] project = "NAME"'


class Owner(Frozen):
    """The project that entries and orders belong to, and the folder of its checkout here."""

    id: str
    folder: Path

    def has(self, commits: Iterable[str]) -> bool:
        """Whether one of these commits is in its repository: nothing else has the same id."""
        try:
            with Repository.open(self.folder) as repository:
                asked = {commit for commit in commits if _ID.fullmatch(commit)}
                return bool(asked - repository.missing(asked))
        except LandedError:
            return False


def owner(config: Config) -> Owner:
    """The project of these settings. Raises UsageError where nobody can tell which one it is."""
    if config.settings.source.project:
        return Owner(id=config.settings.source.project, folder=config.base)
    with Repository.open(config.base) as repository:
        remotes, chosen = repository.remotes(), config.settings.source.remote
        root = repository.root
    urls = [remotes[chosen]] if chosen in remotes else list(remotes.values())
    if len(urls) != 1 or root is None:
        which = "it has several remotes" if urls else "it has no remote"
        raise UsageError(f"{_UNKNOWN}: {which}", _SAY)
    place = config.file or root / FILE_NAME
    inside = place.resolve().relative_to(root.resolve()).as_posix()
    try:
        known = address(urls[0], root)
    except ValueError as error:
        # Not in the error's own words, which may hold a part of a password.
        which = "its remote is no address"
        raise UsageError(f"{_UNKNOWN}: {which}", _SAY) from error
    below = inside.removesuffix(FILE_NAME).rstrip("/")
    return Owner(id=known + (f"#{below}" if below else ""), folder=config.base)


def address(url: str, root: Path) -> str:
    """Host and path of a remote: the same for every way to reach it, and without any secret. Raises
    ValueError where it is none.
    """
    scheme, colon, _ = url.partition("://")
    if not colon:
        host, path = _short(url)
        return f"{host}/{path}" if host else str((root / path).resolve())
    parts = urlsplit(url)
    path = unquote(parts.path)
    if scheme == "file":
        return path
    port = parts.port if parts.port != _PORTS.get(scheme) else None
    return f"{parts.hostname or ''}{f':{port}' if port else ''}/{_plain(path)}"


def _short(url: str) -> tuple[str, str]:
    """`git@host:path` as host and path; a path alone is one of this machine."""
    host, colon, path = url.partition(":")
    if not colon or "/" in host:
        return "", url
    return host.rpartition("@")[2].lower(), _plain(path)


def _plain(path: str) -> str:
    return path.strip("/").removesuffix(".git").rstrip("/")
