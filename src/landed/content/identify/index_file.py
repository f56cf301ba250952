"""The index on disk: one file, mapped into memory, replaced as a whole, checked when it is read."""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import zstandard
from isal import isal_zlib

from landed.content.identify.index import Index
from landed.core.model import Frozen, learned

_MAGIC = b"landed index 1\n"
_ALIGN = 16
_COLUMNS = {
    "ids": "u1", "end": "<u4", "times": "<u4", "blobs": "<u8", "path_of": "<u4",
    "offsets": "<u4", "events": "<u4", "tips": "<u4", "paths": "u1",
}  # fmt: skip


class _Head(Frozen):
    """Where each column lies, in bytes from the head's end; `check` is the CRC of all of them."""

    id_bytes: int
    columns: dict[str, tuple[int, int]]
    check: int


learned(_Head)


def save(index: Index, path: Path) -> None:
    """Writes the index beside `path` and puts it in its place: there is the old one, or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = zstandard.compress(b"\0".join(index.paths), 3)
    columns: dict[str, tuple[int, int]] = {}
    body: list[bytes] = []
    at = check = 0
    for name, kind in _COLUMNS.items():
        data = packed if name == "paths" else getattr(index, name).astype(kind).tobytes()
        columns[name] = (at, len(data))
        data += bytes(-len(data) % _ALIGN)
        check = isal_zlib.crc32(data, check)
        body.append(data)
        at += len(data)
    head = msgspec.json.encode(_Head(id_bytes=index.ids.shape[1], columns=columns, check=check))
    head = _MAGIC + head + b"\n"
    head = head[:-1] + b" " * (-len(head) % _ALIGN) + b"\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            file.writelines(body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def load(path: Path) -> Index | None:
    """Reads an index; None where there is none, or none that is whole."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    length = data.find(b"\n", len(_MAGIC)) + 1
    if data[: len(_MAGIC)] != _MAGIC or not length:
        return None
    try:
        head = msgspec.json.decode(data[len(_MAGIC) : length], type=_Head)
        return _index(memoryview(data)[length:], head)
    except (msgspec.DecodeError, zstandard.ZstdError, ValueError):
        return None


def _index(body: memoryview, head: _Head) -> Index | None:
    if isal_zlib.crc32(body) != head.check or set(head.columns) != set(_COLUMNS):
        return None
    columns: dict[str, Any] = {
        name: np.frombuffer(body[at : at + size], kind)
        for name, kind in _COLUMNS.items()
        for at, size in [head.columns[name]]
    }
    paths = zstandard.decompress(columns.pop("paths").tobytes())
    return Index(
        **{**columns, "ids": columns["ids"].reshape(-1, head.id_bytes)},
        paths=paths.split(b"\0") if paths else [],
    )
