"""What git prints about objects, read into values."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

from landed.core.model import Frozen
from landed.core.probe import File as File  # noqa: PLC0414 - it belongs to this vocabulary

COMMIT_FORMAT = "%H%x00%T%x00%P%x00%at%x00%ct%x00%s%x00%b%x00%(trailers:only,unfold)"


class Commit(Frozen):
    """A commit. `parents` are empty as well where a shallow clone ends."""

    id: str
    tree: str
    parents: tuple[str, ...]
    subject: str
    body: str
    trailers: dict[str, tuple[str, ...]]
    authored_at: datetime
    committed_at: datetime


Changed = tuple[str, File | None, File | None]
"""A path, and the file there before and after a change; None where there is none."""


def commit(printed: bytes) -> Commit:
    """Reads a commit printed in `COMMIT_FORMAT`."""
    fields = printed.decode("utf-8", "surrogateescape").split("\0")
    id_, tree, parents, authored, committed, subject, body, trailers = fields[:8]
    found: dict[str, tuple[str, ...]] = {}
    for line in trailers.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            found[key.strip()] = (*found.get(key.strip(), ()), value.strip())
    return Commit(
        id=id_,
        tree=tree,
        parents=tuple(parents.split()),
        subject=subject,
        body=body.strip(),
        trailers=found,
        authored_at=_moment(authored),
        committed_at=_moment(committed),
    )


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds or "0"), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, tz=UTC)


def tree(printed: bytes) -> dict[str, File]:
    """Reads the answer of `git ls-tree -z`; folders are left out."""
    files: dict[str, File] = {}
    for entry in printed.split(b"\0"):
        about, tab, path = entry.partition(b"\t")
        if tab:
            mode, kind, blob = about.decode().split()
            if kind != "tree":
                files[os.fsdecode(path)] = File(mode=mode, blob=blob)
    return files


def changes(printed: bytes) -> dict[str, list[Changed]]:
    """Reads the answer of `git diff-tree --stdin --raw -r -z`: the changes of each commit."""
    found: dict[str, list[Changed]] = {}
    now: list[Changed] = []
    fields = iter(printed.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            before, after, old, new, _ = field[1:].decode().split()
            path = os.fsdecode(next(fields))
            now.append((path, _file(before, old), _file(after, new)))
        elif field.strip():
            now = found.setdefault(field.strip().decode(), [])
    return found


def _file(mode: str, blob: str) -> File | None:
    return None if mode == "000000" else File(mode=mode, blob=blob)


def patch_keys(printed: bytes) -> dict[str, bytes]:
    """Reads the answer of `git diff-tree --stdin -p --full-index`: what each commit does, without
    the line numbers, so that the same patch elsewhere is the same. White space counts.
    """
    parts = re.split(rb"(?m)^([0-9a-f]{40}(?:[0-9a-f]{24})?)\n", printed)
    return {parts[i].decode(): patch_key(parts[i + 1]) for i in range(1, len(parts), 2)}


def patch_key(patch: bytes) -> bytes:
    """A patch without line numbers and, where it has text, without the ids of its blobs."""
    files = re.split(rb"(?m)^(?=diff --git )", patch.strip(b"\n"))
    return b"".join(_file_key(text) for text in files)


def _file_key(text: bytes) -> bytes:
    text = re.sub(rb"(?m)^@@ -\S+ \+\S+ @@.*$", b"@@", text)
    if not re.search(rb"(?m)^Binary files ", text):
        text = re.sub(rb"(?m)^index \S+( \d+)?\n", rb"index\1\n", text)
    return text.rstrip(b"\n") + b"\n"
