"""The filters that `builds list` sends: comparisons, joined by AND, OR and NOT."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from landed.localcloud.face.answers import invalid

Test = Callable[[dict[str, Any]], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<mark>[()])|(?P<op><=|>=|!=|<|>|=|:)|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<word>[^\s()<>=!:\"]+))"
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, ":": operator.eq, "!=": operator.ne,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NAMES = {"build_id": "id", "trigger_id": "build_trigger_id"}
_TIMES = frozenset({"create_time", "start_time", "finish_time"})
_KNOWN = _TIMES | {
    "id", "build_trigger_id", "status", "tags", "images", "project_id", "substitutions",
    "results", "source", "source_provenance", "options", "logs_bucket", "service_account",
}  # fmt: skip
_LONGEST = 4096


def parse(text: str) -> Test:
    """Reads a filter; gives what tells whether a build passes. Raises Refusal for other text."""
    if len(text) > _LONGEST:
        raise invalid("the filter is too long")
    reader = _Reader([*_tokens(text)])
    try:
        test = reader.either()
    except RecursionError:
        raise invalid("the filter is nested too deeply") from None
    if reader.here() is not None:
        raise invalid("the filter cannot be read to its end")
    return test


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise invalid(f"the filter cannot be read at {text[at : at + 20]!r}")
        at = found.end()
        value = found[found.lastgroup]
        if found.lastgroup == "quoted":
            value = re.sub(r"\\(.)", r"\1", value)
        yield found.lastgroup, value


class _Reader:
    """A filter's tokens, read from left to right."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def here(self) -> tuple[str, str] | None:
        """The next token, None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *wanted: tuple[str, str]) -> bool:
        taken = self.here() in wanted
        self._at += taken
        return taken

    def either(self) -> Test:
        """Tests joined by OR."""
        tests = [self._both()]
        while self._take(("word", "OR")):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda build: any(t(build) for t in tests)

    def _both(self) -> Test:
        """Tests joined by AND, or standing side by side."""
        tests = [self._one()]
        while self._take(("word", "AND")) or self.here() not in (
            None,
            ("word", "OR"),
            ("mark", ")"),
        ):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda build: all(t(build) for t in tests)

    def _one(self) -> Test:
        if self._take(("word", "NOT")):
            test = self._one()
            return lambda build: not test(build)
        if self._take(("mark", "(")):
            test = self.either()
            if not self._take(("mark", ")")):
                raise invalid("the filter lacks a closing parenthesis")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        parts = self._tokens[self._at : self._at + 3]
        kinds = [kind for kind, _ in parts]
        if len(parts) != 3 or kinds[:2] != ["word", "op"] or kinds[2] not in ("word", "quoted"):
            raise invalid('a filter is made of comparisons: status="SUCCESS"')
        self._at += 3
        (_, key), (_, sign), (_, value) = parts
        first, *rest = [re.sub(r"(?<!^)([A-Z])", r"_\1", part).lower() for part in key.split(".")]
        first = _NAMES.get(first, first)
        if first not in _KNOWN:
            raise invalid(f"the filter names a field that builds do not have: {key[:100]!r}")
        path = [_camel(part) for part in (first, *rest)]
        compare = _OPERATORS[sign]
        if first in _TIMES:
            moment = _moment(value)
            return lambda build: any(compare(_moment(one), moment) for one in _values(build, path))
        if sign == "!=":
            return lambda build: value not in _values(build, path)
        return lambda build: any(compare(one, value) for one in _values(build, path))


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _values(document: Any, path: list[str]) -> list[str]:
    """Every value at a path; a list has one for each of its parts."""
    if isinstance(document, list):
        return [value for part in document for value in _values(part, path)]
    if path:
        inner = document.get(path[0]) if isinstance(document, dict) else None
        return [] if inner is None else _values(inner, path[1:])
    return [str(document)]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{text[:100]!r} is no moment") from None
    if found.tzinfo is None:
        raise invalid(f"{text[:100]!r} has no time zone")
    return found
