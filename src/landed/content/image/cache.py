"""Kept by digest, because it never changes: what layers hold, manifests and configurations."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from landed.content.image.layer import Entry
from landed.content.image.manifest import MAX_JSON, checked_digest
from landed.core.model import learned

_MAGIC = b"landed layer 1\n"
_CHECK = 4
_DOCUMENTS = 2_000
"""How many manifests and configurations are kept, some KiB each; the oldest go first."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    digest: str
    object_format: str
    entries: list[Entry]


learned(_Kept)


def load(folder: Path | None, digest: str, object_format: str) -> list[Entry] | None:
    """What is known of a layer; None where nothing is, or where the file is not whole."""
    if folder is None:
        return None
    from isal import isal_zlib  # noqa: PLC0415 - only who reads layers needs it

    try:
        data = _place(folder, digest, object_format).read_bytes()
    except OSError:
        return None
    body = data[len(_MAGIC) + _CHECK :]
    check = data[len(_MAGIC) : len(_MAGIC) + _CHECK]
    if data[: len(_MAGIC)] != _MAGIC or isal_zlib.crc32(body).to_bytes(_CHECK, "big") != check:
        return None
    try:
        kept = msgspec.msgpack.decode(body, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    same = (kept.digest, kept.object_format) == (digest, object_format)
    return kept.entries if same else None


def save(folder: Path | None, digest: str, object_format: str, entries: list[Entry]) -> None:
    """Keeps what a layer holds. A cache that cannot be written is no failure."""
    if folder is None:
        return
    from isal import isal_zlib  # noqa: PLC0415 - only who reads layers needs it

    body = msgspec.msgpack.encode(_Kept(digest, object_format, entries))
    check = isal_zlib.crc32(body).to_bytes(_CHECK, "big")
    with suppress(OSError):
        _write(_place(folder, digest, object_format), (_MAGIC, check, body))


def load_document(folder: Path, digest: str) -> bytes | None:
    """A manifest's or a configuration's own bytes, verified; None where they are not there."""
    try:
        with _document(folder, digest).open("rb") as file:
            data = file.read(MAX_JSON + 1)
    except OSError:
        return None
    return data if _is(data, digest) else None


def save_document(folder: Path, digest: str, data: bytes) -> None:
    """Keeps one, where it is what its digest says. Not to be able to is no failure."""
    if not _is(data, digest):
        return
    place = _document(folder, digest)
    with suppress(OSError):
        _write(place, (data,))
        # Whoever reads one that another process takes away asks for it again.
        kept = sorted(place.parent.iterdir(), key=lambda one: one.stat().st_mtime)
        for old in kept[:-_DOCUMENTS]:
            old.unlink(missing_ok=True)


def _is(data: bytes, digest: str) -> bool:
    return len(data) <= MAX_JSON and digest == f"sha256:{hashlib.sha256(data).hexdigest()}"


def _write(place: Path, parts: Iterable[bytes]) -> None:
    """A whole file or none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink()
        raise


def _document(folder: Path, digest: str) -> Path:
    return folder / "documents" / checked_digest(digest).removeprefix("sha256:")


def _place(folder: Path, digest: str, object_format: str) -> Path:
    return folder / f"{digest.removeprefix('sha256:')}-{object_format}"
