"""A tar archive as its members, in order: ustar, GNU and pax, as container engines read them.

Own code, because a layer is a proof: Python's `tarfile` takes a broken header for the end of the
archive, and needs five times as long. Where readers differ, this one does what Go's archive/tar
does, which docker, containerd and podman unpack layers with.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from landed.content.image.pieces import Pieces
from landed.core.errors import DataError

BLOCK = 512
MAX_SPECIAL = 1 << 20
"""The most bytes of a pax record set or a long name, as Go has it."""
_MAX_RUNS = 1 << 16
_ADLER = 65_521
_ZERO = bytes(BLOCK)
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_DECIMAL = re.compile(rb"[0-9]{1,18}")


class Kind(StrEnum):
    """What a member is. OTHER is a device or a pipe: it has a name and no content."""

    FILE = "f"
    LINK = "l"
    HARD_LINK = "h"
    FOLDER = "d"
    OTHER = "o"


_KINDS = {
    48: Kind.FILE, 0: Kind.FILE, 55: Kind.FILE, 49: Kind.HARD_LINK, 50: Kind.LINK,
    51: Kind.OTHER, 52: Kind.OTHER, 53: Kind.FOLDER, 54: Kind.OTHER,
}  # fmt: skip
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SPARSE = b"LKxgS"
Runs = list[tuple[int, int]]


class Member(NamedTuple):
    """A member's header. `size` is what the archive holds of it; `runs`, for a sparse file, are
    the places (offset, length) of that in a file of `whole` bytes.
    """

    name: bytes
    kind: Kind
    size: int
    mode: int
    owner: int
    group: int
    target: bytes
    whole: int
    runs: Runs | None = None


@lru_cache(1 << 14)  # the same few owners and modes come again and again
def number(field: bytes) -> int:
    """Octal digits, or, for what is too large for them, bytes behind a mark; -1 for neither."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            return -1
        return int.from_bytes(bytes([field[0] & 0x3F]) + field[1:], "big")
    found = _OCTAL.match(field)
    if found is None or (found.end() < len(field) and field[found.end()] != 0):
        return -1
    return int(found[1] or b"0", 8)


def begins(block: bytes) -> bool:
    """Whether an archive can begin so: with a header whose sum is right, or with its end."""
    if len(block) < BLOCK:
        return False
    return block == _ZERO or number(block[148:156]) == sum(block) - sum(block[148:156]) + 256


