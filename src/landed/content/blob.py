"""Git's ids of contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def blob_id(chunks: Iterable[bytes], size: int, object_format: str) -> str:
    """Git's id of a blob of `size` bytes. `object_format` is `sha1` or `sha256`."""
    digest = hashlib.new(object_format, b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
