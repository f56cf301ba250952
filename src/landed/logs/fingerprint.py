"""Two levels of sameness: the family of an error, and its identity.

Family: exception type, in-app frames, message template. Identity: the family with the identifiers
that stay when only volatile values are masked. 'School' and 'FeatureFlag' failing in the same
place are one family and two identities; one number or one memory address more is neither.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from landed.core.model import Frozen
from landed.core.redact import redact
from landed.logs.mask import masked
from landed.logs.stacks import parse
from landed.logs.stacks.stack import Stack

MAX_TEXT = 64 * 1024
_TITLE = 200

_QUOTED = r"'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|`[^`\n]{1,200}`"
_BRACKETED = r"\[[^\[\]\n]{1,200}\]|\([^()\n]{1,200}\)|<class [^>\n]{1,200}>"
# Names that stand in a message without any marks: a.dotted.Name, a/path, snake_case, camelCase, a
# Word within a sentence, and whatever follows the last colon or is the whole message.
_BARE = (
    r"(?<![\w.$/])(?:[A-Za-z_$][\w$-]{0,80}(?:[./][\w$-]{1,80}){1,20}|[A-Za-z]\w{0,80}_\w{1,80}"
    r"|[A-Za-z][a-z]{1,40}[A-Z]\w{0,80}|/[\w.$/-]{1,200}|(?<=[a-z] )[A-Z][a-z]\w{0,80}"
    r"|(?<=: )[\w$-]{1,80}(?=\Z|\n)|\A[\w$-]{1,80}\Z)"
)
_IDENTIFIER = re.compile(f"{_QUOTED}|{_BRACKETED}")
_UNQUOTED = re.compile(f"{_BRACKETED}|{_BARE}")
_QUOTES = re.compile(_QUOTED)
# A wrapper repeats the first failure's message behind these words; both are the same error.
_WRAPPED = "Original exception was:"


class Fingerprint(Frozen):
    """What an error is: `title` is for people, redacted and short. `frames` are the program's own,
    and those of what caused it. `message` is what was logged,
    with nothing taken out, and `said` the same with its exception and all that caused it: they stay
    in this process.
    """

    family: str
    identity: str
    title: str
    exception: str
    message: str
    said: str
    frames: tuple[str, ...] = ()


class _Read(Frozen):
    """A message, taken apart."""

    template: str
    identifiers: tuple[str, ...]


@lru_cache(maxsize=256)
def fingerprint(text: str) -> Fingerprint:
    """The fingerprint of one error's text, with or without a stack."""
    text = text[:MAX_TEXT]
    stack = parse(text) or Stack(exception="", message=text.strip(), frames=())
    read = _read(_said(stack))
    kind = [stack.exception, *stack.frames, read.template]
    names = [*read.identifiers]
    for cause in stack.causes:
        behind = _read(_said(cause))
        kind += ["<-", cause.exception, *cause.frames, behind.template]
        names += ["<-", *behind.identifiers]
    family = _digest(*kind)
    return Fingerprint(
        family=family,
        identity=_digest(family, *names),
        title=_title(stack),
        exception=stack.exception,
        message=_said(stack),
        said="\n".join(f"{one.exception}: {_said(one)}" for one in (stack, *stack.causes)),
        frames=tuple(frame for one in (stack, *stack.causes) for frame in one.frames),
    )


def _said(stack: Stack) -> str:
    return stack.message.rpartition(_WRAPPED)[2].strip()


def _read(message: str) -> _Read:
    calm = masked(message)
    # Who quotes names quotes all of them; only elsewhere a word may be one by its looks.
    names = _IDENTIFIER if _QUOTES.search(calm) else _UNQUOTED
    return _Read(template=names.sub("<*>", calm), identifiers=tuple(names.findall(calm)))


def _title(stack: Stack) -> str:
    """The error, and the one at its root."""
    said = [_short(one) for one in (stack, *stack.causes[-1:])]
    title = " ← ".join(filter(None, said)) or "an error without words"
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def _short(stack: Stack) -> str:
    name = stack.exception.rsplit(".", 1)[-1]
    first = redact(_said(stack).split("\n", 1)[0])
    return f"{name}: {first}" if name and first else name or first


def _digest(*parts: str) -> str:
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:12]
