"""What layers hold, kept by digest: a layer never changes, so it is read once."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from landed.content.image.layer import Entry
from landed.core.model import learned

_MAGIC = b"landed layer 1\n"
_CHECK = 4


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
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines((_MAGIC, check, body))
            Path(name).replace(_place(folder, digest, object_format))
        except OSError:
            Path(name).unlink()
            raise


def _place(folder: Path, digest: str, object_format: str) -> Path:
    return folder / f"{digest.removeprefix('sha256:')}-{object_format}"
