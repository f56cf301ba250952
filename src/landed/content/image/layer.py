"""One layer, read once: what it does to which path, each file by its git blob id."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from landed.content.image.blobs import Blobs
from landed.content.image.inflate import AGAIN, REFUSED, SMALL, Verified, unpacked
from landed.content.image.manifest import Descriptor
from landed.content.image.pieces import Pieces
from landed.content.image.tar import Kind, Member, Reader
from landed.core.errors import DataError

MAX_MEMBERS = 2_000_000
_AHEAD = 4
_AT_ONCE = 1 << 20
_ZEROS = bytes(1 << 20)


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a layer says of one path. `content` is a file's or a link's blob id as bytes, or the
    path that a hard link leads to; `size` is in bytes; `member` counts from 0.
    """

    path: bytes
    kind: str
    content: bytes
    size: int
    runs: bool
    owner: int
    group: int
    member: int


def entries(
    blobs: Blobs,
    layer: Descriptor,
    object_format: str,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Entry]:
    """All that a layer holds, in its order. Raises DataError where anything is not as it should
    be, or where nobody needs it any more.
    """
    with opened(blobs, layer) as (reader, pieces):
        members = _until(stopped, reader, layer)
        return listed(members, pieces, f"layer {layer.digest}", object_format)


def _until(stopped: Callable[[], bool], reader: Reader, layer: Descriptor) -> Iterator[Member]:
    for member in reader:
        if stopped():
            raise DataError(f"layer {layer.digest} was not read to its end", AGAIN)
        yield member


def listed(reader: Iterable[Member], pieces: Pieces, what: str, object_format: str) -> list[Entry]:
    """The entries of an archive that is being read."""
    found: list[Entry] = []
    hasher, holes = Hasher(object_format, pieces), 0
    for number, member in enumerate(reader):
        holes += member.whole - member.size
        if number >= MAX_MEMBERS:
            raise DataError(f"{what} has too many members", REFUSED)
        if holes > SMALL:
            raise DataError(f"{what} has sparse files with {holes >> 20} MiB of holes", REFUSED)
        found.append(_entry(hasher, member, number))
    return found


def _entry(hasher: Hasher, member: Member, number: int) -> Entry:
    kind = member.kind
    if kind is Kind.FILE:
        content, size = hasher.file(member), member.whole
    elif kind is Kind.LINK:
        content, size = hasher.blob(member.target), len(member.target)
    elif kind is Kind.HARD_LINK:
        content, size = clean(member.target), 0
    else:
        content, size = b"", 0
    return Entry(
        clean(member.name),
        kind,
        content,
        size,
        bool(member.mode & 0o111),
        member.owner,
        member.group,
        number,
    )


class Hasher:
    """Git's blob ids of what comes in pieces."""

    def __init__(self, object_format: str, pieces: Pieces) -> None:
        self._new: Any = hashlib.sha256 if object_format == "sha256" else hashlib.sha1
        self._pieces = pieces

    def blob(self, data: bytes) -> bytes:
        """The id of a blob that is at hand."""
        digest: bytes = self._new(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest()
        return digest

    def file(self, member: Member) -> bytes:
        """The id of a member's content; its bytes are taken. Holes are zeros."""
        size = member.size
        digest = self._new(b"blob %d\0" % member.whole, usedforsecurity=False)
        if member.runs is None and size <= _AT_ONCE:
            digest.update(self._pieces.take(size))
        else:
            for part in expanded(self._pieces, member):
                digest.update(part)
        found: bytes = digest.digest()
        return found


def expanded(pieces: Pieces, member: Member) -> Iterator[memoryview | bytes]:
    """A member's content as it comes, with the zeros of a sparse file's holes."""
    if member.runs is None:
        yield from pieces.stream(member.size)
        return
    at = 0
    for offset, length in [*member.runs, (member.whole, 0)]:
        while at < offset:
            hole = _ZEROS[: offset - at]
            at += len(hole)
            yield hole
        yield from pieces.stream(length)
        at += length


def clean(name: bytes) -> bytes:
    """A member's path in the image. Raises DataError where it would leave it."""
    if name == b"/":
        return b""
    if b"\0" in name or name[:1] == b"/" or (b".." in name and b".." in name.split(b"/")):
        raise DataError(f"a layer holds the path {name[:80]!r}", REFUSED)
    if b"//" in name or b"./" in name or name[-1:] in (b"/", b"."):
        return b"/".join(part for part in name.split(b"/") if part not in (b"", b"."))
    return name


@contextmanager
def opened(
    blobs: Blobs, layer: Descriptor, diff: str | None = None
) -> Iterator[tuple[Reader, Pieces]]:
    """A layer's members, and the pieces that their content is taken from. At its end, every byte
    has been verified: by the layer's digest as it is stored and, where `diff` is given, by that
    as it was packed.
    """
    what = f"layer {layer.digest}"
    with blobs.blob(layer.digest) as raw:
        blob = Verified(raw, layer.digest)
        plain = hashlib.sha256()
        plainly = unpacked(blob, what)
        # Of a small one, a thread takes longer to begin than to unpack it.
        with closing(ahead(plainly) if layer.size > _AT_ONCE else plainly) as source:
            pieces = Pieces(_hashed(source, plain) if diff else source, what, AGAIN)
            yield Reader(pieces, what, AGAIN), pieces
            for _ in pieces.rest():
                pass
        blob.check()
    if blob.size != layer.size:
        raise DataError(f"{what} has another size than its manifest says", AGAIN)
    if diff and f"sha256:{plain.hexdigest()}" != diff:
        raise DataError(f"{what} unpacks to other content than {diff}", AGAIN)


def _hashed(source: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for piece in source:
        digest.update(piece)
        yield piece


def ahead(source: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same pieces, made in a thread of their own while the ones before are worked on."""
    ready: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def put(piece: bytes | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put(piece, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for piece in source:
                if not put(piece):
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised where the pieces are read
            put(error)

    worker = threading.Thread(target=work, name="landed-unpacking", daemon=True)
    worker.start()
    try:
        while (piece := ready.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        stopped.set()
        worker.join()
