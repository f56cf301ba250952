"""A layer's bytes as they come: verified by digest, unpacked, and bounded whatever they claim."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from typing import IO, cast

from landed.core.errors import DataError

MAX_RATIO, SMALL = 100, 256 << 20
"""A layer may unpack to SMALL bytes and MAX_RATIO times its size: real ones stay far below."""
AGAIN = "the image is damaged; build it again"
REFUSED = "refused as hostile"
PIECE = 1 << 22
_READ = 1 << 19
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_WINDOW = 1 << 26
"""The memory that a zstd layer may ask for: 64 MiB, as container engines allow."""


class Verified:
    """A blob's bytes, hashed while they are read. `size` counts them."""

    def __init__(self, raw: IO[bytes], digest: str) -> None:
        self._raw, self.digest = raw, digest
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._raw.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def check(self) -> None:
        """Reads to the end. Raises DataError where the bytes are not those of the digest."""
        while self.read(_READ):
            pass
        if f"sha256:{self._hash.hexdigest()}" != self.digest:
            raise DataError(
                f"blob {self.digest} holds other content than its name says",
                "the image is damaged or was tampered with; build it again",
            )


def unpacked(blob: Verified, what: str) -> Generator[bytes, None, None]:
    """The plain bytes of a layer or archive, gzip, zstd or plain, in pieces of at most PIECE bytes.

    Raises DataError where they cannot be unpacked, or become more than a real one would.
    """
    total = 0
    for piece in _plain(blob, what):
        total += len(piece)
        if total > SMALL + MAX_RATIO * blob.size:
            raise DataError(f"{what} unpacks to more than {total >> 20} MiB", REFUSED)
        yield piece


def _plain(blob: Verified, what: str) -> Iterator[bytes]:
    head = blob.read(_READ)
    if head[:4] == _ZSTD:
        return _zstd(blob, head, what)
    if head[:2] == _GZIP:
        return _gzip(blob, head, what)
    return _as_it_is(blob, head)


def _as_it_is(blob: Verified, data: bytes) -> Iterator[bytes]:
    while data:
        yield data
        data = blob.read(PIECE)


def _gzip(blob: Verified, data: bytes, what: str) -> Iterator[bytes]:
    """Every member of a gzip file; what follows the last has to be nothing."""
    from isal import isal_zlib  # noqa: PLC0415 - only who reads layers needs it
    from isal.igzip_lib import IsalError  # noqa: PLC0415

    # Once a large block was given back, glibc keeps memory of that size instead of asking the
    # system for each piece anew: a quarter of the time went into that.
    bytes(4 * PIECE)
    while data:
        inflate = isal_zlib.decompressobj(31)
        while not inflate.eof:
            try:
                piece = inflate.decompress(data, PIECE)
            except IsalError as error:  # type: ignore[misc]  # its stub forgets what it is
                raise DataError(f"{what} cannot be unpacked: {error}", AGAIN) from error
            data = inflate.unconsumed_tail
            if piece:
                yield piece
            elif not inflate.eof and not data:
                data = blob.read(_READ)
                if not data:
                    raise DataError(f"{what} ends too early", AGAIN)
        data = inflate.unused_data or blob.read(_READ)


def _zstd(blob: Verified, data: bytes, what: str) -> Iterator[bytes]:
    import zstandard  # noqa: PLC0415 - few layers need it

    source: IO[bytes] = cast("IO[bytes]", _Again(blob, data))
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
        source, read_across_frames=True
    )
    while True:
        try:
            piece = reader.read(PIECE)
        except zstandard.ZstdError as error:
            raise DataError(f"{what} cannot be unpacked: {error}", AGAIN) from error
        if not piece:
            return
        yield piece


class _Again:
    """A blob of which the first bytes were read already."""

    def __init__(self, blob: Verified, data: bytes) -> None:
        self._blob, self._data = blob, data

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data, self._data = self._data, b""
        return data or self._blob.read(size)
