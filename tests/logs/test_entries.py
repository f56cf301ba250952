"""Entries of Cloud Logging's shape, however odd."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landed.logs.entries import CHUNK, from_entry, from_lines, is_error, spoken

MOMENT = {"timestamp": "2026-01-01T00:00:00.123456789Z"}


def read(**parts: Any) -> Any:
    return from_entry(json.dumps({**MOMENT, **parts}).encode(), "unknown")


def test_lines_are_read_as_single_entries_are() -> None:
    """More of them than are decoded in one go, with and without a payload, and blank lines."""
    odd: list[dict[str, Any]] = [{"textPayload": "a"}, {"jsonPayload": {"message": "é\\u"}}, {}]
    raw = [{**MOMENT, "insertId": str(n), **odd[n % 3]} for n in range(CHUNK // 30)]
    lines = [json.dumps(entry, ensure_ascii=False).encode() for entry in raw]
    assert from_lines(b"\n\n".join(lines), "e") == [from_entry(line, "e") for line in lines]
    assert from_lines(b"\n".join(lines) + b"\n", "e") == from_lines(b"\n".join(lines), "e")
    assert from_lines(b"", "e") == []


def test_an_entry_may_take_several_lines() -> None:
    entry = from_entry(json.dumps({**MOMENT, "textPayload": "a\nb"}, indent=2).encode(), "e")
    assert entry.text == "a\nb"


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b"[]",
        b"{}",
        b'{"timestamp": "yesterday"}',
        b'{"timestamp": "2026-01-01T00:00:00"}',
    ],
)
def test_what_is_no_entry_is_an_error_and_no_silence(line: bytes) -> None:
    good = json.dumps(MOMENT).encode()
    with pytest.raises(ValueError, match=r".+"):
        from_lines(good + b"\n" + line, "e")


def test_who_wrote_it_is_known_as_far_as_the_entry_tells() -> None:
    job = {"run.googleapis.com/task_index": "3", "run.googleapis.com/task_attempt": "1"}
    assert read(labels=job).instance == "3/1"
    assert read(labels={"instanceId": "00a1"}).instance == "00a1"
    assert read(trace="projects/p/traces/t").trace == "projects/p/traces/t"
    for key in ("thread", "thread_name", "threadName"):
        assert read(jsonPayload={"message": "a", key: "http-1"}).thread == "http-1"


@pytest.mark.parametrize("key", ["stack_trace", "exception", "stack"])
def test_a_stack_in_a_field_of_its_own_is_part_of_the_text(key: str) -> None:
    entry = read(jsonPayload={"message": "broke", key: "Error: x\n    at f (/app/a.js:1:1)"})
    assert entry.text == "broke\nError: x\n    at f (/app/a.js:1:1)"
    assert is_error(entry)


@pytest.mark.parametrize(
    "parts",
    [
        {"jsonPayload": {}},
        {"jsonPayload": {"message": None}},
        {"jsonPayload": {"message": ["a"], "level": {"deep": 1}, "thread": [1]}},
        {"jsonPayload": None},
        {"textPayload": None, "severity": None, "labels": None, "insertId": None},
        {"textPayload": 7, "severity": 500},
        {"protoPayload": {"status": {}}},
    ],
)
def test_odd_entries_are_entries(parts: dict[str, Any]) -> None:
    assert read(**parts).execution == "unknown"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"severity": "ERROR", "message": "self-check failed: a, b"}', "self-check failed: a, b"),
        ('{"level": 50, "msg": "no such model"}', "no such model"),
        ('{"event": "begun"}', "begun"),
        ('{"other": "no message at all"}', '{"other": "no message at all"}'),
        ('{"message": {"nested": 1}}', '{"message": {"nested": 1}}'),
        ('{"message": "cut o', '{"message": "cut o'),
        ('["message"]', '["message"]'),
        ("AssertionError: plain words", "AssertionError: plain words"),
    ],
)
def test_a_line_of_output_says_its_message(line: str, said: str) -> None:
    assert spoken(line) == said
