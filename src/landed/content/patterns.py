"""The ways to write file patterns that count on the way into an image: gcloud's, that of
`.dockerignore`, that of COPY, and that of a build's trigger. Each follows the program that decides,
not git.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(r"\\.|.", re.DOTALL)
_ITEM = r"(?:\\.|[^\\\]-])"
_CLASS = rf"\[\^?(?:{_ITEM}(?:-{_ITEM})?)+\]"
_GO_TOKEN = re.compile(rf"\\.|{_CLASS}|[^\\\[]", re.DOTALL)
_DOCKER_TOKEN = re.compile(rf"\*\*/?|{_GO_TOKEN.pattern}", re.DOTALL)
_RANGE = re.compile(rf"({_ITEM})(?:-({_ITEM}))?", re.DOTALL)


class GcloudPattern:
    r"""A line of a `.gcloudignore`, matched as gcloud's own code does.

    It resembles git's rules and differs: without a leading `/`, `a/b` matches at any depth.
    Raises ValueError for a line that gcloud passes over: a blank one, or an odd `\` at its end.
    """

    def __init__(self, line: str) -> None:
        self.negated = line.startswith("!")
        line = line.removeprefix("!")
        self.only_folders = line.endswith("/")
        tokens = _TOKEN.findall(line.removesuffix("/"))
        while tokens and tokens[-1] == " ":
            tokens.pop()
        if not tokens or tokens[-1] == "\\":
            raise ValueError(line)
        plain = "".join(tokens).replace("\\ ", " ")
        plain = re.sub(r"\\([^\\])", r"\1", plain).replace("\\\\", "\\")
        self._parts = plain.split("/")
        if "**" in self._parts and self._parts[0]:
            self._parts.insert(0, "")
        self._match = [re.compile(fnmatch.translate(part)).match for part in self._parts]

    def matches(self, path: Sequence[str], *, folder: bool) -> bool:
        """Whether it names this path, given in its parts."""
        if self.only_folders and not folder:
            return False
        return self._from_the_right(len(self._parts), path, len(path))

    def _from_the_right(self, left: int, path: Sequence[str], length: int) -> bool:
        """Matches the first `left` parts of the pattern against the first `length` of the path."""
        if left == 0:
            return True
        if length < 0:
            return False
        part = self._parts[left - 1]
        if part == "**":
            return any(self._from_the_right(left - 1, path, n) for n in range(length + 1))
        # gcloud measures what is left of the path in characters: a folder named by one counts not.
        if part == "*" and left == 1 and (length > 2 or (length == 2 and len(path[0]) > 1)):
            return False
        if not self._match[left - 1](path[length - 1] if length else ""):
            return False
        return self._from_the_right(left - 1, path, length - 1)


def docker_pattern(pattern: str) -> Callable[[str], bool]:
    """A cleaned line of a `.dockerignore` (without `!`), matched as Docker's own matcher does.

    Raises ValueError for a pattern that the builder refuses.
    """
    go_pattern(pattern)
    words: list[str] = []
    kind = "exact"
    tokens = _DOCKER_TOKEN.findall(pattern)
    for number, token in enumerate(tokens):
        if not token.startswith("**"):
            wild = token[0] in "*?[\\"
            words.append(_word(token))
            kind = "regex" if wild else kind
            continue
        last = number == len(tokens) - 1
        words.append(".*" if last else "(?:.*/)?")
        # A `**` at either end compares the plain text, also in the middle of a name.
        kind = "suffix" if number == 0 else "prefix" if last and kind == "exact" else "regex"
    if kind == "exact":
        return lambda path: path == pattern
    if kind == "prefix":
        return lambda path: path.startswith(pattern[:-2])
    if kind == "suffix":
        rest = pattern[2:]
        return lambda path: path.endswith(rest) or f"/{path}" == rest
    regex = re.compile("".join(words), re.DOTALL)
    return lambda path: regex.fullmatch(path) is not None


def go_pattern(pattern: str) -> re.Pattern[str]:
    """Go's `filepath.Match`, which COPY uses. Raises ValueError for a malformed pattern."""
    tokens = _GO_TOKEN.findall(pattern)
    if not pattern or "".join(tokens) != pattern:
        raise ValueError(f"`{pattern}` is no pattern")
    return re.compile("".join(map(_word, tokens)), re.DOTALL)


def trigger_pattern(pattern: str) -> re.Pattern[str]:
    """A path filter of a trigger: Go's `filepath.Match`, and `**` for any number of folders.

    Raises ValueError for a malformed pattern.
    """
    tokens = _DOCKER_TOKEN.findall(pattern)
    if not pattern or "".join(tokens) != pattern:
        raise ValueError(f"`{pattern}` is no pattern")
    deep = {"**/": "(?:.*/)?", "**": ".*"}
    return re.compile("".join(deep.get(token) or _word(token) for token in tokens), re.DOTALL)


def _word(piece: str) -> str:
    """One piece of a Go pattern as a regular expression."""
    if piece == "*":
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and len(piece) > 1:
        return _class(piece[1:-1])
    return re.escape(piece[-1])


def _class(inner: str) -> str:
    """What stands between brackets; a range that runs backwards holds nothing."""
    negated = inner.startswith("^")
    ranges = ((low[-1], (high or low)[-1]) for low, high in _RANGE.findall(inner.removeprefix("^")))
    body = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not body:
        return "." if negated else "(?!)"
    return f"[{'^' if negated else ''}{body}]"


def clean(path: str) -> str:
    """Go's `filepath.Clean`: one form for every way to write a path."""
    tidy = posixpath.normpath(path or ".")
    return tidy[1:] if tidy.startswith("//") else tidy
