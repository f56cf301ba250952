"""What varies from one run to the next without being another error: it is masked."""

from __future__ import annotations

import re

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
# Every repeat is bounded, or begins with what it cannot repeat: logs are hostile.
_VOLATILE = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        ),
        "<time>",
    ),
    (
        re.compile(
            rf"\b{_DAY},? (?:\d\d? {_MONTH}|{_MONTH} +\d\d?)(?:,? \d{{4}})?"
            r"(?: \d\d:\d\d(?::\d\d)?)?(?: (?:[A-Z]{3,4}|[+-]\d{4}))?(?: \d{4})?\b"
        ),
        "<time>",
    ),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (
        re.compile(r"(?<![\w:])\[?(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?:\]:\d+)?(?![\w:])"),
        "<address>",
    ),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    # a Java object's hash
    (re.compile(r"(?<=\w@)[0-9a-f]{4,8}\b"), "<hex>"),
    (re.compile(r"(?:/private)?/(?:tmp|var/folders|var/tmp)/[^\s'\",;:)]+"), "<temporary>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?"), "<number>"),
)


def masked(text: str) -> str:
    """The text with numbers, hex, UUIDs, times, addresses and temporary paths masked."""
    for pattern, mask in _VOLATILE:
        text = pattern.sub(mask, text)
    return text
