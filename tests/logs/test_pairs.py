"""Real errors of four languages: the same bug once more, and the one that was hidden behind it."""

from __future__ import annotations

from collections import Counter

from landed.logs.fingerprint import fingerprint
from landed.logs.stacks import parse
from recorded_errors import recorded

PAIRS = recorded()


def names(pairs: list[dict[str, str]]) -> list[str]:
    return [f"{pair['language']} {pair['scenario']}" for pair in pairs]


def test_there_are_a_hundred_pairs_of_each_kind_from_four_languages() -> None:
    assert len(PAIRS) >= 100
    assert min(Counter(pair["language"] for pair in PAIRS).values()) >= 25


def test_each_has_a_stack_that_is_understood() -> None:
    without = [p for p in PAIRS for run in ("one", "same", "next") if parse(p[run]) is None]
    assert not names(without)


def test_the_same_bug_is_kept_together() -> None:
    split = [p for p in PAIRS if fingerprint(p["one"]).identity != fingerprint(p["same"]).identity]
    assert len(split) <= 0.05 * len(PAIRS), names(split)


def test_a_hidden_bug_is_told_apart() -> None:
    merged = [p for p in PAIRS if fingerprint(p["one"]).identity == fingerprint(p["next"]).identity]
    assert len(merged) <= 0.05 * len(PAIRS), names(merged)
    # In these nothing is left of the name: a temporary path, or words that never held it.
    assert set(names(merged)) == {
        "go field",
        "java immutable",
        "node argumentType",
        "node temporaryFile",
        "python file",
    }


def test_most_hidden_bugs_are_known_as_kin_of_the_first() -> None:
    kin = [p for p in PAIRS if fingerprint(p["one"]).family == fingerprint(p["next"]).family]
    assert len(kin) >= 0.7 * len(PAIRS)
