"""Stacks that came line by line: put together by who wrote them, or marked where that fails."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import pytest
from msgspec import structs

from landed.core.probe import LogLine
from landed.logs.entries import is_error
from landed.logs.fingerprint import fingerprint
from landed.logs.stacks import extent, orphan, possible
from landed.logs.whole import whole
from recorded_errors import recorded

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PAIRS = recorded()
MIXTURES = 600


def line(text: str, number: int, **who: str) -> LogLine:
    plain = LogLine(
        timestamp=BEGIN + timedelta(milliseconds=number),
        severity="DEFAULT",
        text=text,
        execution="e",
        insert_id=f"{number:08d}",
    )
    return structs.replace(plain, **who)


def lines(texts: Iterable[str], **who: str) -> list[LogLine]:
    return [line(text, number, **who) for number, text in enumerate(texts)]


def shuffled_together(*stacks: str) -> list[tuple[int, str]]:
    """A line of each in turn, with the number of its stack."""
    rows = zip_longest(*(stack.split("\n") for stack in stacks))
    return [(which, text) for row in rows for which, text in enumerate(row) if text is not None]


def errors(entries: Iterable[LogLine]) -> list[LogLine]:
    return [entry for entry in whole(entries) if is_error(entry)]


def test_a_stack_that_came_line_by_line_is_the_same_error() -> None:
    for pair in PAIRS:
        text = f"begin\n{pair['one']}\nwork done"
        (error,) = errors(lines(text.split("\n")))
        assert not error.mixed, pair["scenario"]
        assert fingerprint(error.text).identity == fingerprint(pair["one"]).identity


@pytest.mark.parametrize("who", ["thread", "instance", "execution", "stream", "trace"])
def test_two_stacks_that_mix_are_taken_apart_by_who_wrote_them(who: str) -> None:
    for pair in PAIRS:
        mixed = [
            line(text, number, **{who: str(which)})
            for number, (which, text) in enumerate(shuffled_together(pair["one"], pair["next"]))
        ]
        found = errors(mixed)
        assert [error.mixed for error in found] == [False, False], pair["scenario"]
        assert {fingerprint(error.text).identity for error in found} == {
            fingerprint(pair[run]).identity for run in ("one", "next")
        }


def mixtures() -> list[list[LogLine]]:
    """Pairs of Python's and Java's stacks mixed line by line, in many ways, without any key."""
    chance = random.Random(7)
    made = []
    for number in range(MIXTURES):
        spoken = [p for p in PAIRS if p["language"] == ("python", "java")[number % 2]]
        stacks = [chance.choice(spoken)["one"].split("\n") for _ in range(2)]
        begun = chance.randrange(1, len(stacks[0]))
        texts, stacks[0] = stacks[0][:begun], stacks[0][begun:]
        while all(stacks):
            texts.append(stacks[chance.randrange(2)].pop(0))
        made.append(lines(texts + stacks[0] + stacks[1]))
    return made


def test_stacks_that_mix_without_a_key_are_marked() -> None:
    """Not one of them may pass for another error than the two that were logged."""
    true = {fingerprint(pair["one"]).identity for pair in PAIRS}
    wrong = [
        error.text
        for mixture in mixtures()
        for error in errors(mixture)
        if not error.mixed and fingerprint(error.text).identity not in true
    ]
    assert not wrong, f"{len(wrong)}: {wrong[0]}"


def test_frames_whose_head_is_lost_are_an_unsure_error() -> None:
    (error,) = errors(lines(['  File "/app/a.py", line 1, in f', "    go()", "work done"]))
    assert error.mixed


def test_a_stack_that_was_cut_off_is_unsure() -> None:
    text = ["Traceback (most recent call last):", '  File "/app/a.py", line 1, in f', "    go()"]
    (error,) = errors(lines(text))
    assert error.mixed


def test_two_errors_in_a_row_are_two() -> None:
    for pair in PAIRS:
        found = errors(lines(f"{pair['one']}\n{pair['next']}".split("\n")))
        assert len(found) == 2, pair["scenario"]
        sure = [error for error in found if not error.mixed]
        assert len(sure) == 2, f"{pair['language']} {pair['scenario']}"


def test_late_and_disordered_entries_are_put_in_order() -> None:
    entries = lines(["begin", *PAIRS[0]["one"].split("\n"), "end"])
    random.Random(1).shuffle(entries)
    (error,) = errors(entries)
    assert error.text == PAIRS[0]["one"]


def test_entries_of_one_moment_are_ordered_by_their_insert_id() -> None:
    entries = [
        structs.replace(entry, timestamp=BEGIN)
        for entry in lines(["begin", *PAIRS[-1]["one"].split("\n"), "end"])
    ]
    random.Random(1).shuffle(entries)
    (error,) = errors(entries)
    assert error.text == PAIRS[-1]["one"]


def test_what_was_delivered_twice_counts_once() -> None:
    entries = lines(["begin", *PAIRS[0]["one"].split("\n"), "end"])
    assert list(whole([*entries, *entries])) == list(whole(entries))


def test_lines_without_an_insert_id_keep_their_order() -> None:
    texts = ["begin", *PAIRS[0]["one"].split("\n"), "end"]
    entries = [structs.replace(e, timestamp=BEGIN, insert_id="") for e in lines(texts)]
    (error,) = errors(entries)
    assert error.text == PAIRS[0]["one"]


def test_where_no_stack_is_possible_there_is_none() -> None:
    """Of the lines of real stacks, torn out and mixed with others, in any order."""
    chance = random.Random(7)
    real = [line for pair in recorded() for line in pair["one"].split("\n")]
    pool = [*real, *(line.lstrip() for line in real), *["work done", "", "failed at 12:00"] * 500]
    looked = 0
    for _ in range(3_000):
        lines = chance.sample(pool, chance.randrange(1, 4))
        if not possible(lines):
            looked += 1
            for start in range(len(lines)):
                assert extent(lines, start) is None, lines
                assert orphan(lines, start) == start, lines
    assert looked > 300
