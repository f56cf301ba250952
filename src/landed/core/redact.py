"""Takes secrets out of text before it becomes evidence, a log line or a ledger entry."""

from __future__ import annotations

import re

_NAME = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|authorization"
    r"|(?:api|access|account|private|secret)[_-]?key"
)
# A sentence, and no setting: "gcloud gives no token: ERROR: (...) You do not ...".
_SENTENCE = (
    r"(?:[a-z_.]{1,30}:\s|(?<=token: )(?!bearer\s|basic\s)[a-z]{1,15}[,.]?\s+[a-z(]{1,20}[\s.,)])"
)
_VALUE = (
    r"(?:(?<=\\\")[^\"\\]+|(?<=\")(?:[^\"\\\n]|\\.)+|(?<=')(?:[^'\\\n]|\\.)+"
    r"|(?<![\"'])[^\s\"',;&]+)"
)
# Every repeat is bounded, or cannot begin again within itself: logs are hostile, and must not cost
# quadratic time. A name may stand at the end of another one, as in DB_PASSWORD and clientSecret.
_SECRETS = (
    # First, as a key's name would hide where the key begins.
    re.compile(
        r"(?P<keep>)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
        r".*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    # Up to the last @ of the host's part; with a slash in the password, up to the first one.
    # What looks like a port is none of a password.
    re.compile(
        r"(?P<keep>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://)"
        r"(?:[^\s/'\"]+|[^\s/@:'\"]{0,100}:(?!\d{1,5}/)(?:[^\s/@'\"]|/(?!/)){1,500}+)(?=@)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<keep>(?:{_NAME})(?:\\{{0,3}}[\"'])?\s{{0,20}}(?:[=:]>?|%3[ad])\s{{0,20}}"
        rf"(?!(?<=\s){_SENTENCE})(?:(?:bearer|basic)\s{{1,20}})?(?:\\{{0,3}}[\"'])?){_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>(?<![a-z0-9])sig(?:nature)?=)[^\s\"',;&]+", re.IGNORECASE),
    re.compile(
        rf"(?P<keep>(?<![\w-])--(?:[a-z0-9]{{1,20}}[_-]){{0,3}}(?:{_NAME})\s{{1,20}}[\"']?)"
        rf"(?!-){_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bbearer\s{1,20})[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"(?P<keep>)(?<![A-Za-z0-9])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w.-]{20,}"
        r"|xox[abeoprs]-[\w-]{10,}|ya29\.[\w.-]{10,}|GOCSPX-[\w-]{20,}|AIza[\w-]{30,}"
        r"|(?:AKIA|ASIA)\w{16})"
    ),
    re.compile(r"(?P<keep>)(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"),
)


_SECRET = re.compile(_NAME, re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether what stands under this name is a secret: without the name nobody would see it."""
    return bool(_SECRET.search(name))


def redact(text: str) -> str:
    """The text with passwords, tokens and keys replaced by `***`."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: f"{found['keep']}***", text)
    return text
