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

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?"
    rb"oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n"
)
_LARGEST_POINTER = 1024
_ID = re.compile(rb"\$Id(?::(?:[^$\n][^ $\n]* ?)?)?\$")
_FORMAT = re.compile(r"\$Format:([^$\n]*)\$")
_HEX = "[0-9a-f]{4,64}+"
_DATE = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d:\d\d"
_REF = r"[\w./+-]{1,200}+"
_OF_PERSON = {
    "n": r"\w{1,40}+\.?+(?:[ '-]\w{1,40}+\.?+){0,8}+",
    "e": r"[\w.+-]{1,100}+@[\w.-]{1,100}+",
    "t": r"\d{1,12}+",
    "s": _DATE,
    "i": rf"{_DATE} {_CLOCK} [+-]\d{{4}}",
    "I": rf"{_DATE}T{_CLOCK}(?:Z|[+-]\d\d:\d\d)",
    "d": rf"\w{{3}} \w{{3}} \d{{1,2}}+ {_CLOCK} \d{{4}} [+-]\d{{4}}",
    "D": rf"\w{{3}}, \d{{1,2}}+ \w{{3}} \d{{4}} {_CLOCK} [+-]\d{{4}}",
}
_REFS = rf"(?:HEAD -> |tag: )?+{_REF}(?:, (?:tag: )?+{_REF}){{0,50}}+"
# What each placeholder may become: nothing that could be code. Without going back (`+`): the
# committed line is as hostile as the other one.
_SHAPES = {
    **dict.fromkeys(("H", "h", "T", "t"), _HEX),
    **dict.fromkeys(("P", "p"), f"(?:{_HEX}(?: {_HEX}){{0,50}}+)?+"),
    **{who + what: shape for who in "ac" for what, shape in _OF_PERSON.items()},
    "D": f"(?:{_REFS})?+",
    "d": rf"(?: \({_REFS}\))?+",
}
_DESCRIBED = f"(?:{_REF})?+"
_PLACEHOLDER = re.compile(rf"%({'|'.join(_SHAPES)}|\(describe[^()]*\))")
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
    """Whether these are the committed lines, with what `git archive` writes for `$Format:…$`."""
    lines, others = (
        data.decode(errors="surrogateescape").split("\n") for data in (committed, there)
    )
    return len(lines) == len(others) and all(
        line == other or _line_filled_in(line, other)
        for line, other in zip(lines, others, strict=True)
    )


def _line_filled_in(line: str, other: str) -> bool:
    """Whether each placeholder became what has its shape: an id, a date, a name. A name may have an
    apostrophe, but not where one could close a quote.
    """
    literal, *rest = _FORMAT.split(line)
    pattern = re.escape(literal)
    for form, after in zip(rest[::2], rest[1::2], strict=True):
        pattern += _shape(form) + re.escape(after)
    quoted = "'" in _FORMAT.sub("", line) and other.count("'") != line.count("'")
    return bool(rest) and not quoted and re.fullmatch(pattern, other) is not None


def _shape(form: str) -> str:
    """The pattern of a format's text. A placeholder that is not known stands for itself."""
    literal, *rest = _PLACEHOLDER.split(form)
    pattern = re.escape(literal)
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        pattern += _SHAPES.get(name, _DESCRIBED) + re.escape(after)
    return pattern


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
