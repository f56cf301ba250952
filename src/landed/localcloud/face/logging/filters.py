"""Filters: which entries a text in Cloud Logging's language means.

Text is compared without its case, save by regular expressions. A comparison with a field that an
entry does not have fails, `!=` as well; only `NOT` makes it true.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lark import Token, Tree

from landed.localcloud.face.answers import invalid
from landed.localcloud.face.logging.language import parsed
from landed.localcloud.logbook import stamp

Entry = Mapping[str, Any]
Wanted = Callable[[Entry], bool]
_Test = Callable[[Any], bool]

SEVERITIES = {
    "DEFAULT": 0,
    "DEBUG": 100,
    "INFO": 200,
    "NOTICE": 300,
    "WARNING": 400,
    "ERROR": 500,
    "CRITICAL": 600,
    "ALERT": 700,
    "EMERGENCY": 800,
}
_FIELDS = frozenset(
    {"errorGroups", "httpRequest", "insertId", "jsonPayload", "labels", "logName", "metadata"}
    | {"operation", "protoPayload", "receiveTimestamp", "resource", "severity", "sourceLocation"}
    | {"spanId", "split", "textPayload", "timestamp", "trace", "traceSampled"}
)
_MOMENTS = ("timestamp", "receiveTimestamp")
_PART = re.compile(r'"((?:\\.|[^"\\])*)"|([^."]+)', re.DOTALL)
_ESCAPED = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(0[0-9a-fA-F]{7})|(.))", re.DOTALL
)
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def compiled(text: str) -> Wanted:
    """What a filter means; an empty one means every entry. Raises Refusal for one that cannot be
    parsed, names a field that no entry has, or compares with what is no value of that field.
    """
    try:
        parts = [_wanted(part) for part in parsed(text).children]
    except RecursionError:
        raise invalid("Unparseable filter: it is nested too deeply") from None
    return lambda entry: all(part(entry) for part in parts)


def _wanted(node: Any) -> Wanted:
    kind, children = node.data, node.children
    if kind == "comparison":
        return _comparison(*children)
    if kind == "anywhere":
        needle = _text(children[0]).casefold()
        return lambda entry: any(needle in said.casefold() for said in _said(entry))
    if kind == "call":
        return _call(*children)
    parts = [_wanted(child) for child in children]
    if kind == "negation":
        return lambda entry: not parts[0](entry)
    joined = any if kind == "disjunction" else all
    return lambda entry: joined(part(entry) for part in parts)


def _call(function: Token, argument: Token) -> Wanted:
    if function != "log_id":
        raise invalid(f"Unparseable filter: the function {function!r} is not played here")
    end = f"/logs/{_text(argument)}".replace("/", "%2F").replace("%2Flogs%2F", "/logs/", 1)
    return lambda entry: str(entry.get("logName", "")).endswith(end)


def _said(value: Any) -> Iterator[str]:
    """Every text that stands in a value, as a search without a field looks at it."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    elif value is not None:
        yield _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(token: Token) -> str:
    """What a value says, without its quotes."""
    return _ESCAPED.sub(_sign, token[1:-1]) if token.type == "STRING" else str(token)


def _sign(escaped: re.Match[str]) -> str:
    """The sign that an escape stands for."""
    code = escaped[1] or escaped[2] or escaped[3]
    if code is None:
        return _SIGNS.get(escaped[4], escaped[4])
    number = int(code, 16)
    if number > sys.maxunicode:
        raise invalid(f"Unparseable filter: {escaped[0]!r} is no sign")
    return chr(number)


def _pattern(token: Token) -> str:
    """A regular expression as it was written; what it escapes is its own business."""
    if token.type != "STRING":
        return str(token)
    return str(token[1:-1]).replace('\\"', '"').replace(r"\\", "\\")


def _comparison(field: Token, operator: Token, operand: Tree[Any]) -> Wanted:
    path = [
        _ESCAPED.sub(_sign, quoted) if quoted else plain
        for quoted, plain in _PART.findall(str(field))
    ]
    if path[0] not in _FIELDS:
        raise invalid(f"Unparseable filter: no entry has a field {path[0]!r}")
    test = _choice(path, str(operator), operand)
    return lambda entry: any(test(value) for value in _at(entry, path))


def _choice(path: list[str], operator: str, node: Any) -> _Test:
    """A test of one value, or of several that AND, OR and NOT join behind one operator."""
    if node.data == "value":
        return _test(path, operator, node.children[0])
    parts = [_choice(path, operator, child) for child in node.children]
    if node.data == "refusal":
        return lambda value: not parts[0](value)
    joined = any if node.data == "either" else all
    return lambda value: joined(part(value) for part in parts)


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """What an entry has at a path: nothing, one value, or each of a list's."""
    if isinstance(value, list):
        for inner in value:
            yield from _at(inner, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        # A label's name may hold dots, quoted or not.
        for count in range(len(path), 0, -1):
            name = ".".join(path[:count])
            if name in value:
                yield from _at(value[name], path[count:])
                return


def _test(path: list[str], operator: str, token: Token) -> _Test:
    wanted = _text(token)
    if operator == ":":
        if token.type == "WORD" and wanted == "*":
            return lambda _value: True
        needle = wanted.casefold()
        return lambda value: any(needle in said.casefold() for said in _said(value))
    if operator in ("=~", "!~"):
        return _matches(_pattern(token), found=operator == "=~")
    compare = _ORDER[operator]
    if path == ["severity"]:
        rank = _severity(wanted)
        return lambda value: compare(SEVERITIES.get(str(value), 0), rank)
    if path[0] in _MOMENTS:
        # Entries have their moments in one form, which sorts as text.
        moment = stamp(_moment(wanted))
        return lambda value: compare(str(value), moment)
    return _plainly(compare, wanted)


def _matches(pattern: str, *, found: bool) -> _Test:
    try:
        expression = re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise invalid(f"Unparseable filter: bad regular expression: {error}") from None
    return lambda value: (expression.search(_plain(value)) is not None) is found


def _plainly(compare: Callable[[Any, Any], bool], wanted: str) -> _Test:
    """Numbers as numbers, all else as text without its case."""
    try:
        number: float | None = float(wanted)
    except ValueError:
        number = None

    def test(value: Any) -> bool:
        if isinstance(value, (Mapping, list)) or value is None:
            return False
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return number is not None and compare(value, number)
        return compare(_plain(value).casefold(), wanted.casefold())

    return test


def _severity(word: str) -> int:
    if word.isascii() and word.isdigit():
        return int(word[:9])
    try:
        return SEVERITIES[word.upper()]
    except KeyError:
        raise invalid(f"Unparseable filter: {word!r} is no severity") from None


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        # A moment without a zone, and a bare day, are UTC.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(f"Unparseable filter: {text!r} is no timestamp") from None