class Reader:
    """The members of an archive. After each, its `size` bytes have to be taken from `pieces`."""

    def __init__(self, pieces: Pieces, what: str, hint: str) -> None:
        self._pieces, self._what, self._hint = pieces, what, hint

    def __iter__(self) -> Iterator[Member]:
        pieces = self._pieces
        records: dict[bytes, bytes] = {}
        sparse: list[bytes] = []
        if pieces.ended():
            raise self._broken("is empty")
        while not pieces.ended():
            header = bytes(pieces.take(BLOCK))
            if header == _ZERO:
                self._end()
                return
            self._check(header)
            kind, size = header[156], self._number(header[124:136])
            if kind in (_LONG_NAME, _LONG_LINK):
                key = b"path" if kind == _LONG_NAME else b"linkpath"
                records[key] = self._special(size).rstrip(b"\0")
            elif kind == _PAX:
                sparse, found = self._records(self._special(size))
                records |= found
            elif kind == _PAX_GLOBAL:
                self._special(size)
            else:
                member = self._member(header, kind, size, records, sparse)
                yield member
                # From where it stands, because a sparse file's map was read before.
                pieces.skip(-pieces.at % BLOCK)
                if records:
                    records, sparse = {}, []

    def _member(
        self, header: bytes, flag: int, size: int, records: dict[bytes, bytes], sparse: list[bytes]
    ) -> Member:
        kind = Kind.FILE if flag == _SPARSE else _KINDS.get(flag)
        if kind is None:
            raise self._broken(f"has a member of the unknown kind {chr(flag)!r}")
        name = records.get(b"path") or self._name(header)
        if b"size" in records:
            size = self._decimal(records[b"size"])
        if kind is Kind.FILE and name[-1:] == b"/":
            kind = Kind.FOLDER
        if kind is not Kind.FILE:
            size = 0
        runs, whole = None, size
        if flag == _SPARSE:
            runs, whole = self._old_sparse(header)
        elif records and kind is Kind.FILE and any(k.startswith(b"GNU.sparse.") for k in records):
            runs, whole, size = self._pax_sparse(records, sparse, size)
            name = records.get(b"GNU.sparse.name", name)
        if runs is not None:
            self._sound(runs, whole, size)
        mode = self._number(header[100:108])
        owner = self._owner(records, b"uid", header[108:116])
        group = self._owner(records, b"gid", header[116:124])
        target = b""
        if kind is not Kind.FILE:
            target = records.get(b"linkpath") or header[157:257].split(b"\0", 1)[0]
        return Member(name, kind, size, mode, owner, group, target, whole, runs)

    def _owner(self, records: dict[bytes, bytes], key: bytes, field: bytes) -> int:
        return self._decimal(records[key]) if key in records else self._number(field)

    @staticmethod
    def _name(header: bytes) -> bytes:
        name = header[:100].split(b"\0", 1)[0]
        if header[257:263] == b"ustar\0" and header[345]:
            return header[345:500].split(b"\0", 1)[0] + b"/" + name
        return name

    def _check(self, header: bytes) -> None:
        """The header's own sum. Adler's low half is that sum, and is made in C."""
        said = self._number(header[148:156])
        others = said - 256 + sum(header[148:156])
        if zlib.adler32(header) & 0xFFFF != (1 + others) % _ADLER:
            raise self._broken("has a broken member")

    def _number(self, field: bytes) -> int:
        found = number(field)
        if found < 0:
            raise self._broken(f"has {field!r} where a number should be")
        return found

    def _decimal(self, value: bytes) -> int:
        if not _DECIMAL.fullmatch(value):
            raise self._broken(f"has {value[:40]!r} where a number should be")
        return int(value)

    def _special(self, size: int) -> bytes:
        if size > MAX_SPECIAL:
            raise self._broken("has a name of more than 1 MiB")
        data = bytes(self._pieces.take(size))
        self._pieces.skip(-size % BLOCK)
        return data

    def _records(self, data: bytes) -> tuple[list[bytes], dict[bytes, bytes]]:
        """Pax records, and those of sparse files that come several times, in order."""
        found: dict[bytes, bytes] = {}
        sparse: list[bytes] = []
        at = 0
        while at < len(data):
            space = data.find(b" ", at, at + 20)
            if space <= at:
                raise self._broken("has a broken extended header")
            end = at + self._decimal(data[at:space])
            if end > len(data) or end <= space + 1 or data[end - 1] != 10:
                raise self._broken("has a broken extended header")
            key, equals, value = data[space + 1 : end - 1].partition(b"=")
            if not key or not equals or b"\0" in key:
                raise self._broken("has a broken extended header")
            if b"\0" in value and key in (b"path", b"linkpath"):
                raise self._broken("has a name with a NUL")
            if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
                sparse.append(value)
            found[key] = value
            at = end
        return sparse, found

    def _old_sparse(self, header: bytes) -> tuple[Runs, int]:
        runs = self._runs(header[386:482])
        more = header[482]
        while more:
            block = bytes(self._pieces.take(BLOCK))
            runs += self._runs(block[:504])
            more = block[504]
            if len(runs) > _MAX_RUNS:
                raise self._broken("has a sparse file of too many pieces")
        return runs, self._number(header[483:495])

    def _runs(self, fields: bytes) -> Runs:
        found = []
        for at in range(0, len(fields), 24):
            if not fields[at]:
                break
            found.append(
                (self._number(fields[at : at + 12]), self._number(fields[at + 12 : at + 24]))
            )
        return found

    def _pax_sparse(
        self, records: dict[bytes, bytes], sparse: list[bytes], size: int
    ) -> tuple[Runs, int, int]:
        """The forms 0.0, 0.1 and 1.0, which keeps its map in front of the data."""
        whole = self._decimal(
            records.get(b"GNU.sparse.realsize", records.get(b"GNU.sparse.size", b"0"))
        )
        if records.get(b"GNU.sparse.major") == b"1":
            lines = self._map_lines(size)
            numbers = [int(line) for line, _ in lines]
            taken = lines[-1][1] if lines else 0
            return list(zip(numbers[1::2], numbers[2::2], strict=True)), whole, size - taken
        values = sparse or records.get(b"GNU.sparse.map", b"").split(b",")
        numbers = [self._decimal(value) for value in values if value]
        if len(numbers) % 2 or len(numbers) > 2 * _MAX_RUNS:
            raise self._broken("has a sparse file with a broken map")
        return list(zip(numbers[::2], numbers[1::2], strict=True)), whole, size

    def _map_lines(self, size: int) -> list[tuple[bytes, int]]:
        """Decimal lines: how many runs there are, then two for each; blocks are filled up."""
        data, taken, wanted = b"", 0, 1
        lines: list[bytes] = []
        while len(lines) < wanted:
            if taken + BLOCK > size or taken > MAX_SPECIAL:
                raise self._broken("has a sparse file with a broken map")
            data += bytes(self._pieces.take(BLOCK))
            taken += BLOCK
            *whole, data = data.split(b"\n")
            lines += whole
            if lines and wanted == 1:
                wanted = 1 + 2 * self._decimal(lines[0])
        for line in lines[:wanted]:
            self._decimal(line)
        return [(line, taken) for line in lines[:wanted]]

    def _sound(self, runs: Runs, whole: int, size: int) -> None:
        end = 0
        for offset, length in runs:
            if offset < end:
                raise self._broken("has a sparse file with a broken map")
            end = offset + length
        if end > whole or sum(length for _, length in runs) != size:
            raise self._broken("has a sparse file with a broken map")

    def _end(self) -> None:
        """What follows the end has to be empty."""
        for part in self._pieces.rest():
            if any(part):
                raise self._broken("goes on after its end")

    def _broken(self, words: str) -> DataError:
        return DataError(f"{self._what} {words}", self._hint)
