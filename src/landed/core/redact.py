"""Takes secrets out of text before it becomes evidence, a log line or a ledger entry."""

from __future__ import annotations

import re

_SECRETS = (
    # Every repeat is bounded or anchored: logs are hostile, and must not cost quadratic time.
    re.compile(
        r"(?P<keep>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://)[^\s/@'\"]{1,500}@", re.IGNORECASE
    ),
    re.compile(
        r"(?P<keep>\b(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|authorization)"
        r"[\"']?\s*[=:]\s*)(?:bearer\s+|basic\s+)?[\"']?[^\s\"',;&]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(?P<keep>)\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|ya29\.[\w-]{20,}|AKIA\w{16})"),
    re.compile(
        r"(?P<keep>)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
)


def redact(text: str) -> str:
    """The text with passwords, tokens and keys replaced by `***`."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: f"{found['keep']}***", text)
    return re.sub(r"(://\*\*\*)(?!@)", r"\1@", text)
