"""Whether bytes are what git makes of committed ones on their way out: a checkout or an archive.

On the way git expands `$Id$`, then sets line ends, then encodes; an archive fills in `$Format:…$`
after that. Files are compared the other way round: decoded, and then held against what was
committed.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator

from landed.content.blob import blob_id
from landed.content.git.attributes import UNSPECIFIED, Attributes
from landed.core.seen import (
    DifferenceKind,
)

FILLED_IN = 4096
"""The most bytes that `$Format:…$` may become."""

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?"
    rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n"
)
_LARGEST_POINTER = 1024
_ID = re.compile(rb"\$Id(?::(?:[^$\n][^ $\n]* ?)?)?\$")
_FORMAT = re.compile(rb"\$Format:[^$\n]*\$")
_ENCODING = re.compile(
    r"utf-(?:16|32)(?:-[bl]e)?|iso8859-\d+|latin-?1|cp\d{3,4}|koi8-[rut]|mac-\w+|ascii"
    r"|shift_jis\w*|euc_\w+|gb\w+|big5\w*|johab|hz|iso2022_\w+"
)


def difference(
    committed: bytes, there: bytes, blob: str, rules: Attributes = UNSPECIFIED
) -> DifferenceKind | None:
    """How a file differs from the committed one, whose blob's id is `blob`: not at all where git
    would have written it so, LINE_ENDS where only those are others, EXPANDED where `$Format:…$`
    is filled in, else CHANGED.
    """
    found = DifferenceKind.CHANGED
    if rules.lfs and _is_file_of(committed, there):
        return None
    for text in _decoded(there, rules.encoding):
        for base in {committed, with_id(committed, blob)} if rules.ident else {committed}:
            kind = _apart_from_lines(base, text, rules)
            if kind is None:
                return None
            found = found if kind is DifferenceKind.CHANGED else kind
    return found


def _apart_from_lines(committed: bytes, there: bytes, rules: Attributes) -> DifferenceKind | None:
    if committed == there:
        return None
    plain = committed.replace(b"\r\n", b"\n")
    free = _lines_are_free(committed, there, rules)
    if free and rules.eol == "crlf" and there == plain.replace(b"\n", b"\r\n"):
        return None
    if free and plain == there.replace(b"\r\n", b"\n"):
        return DifferenceKind.LINE_ENDS
    if rules.subst:
        one, other = (plain, there.replace(b"\r\n", b"\n")) if free else (committed, there)
        if _filled_in(one, other):
            return DifferenceKind.EXPANDED
    return DifferenceKind.CHANGED


def _lines_are_free(committed: bytes, there: bytes, rules: Attributes) -> bool:
    """Whether the line ends may be others. Git itself never writes CRLF where `eol` is `lf`, and
    touches none where `text` is unset.
    """
    if rules.text == "unset" or (rules.eol == "lf" and b"\r\n" in there):
        return False
    said_to_be_text = rules.text == "set" or (rules.eol and rules.text != "auto")
    return bool(said_to_be_text) or not (b"\0" in committed or b"\0" in there)


def committed_from(there: bytes, blob: str, rules: Attributes, object_format: str) -> bytes | None:
    """The committed bytes, from what git made of them: found where they hash to `blob`, the id that
    was committed. None where nothing that git does leads there.
    """
    for text in _decoded(there, rules.encoding):
        plain = text.replace(b"\r\n", b"\n")
        for lines in (text, plain, plain.replace(b"\n", b"\r\n")):
            for base in {lines, _ID.sub(b"$Id$", lines)} if rules.ident else {lines}:
                if blob_id([base], len(base), object_format) == blob:
                    return base
    return None


def pointer_to(chunks: Iterable[bytes]) -> bytes:
    """What git LFS commits in place of a file."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    lines = ("version https://git-lfs.github.com/spec/v1", f"oid sha256:{digest.hexdigest()}")
    return "\n".join([*lines, f"size {size}", ""]).encode()


def with_id(committed: bytes, blob: str) -> bytes:
    """What the attribute `ident` makes of a blob: `$Id$` with its id. Another system's own
    `$Id: … $`, with spaces in it, stays.
    """
    return _ID.sub(b"$Id: %s $" % blob.encode(), committed)


def _decoded(data: bytes, encoding: str) -> Iterator[bytes]:
    """The bytes, and what they are in UTF-8 where git would have encoded them."""
    yield data
    # Git's own names: with a mark of the byte order, which Python's decoder reads.
    wanted = re.sub(r"(?i)^(utf-?(?:16|32))-?[lb]e-bom$", r"\1", encoding)
    try:
        name = codecs.lookup(wanted).name if wanted else ""
        if _ENCODING.fullmatch(name):
            yield data.decode(name).encode()
    except (LookupError, ValueError):
        return


def _filled_in(committed: bytes, there: bytes) -> bool:
    """Whether these are the committed lines, with anything short in place of `$Format:…$`."""
    lines, others = committed.split(b"\n"), there.split(b"\n")
    return len(lines) == len(others) and all(
        line == other or _line_filled_in(line, other)
        for line, other in zip(lines, others, strict=True)
    )


def _line_filled_in(line: bytes, other: bytes) -> bool:
    """Each part between two placeholders is taken where it first comes: then what is filled in is
    as short as it can be. It may not close a quote that is open where it stands.
    """
    first, *rest = _FORMAT.split(line)
    if not rest or not other.startswith(first):
        return False
    at, before = len(first), first
    for number, part in enumerate(rest):
        last = number == len(rest) - 1
        end = len(other) - len(part) if last else other.find(part, at)
        if end < at or end - at > FILLED_IN or not other.startswith(part, end):
            return False
        if any(before.count(quote) % 2 and quote in other[at:end] for quote in (b'"', b"'", b"`")):
            return False
        at, before = end + len(part), before + part
    return True


def is_lfs_pointer(data: bytes | None) -> bool:
    """Whether this is what git LFS keeps in place of a file."""
    return data is not None and _pointer(data) is not None


def _pointer(data: bytes) -> re.Match[bytes] | None:
    return _POINTER.match(data) if len(data) <= _LARGEST_POINTER else None


def _is_file_of(pointer: bytes, there: bytes) -> bool:
    """Whether this is the file that an LFS pointer stands for."""
    found = _pointer(pointer)
    return (
        found is not None
        and int(found[2]) == len(there)
        and hashlib.sha256(there).hexdigest().encode() == found[1]
    )
