r"""The text of a Dockerfile as words: continued lines, quotes, `\` and variables, as Docker reads
them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import takewhile

from landed.core.errors import UsageError

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(\S+)")
_SYNTAX = re.compile(r"#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_OWN_FRONTEND = re.compile(
    r"(?:docker\.io/)?docker/dockerfile(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?", re.ASCII
)
_READS_NO_CONTEXT = frozenset(["cache", "tmpfs", "secret", "ssh"])
_WORD = re.compile(
    r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"]|['"\\])+""",
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_]\w*|\d", re.ASCII)
_HEREDOC = re.compile(r"\d*<<-?[\"']?\w[^<]*")
MAX_DEPTH = 30


def instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and value of each instruction: continued lines joined, comments taken out."""
    begun, parts, directives = 0, [""], True
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        bare = line.strip()
        if "\0" in line:
            raise UsageError(f"line {number}: a zero byte", "is this a Dockerfile?")
        directive = _DIRECTIVE.fullmatch(bare) if directives else None
        directives = directive is not None
        if directive and directive[1].lower() == "escape" and directive[2] != "\\":
            raise UsageError(
                f"line {number}: landed reads no other escape than `\\`", "leave the line out"
            )
        # Comments and empty lines do not end an instruction that goes on below them.
        if not bare or bare.startswith("#"):
            continue
        begun = begun or number
        goes_on = bare.endswith("\\")
        parts.append(line.rstrip().removesuffix("\\") if goes_on else line.rstrip())
        if not goes_on:
            yield begun, *_named("".join(parts))
            begun, parts = 0, [""]
    if begun and "".join(parts).strip():
        yield begun, *_named("".join(parts))


def check_frontend(text: str, given: str) -> None:
    """Raises UsageError where `# syntax=`, or the build argument `given`, has an image read this
    file that is not Docker's own. Any comment at the top counts: builders skip some lines there.
    """
    named = [given] if given else []
    for line in text.removeprefix("\ufeff").split("\n"):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            break
        found = _SYNTAX.match(bare)
        named += [found[1]] if found else []
    for frontend in named:
        if not _OWN_FRONTEND.fullmatch(frontend):
            raise UsageError(
                f"nobody can tell what the frontend `{frontend[:80]}` reads",
                "take `# syntax=docker/dockerfile:1`, or leave the line out",
            )


def mounted(value: str, scope: Mapping[str, str], line: int) -> Iterator[str]:
    """What the mounts of a RUN bind of the build's context, empty for all of it. So is what stands
    in quotes, where two readers could differ.
    """
    for word in takewhile(lambda word: word.startswith("--"), value.split()):
        name, _, options = word.partition("=")
        if name != "--mount":
            continue
        if any(char in options for char in "\"'\\"):
            yield ""
            continue
        said = {}
        for option in options.split(","):
            key, _, text = option.partition("=")
            key = "source" if key.lower() == "src" else key.lower()
            said[key] = resolve(text, scope, line)
        if not said.get("from") and said.get("type", "").lower() not in _READS_NO_CONTEXT:
            yield said.get("source", "")


def _named(instruction: str) -> tuple[str, str]:
    name, *rest = instruction.split(None, 1)
    return name.upper(), rest[0].strip() if rest else ""


def has_heredoc(value: str) -> bool:
    """Whether an instruction's value begins a here-document."""
    return any(_HEREDOC.fullmatch(word) for word in value.split())


def split(value: str) -> list[str]:
    """Words, with their quotes still on."""
    return _WORD.findall(value)


def listed(value: str) -> list[str]:
    """The strings of a JSON list, or words; quotes do not hold words of this form together."""
    words = json_list(value)
    return value.split() if words is None else words


def json_list(value: str) -> list[str] | None:
    """The strings of a JSON list, None where it is none."""
    try:
        words = json.loads(value) if value.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    strings = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return words if strings else None


def resolve(text: str, scope: Mapping[str, str], line: int) -> str:
    """The text without quotes and escapes, and with its variables. Raises UsageError."""
    return _Lexer(text, scope, line).until("", 0)


class _Lexer:
    """Goes through one word, or one value, from left to right."""

    def __init__(self, text: str, scope: Mapping[str, str], line: int) -> None:
        self._text, self._scope, self._line = text, scope, line
        self._at = 0

    def _next(self) -> str:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        return char

    def until(self, stop: str, depth: int) -> str:
        """What stands before `stop`, or before the end where `stop` is empty."""
        if depth > MAX_DEPTH:
            raise self._wrong("the variables are nested too deep")
        out: list[str] = []
        while char := self._next():
            if char == stop:
                return "".join(out)
            if char == "'":
                end = self._text.find("'", self._at)
                if end < 0:
                    raise self._wrong("a ' is not closed")
                out.append(self._text[self._at : end])
                self._at = end + 1
            elif char == '"':
                out.append(self._quoted(depth))
            elif char == "\\":
                out.append(self._next())
            elif char == "$":
                out.append(self._variable(depth))
            else:
                out.append(char)
        if stop:
            raise self._wrong(f"a `{stop}` is missing")
        return "".join(out)

    def _quoted(self, depth: int) -> str:
        out: list[str] = []
        while char := self._next():
            if char == '"':
                return "".join(out)
            if char == "\\":
                following = self._next()
                out.append(following if following in {'"', "$", "\\"} else f"\\{following}")
            elif char == "$":
                out.append(self._variable(depth))
            else:
                out.append(char)
        raise self._wrong('a " is not closed')

    def _variable(self, depth: int) -> str:
        braced = self._text[self._at : self._at + 1] == "{"
        found = _NAME.match(self._text, self._at + braced)
        if found is None:
            if braced:
                raise self._wrong("`${` names no variable")
            return "$"
        self._at = found.end()
        known = self._scope.get(found[0])
        if not braced:
            return known or ""
        how = self._next()
        if how == "}":
            return known or ""
        there = known is not None
        if how == ":":
            there, how = bool(known), self._next()
        if how not in {"-", "+", "?"}:
            raise self._wrong(f"`${{{found[0]}…}}` is written in a way that landed does not read")
        word = self.until("}", depth + 1)
        if how == "?" and not there:
            raise self._wrong(f"{found[0]} is not set: {word}")
        if how == "+":
            return word if there else ""
        return known or "" if there else word

    def _wrong(self, why: str) -> UsageError:
        return UsageError(f"line {self._line}: {why}", "mend the line")
