"""Names of images, read the way docker reads them."""

from __future__ import annotations

import re

from landed.core.errors import UsageError
from landed.core.model import Frozen

HUB = "docker.io"
"""The host that a name without one belongs to."""
LATEST = "latest"
PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
"""What stands between two slashes of a repository's name."""
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:]+\])(?::(?P<port>\d{{1,5}}))?")
_REPOSITORY = re.compile(rf"{PART}(?:/{PART})*")
_LONGEST = 255
_HUB_TOO = frozenset({HUB, "index.docker.io", "registry-1.docker.io"})


class Reference(Frozen):
    """An image at a registry. `tag`, `digest` or both are set; where both are, the digest counts.

    `host` is in small letters and has a port where one was given.
    """

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def wanted(self) -> str:
        """What a registry is asked for: the digest, else the tag."""
        return self.digest or self.tag or LATEST

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.host}/{self.repository}{tag}{digest}"


def split(text: str) -> tuple[str, str | None, str | None]:
    """A name, its tag and its digest, unjudged; None for what was not given."""
    rest, at, digest = text.partition("@")
    head, colon, tag = rest.rpartition(":")
    # A colon before a slash belongs to the host's port.
    name, found = (head, tag) if colon and "/" not in tag else (rest, None)
    return name, found, digest if at else None


def parse(text: str) -> Reference:
    """Reads `[HOST[:PORT]/]REPOSITORY[:TAG][@sha256:…]`. Raises UsageError for anything else."""
    name, tag, digest = split(text)
    host, repository = _placed(name)
    port = _HOST.fullmatch(host)
    valid = (
        port
        and 0 < int(port["port"] or 443) < 1 << 16
        and _REPOSITORY.fullmatch(repository)
        and len(repository) <= _LONGEST
        and (tag is None or TAG.fullmatch(tag))
        and (digest is None or DIGEST.fullmatch(digest))
    )
    if not valid:
        raise UsageError(f"`{text[:300]}` names no image", _hint(text, repository))
    if tag is None and digest is None:
        tag = LATEST
    return Reference(host=host, repository=repository, tag=tag, digest=digest)


def _placed(name: str) -> tuple[str, str]:
    """The host and the repository: a first part with a dot or a port is a host, as is localhost."""
    first, slash, rest = name.partition("/")
    is_host = slash and (first.lower() == "localhost" or "." in first or ":" in first)
    host, repository = (first.lower(), rest) if is_host else (HUB, name)
    if host in _HUB_TOO:
        return HUB, repository if "/" in repository else f"library/{repository}"
    return host, repository


def _hint(text: str, repository: str) -> str:
    if "://" in text:
        return "leave out what stands before `://`: HOST/REPOSITORY:TAG"
    if repository != repository.lower():
        return f"a repository's name is in small letters: {repository.lower()[:300]}"
    return "[HOST[:PORT]/]REPOSITORY[:TAG][@sha256:<64 hex>]"
