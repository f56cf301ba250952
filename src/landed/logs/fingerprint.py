"""Two levels of sameness: the family of an error, and its identity.

Family: exception type, in-app frames, message template. Identity: the family with the identifiers
that stay when only volatile values are masked. 'School' and 'FeatureFlag' failing in the same
place are one family and two identities; one number or one memory address more is neither.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from landed.core.model import Frozen
from landed.core.redact import redact
from landed.logs.entries import TRACEBACK

MAX_TEXT = 64 * 1024
_TITLE = 200

_VOLATILE = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        ),
        "<time>",
    ),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"(?:/private)?/(?:tmp|var/folders|var/tmp)/[^\s'\",;:)]+"), "<temporary>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?"), "<number>"),
)
_IDENTIFIER = re.compile(
    r"'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|`[^`\n]{1,200}`|\[[^\[\]\n]{1,200}\]|\([^()\n]{1,200}\)"
    r"|<class [^>\n]{1,200}>"
)
_FRAME = re.compile(
    r'^\s*File "(?P<path>[^"]+)", line \d+(?:, in (?P<function>.+))?\s*$', re.MULTILINE
)
_RAISED = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?\Z", re.DOTALL)
_NOT_IN_APP = re.compile(r"site-packages|dist-packages|/lib(?:64)?/python\d|^<|[\\/]Lib[\\/]")
# A wrapper repeats the first failure's message behind these words; both are the same error.
_WRAPPED = "Original exception was:"


class Fingerprint(Frozen):
    """What an error is: `title` is for people, redacted and short."""

    family: str
    identity: str
    title: str
    exception: str


def fingerprint(text: str) -> Fingerprint:
    """The fingerprint of one error's text, with or without a traceback."""
    text = text[:MAX_TEXT]
    exception, message, frames = _parse(text)
    message = message.rpartition(_WRAPPED)[2].strip()
    calm = _masked(message)
    identifiers = _IDENTIFIER.findall(calm)
    template = _IDENTIFIER.sub("<*>", calm)
    family = _digest(exception, *frames, template)
    name = exception.rsplit(".", 1)[-1]
    first = redact(message.split("\n", 1)[0])
    title = f"{name}: {first}" if name and first else name or first or "an error without words"
    return Fingerprint(
        family=family,
        identity=_digest(family, *identifiers),
        title=title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…",
        exception=exception,
    )


def _parse(text: str) -> tuple[str, str, list[str]]:
    """Exception type, message and in-app frames of the last traceback in the text."""
    start = text.rfind(TRACEBACK)
    if start < 0:
        return "", text.strip(), []
    lines = text[start:].split("\n")[1:]
    end = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    raised = _RAISED.match("\n".join(lines[end:]).rstrip())
    frames = [
        f"{'/'.join(PurePosixPath(found['path']).parts[-2:])}:{found['function'] or ''}"
        for found in _FRAME.finditer("\n".join(lines[:end]))
        if not _NOT_IN_APP.search(found["path"])
    ]
    if raised is None:
        return "", "\n".join(lines[end:]).strip() or text[:start].strip(), frames
    return raised["type"], raised["message"] or "", frames


def _masked(message: str) -> str:
    for pattern, mask in _VOLATILE:
        message = pattern.sub(mask, message)
    return message


def _digest(*parts: str) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:12]
