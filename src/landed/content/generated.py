"""Files that tools make of others: nobody commits them, and they change nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from landed.content.git.proof import NAME, is_proof
from landed.core.probe import Content

_BYTE_CODE = re.compile(r"(?s)(.*?)__pycache__/([^/]+?)\.[^./]+(?:\.opt-\d)?\.pyc")
_METADATA = re.compile(
    r"(?s)((?:.*/)?[^/]+\.(?:egg|dist)-info)/(?:PKG-INFO|METADATA|RECORD|WHEEL|INSTALLER|REQUESTED"
    r"|SOURCES\.txt|top_level\.txt|dependency_links\.txt|requires\.txt|entry_points\.txt"
    r"|not-zip-safe|zip-safe|direct_url\.json)"
)


def generated(paths: Iterable[str], content: Content, expected: Collection[str]) -> set[str]:
    """Those of the paths that nobody wrote: byte code that Python made of a source that is there as
    well, and checks against it (unchecked byte code runs whatever the source says: it does not
    count), what installing a package notes about it (names and hashes, no code), unless the
    folder is one of those that were `expected`, and the proof that the gate reads, every byte of
    which follows from a commit's id.
    """
    candidates, found, proofs = [], set(), []
    committed = {folder for path in expected if (folder := _metadata(path.rpartition("/")[0]))}
    for path in paths:
        code, about = _BYTE_CODE.fullmatch(path), _METADATA.fullmatch(path)
        if code and f"{code[1]}{code[2]}.py" in content.files:
            candidates.append(path)
        elif about and about[1] not in committed:
            found.add(path)
        elif path.rpartition("/")[2] == NAME:
            proofs.append(path)
    contents = content.read([*candidates, *proofs])
    found.update(path for path in proofs if is_proof(contents.get(path)))
    return found | {path for path in candidates if _is_checked(contents.get(path))}


def _metadata(folder: str) -> str:
    """The folder of a package's metadata that this one is, or lies in."""
    inside = re.match(r"(?s)(?:.*?/)?[^/]+\.(?:egg|dist)-info(?=/|$)", folder)
    return inside[0] if inside else ""


def _is_checked(byte_code: bytes | None) -> bool:
    """Its second word holds flags: 1 is a hash without a check (PEP 552)."""
    return byte_code is not None and len(byte_code) >= 16 and byte_code[4] & 0b11 != 0b01
