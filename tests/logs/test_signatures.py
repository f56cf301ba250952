"""Known words are found in entries as plain search would find them, and faster."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from msgspec import structs

from landed.core.probe import LogLine
from landed.logs import signatures
from landed.logs.signatures import Signatures

ENTRY = LogLine(timestamp=datetime(2026, 1, 1, tzinfo=UTC), severity="INFO", text="", execution="e")


def entries(*texts: str) -> list[LogLine]:
    return [structs.replace(ENTRY, text=text) for text in texts]


@pytest.mark.parametrize("chunk", [1, 40, 1 << 20])
def test_it_finds_what_plain_search_finds(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "CHUNK", chunk)
    chance = random.Random(3)
    letters = "ab\n.*([é\ud800"
    for _ in range(200):
        words = ["".join(chance.choices(letters, k=chance.randrange(1, 4))) for _ in range(4)]
        names = {word: f"name of {word}" for word in words}
        texts = ["".join(chance.choices(letters, k=chance.randrange(12))) for _ in range(20)]
        plain = [next((names[w] for w in names if w in text), None) for text in texts]
        assert Signatures(names).names(entries(*texts)) == plain


def test_no_words_are_in_no_entry() -> None:
    assert Signatures({"": "nothing"}).names(entries("a", "")) == [None, None]
    assert Signatures({"a": "a"}).names([]) == []


def test_a_field_counts_as_well() -> None:
    entry = structs.replace(ENTRY, text="failed", fields='{"error": "no School"}')
    assert Signatures({"no School": "it"}).names([entry]) == ["it"]
