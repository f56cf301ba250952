"""One layer of an image as a stream of members: verified, bounded, and nothing of it trusted."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, Any

from landed.core.errors import DataError

MAX_RATIO, SMALL = 100, 256 << 20
"""A layer may unpack to SMALL bytes and MAX_RATIO times its size: real ones stay far below."""
AGAIN = "the image is damaged; build it again"
_ZSTD = b"\x28\xb5\x2f\xfd"


@contextmanager
def verified(path: Path, digest: str) -> Iterator[IO[bytes]]:
    """A blob's bytes. Raises DataError at the end where they are not those of its digest."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise DataError(f"blob {digest} is not there: {error.strerror}", AGAIN) from error
    with raw:
        stream = _Hashing(raw)
        yield stream  # type: ignore[misc]
        stream.drain()
        if stream.digest() != digest:
            raise DataError(
                f"blob {digest} holds other content than its name says",
                "the image is damaged or was tampered with; build it again",
            )


@contextmanager
def opened(path: Path, digest: str, diff: str | None) -> Iterator[tarfile.TarFile]:
    """The tar of a layer, to be read forward. `diff` is the digest that the unpacked bytes have to
    have. Raises DataError where anything of it is not as it should be.
    """
    with verified(path, digest) as stream:
        try:
            with _unpacked(stream) as source:
                plain = _Hashing(source, SMALL + MAX_RATIO * path.stat().st_size)
                with tarfile.open(
                    fileobj=plain, mode="r|", encoding="utf-8", errors="surrogateescape"
                ) as tar:
                    yield tar
                    _skip_the_rest(tar, plain, digest)
        except (tarfile.TarError, EOFError, BadGzipFile, zlib.error, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise DataError(f"layer {digest} cannot be read: {error}", AGAIN) from error
        if diff is not None and plain.digest() != diff:
            raise DataError(f"layer {digest} unpacks to other content than {diff}", AGAIN)


def _skip_the_rest(tar: tarfile.TarFile, plain: _Hashing, digest: str) -> None:
    """To the end, so that digests cover it. `tarfile` takes a broken header for the end of the
    archive: what follows the end must be empty.
    """
    for _ in tar:
        pass
    unread = max(plain.total - tar.offset, 0)
    if unread and any(plain.tail[-unread:]):
        raise DataError(f"layer {digest} has a broken member", AGAIN)
    while chunk := plain.read(1 << 20):
        if any(chunk):
            raise DataError(f"layer {digest} goes on after its end", AGAIN)


class _Hashing(io.RawIOBase):
    """A stream that hashes and counts what is read from it, and remembers the last of it."""

    TAIL = 1 << 15

    def __init__(self, raw: IO[bytes], most: int | None = None) -> None:
        self._raw, self._most = raw, most
        self._hash = hashlib.sha256()
        self.total = 0
        self.tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._hash.update(data)
        self.total += len(data)
        self.tail = (self.tail + data)[-self.TAIL :]
        if self._most is not None and self.total > self._most:
            raise DataError(
                f"a layer unpacks to more than {self._most >> 20} MiB", "refused as hostile"
            )
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Reads to the end."""
        while self.read(1 << 20):
            pass

    def digest(self) -> str:
        """The digest of what was read."""
        return f"sha256:{self._hash.hexdigest()}"


@contextmanager
def _unpacked(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The tar stream inside, gzip or plain."""
    buffered = io.BufferedReader(stream, 1 << 16)  # type: ignore[type-var]
    head = buffered.peek(4)[:4]
    if head == _ZSTD:
        raise ValueError("zstd is not read here")
    if head[:2] == b"\x1f\x8b":
        with GzipFile(fileobj=buffered) as plain:
            yield plain  # type: ignore[misc]
    else:
        yield buffered


def clean_name(name: str) -> str:
    """A member's path in the image. Raises DataError where it would leave it."""
    if "\0" in name or name.startswith("/") or ".." in name.split("/"):
        raise DataError(f"a layer holds the path {name[:80]!r}", "refused as hostile")
    return "/".join(part for part in name.split("/") if part not in ("", "."))
