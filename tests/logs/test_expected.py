"""What counts as normal work, and that no pattern can hold up a trace."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.logs.entries import from_entry
from landed.logs.expected import LARGEST, MAX_TEXT, Expected

# Python's `re` would need longer over these than the universe is old.
HANGING = ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}c", "(a|a|b?)*$c"]


@pytest.mark.parametrize("pattern", HANGING)
def test_no_pattern_runs_for_ever(pattern: str) -> None:
    assert not Expected([pattern]).seen_in("a" * (MAX_TEXT - 1) + "!")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing"),
        ("(?=work)", "invalid"),
        (r"(a)\1", "escape"),
        (r"(?:\pL{1,10}\s){1,90}", "large"),
        ("(?:.?.?){1000}", "repeats"),
        ("a{1001}", "repetition"),
        ("\udc80", "surrogates"),
    ],
)
def test_what_cannot_be_searched_for_is_an_error_and_no_silence(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Expected([pattern])


def test_what_stands_behind_the_part_that_is_looked_at_is_no_work() -> None:
    assert Expected(["done"]).seen_in("x" * (MAX_TEXT - 4) + "done")
    assert not Expected(["done"]).seen_in("x" * MAX_TEXT + "done")


def test_a_pattern_may_end_where_the_message_does_whatever_else_an_entry_tells() -> None:
    payload = {"severity": "INFO", "message": "ready", "detail": "in 12 ms", "errors": ["none"]}
    raw = {"timestamp": "2026-01-01T00:00:00Z", "jsonPayload": payload}
    entry = from_entry(json.dumps(raw).encode(), "e")
    assert "in 12 ms" in entry.text
    assert Expected(["^ready$"]).shown_by(entry)
    assert Expected(["12 ms"]).shown_by(entry)
    assert not Expected(["^$"]).shown_by(entry)


def test_no_pattern_is_no_expectation() -> None:
    assert not Expected()
    assert not Expected().seen_in("anything")
    assert Expected([""]).seen_in("anything")


def test_ordinary_patterns_are_far_from_the_bound() -> None:
    stamp = r"\d{4}-\d\d-\d\dT.{1,200} lesson [\w-]{36} (written|saved)"
    assert Expected([stamp]).seen_in(
        "2026-01-01T00:00:00Z worker: lesson d9b2d63d-a233-4123-847a-7f0a1d3e8a11 saved"
    )
    assert LARGEST > 1_000


PIECES = ["a", "b", "ü", ".", "a*", "b+", "(?:ab)?", "[^a]", "[ab]{1,2}", "^", "$", "|", r"\n"]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(alphabet="abü\n", max_size=8).map(lambda text: text.rstrip("\n")),
)
def test_what_both_understand_means_what_it_means_in_python(pattern: str, text: str) -> None:
    assert Expected([pattern]).seen_in(text) == (re.search(pattern, text) is not None)
