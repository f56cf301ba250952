"""A layer from files: the same files give the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping

from landed.core.errors import DataError
from landed.core.probe import Content


def pack(content: Content, files: Mapping[str, tuple[str, str, int | None]]) -> tuple[bytes, str]:
    """A layer of some files: compressed bytes, and the digest of the plain ones.

    `files` are by path in the image: the path in `content`, the owner, the mode. The same files
    give the same layer, whenever and wherever it is packed.
    """
    plain = io.BytesIO()
    contents = content.read({source for source, _, _ in files.values()})
    with tarfile.open(
        fileobj=plain,
        mode="w",
        format=tarfile.PAX_FORMAT,
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        made: set[str] = set()
        for path in sorted(files):
            source, owner, mode = files[path]
            uid, gid = _owner(owner)
            for folder in _parents(path):
                if folder not in made:
                    made.add(folder)
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    entry.uid, entry.gid = uid, gid
                    tar.addfile(entry)
            data = contents.get(source)
            if data is None:
                raise DataError(f"{source} could not be read", "is it larger than 64 MiB?")
            entry = tarfile.TarInfo(path)
            entry.uid, entry.gid = uid, gid
            if content.files[source].mode == "120000":
                entry.type = tarfile.SYMTYPE
                entry.linkname = data.decode("utf-8", "surrogateescape")
                tar.addfile(entry)
                continue
            plain_mode = 0o755 if content.files[source].mode == "100755" else 0o644
            entry.mode = plain_mode if mode is None else mode
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    raw = plain.getvalue()
    return gzip.compress(raw, compresslevel=6, mtime=0), f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _owner(owner: str) -> tuple[int, int]:
    """Numbers of `--chown`; a name belongs to the base's own list of users, and counts as root."""
    user, _, group = owner.partition(":")
    uid = int(user) if user.isdigit() else 0
    return uid, int(group) if group.isdigit() else uid
