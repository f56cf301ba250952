"""Messages that one line of a program wrote have one template."""

from __future__ import annotations

import time

import pytest

from landed.logs.templates import ENOUGH, templates

NAMES = ["ada", "bob", "cleo", "dan", "eve", "fred"]


def test_values_are_known_by_their_looks() -> None:
    found = templates(
        [
            "request 17 took 35 ms for 10.0.0.1:5432",
            "request 4711 took 2 sec for 10.0.0.7:80",
            "read /var/log/a.txt at Tue Nov 04 00:53:01 2025",
            "read /srv/b at Wed Nov 5 10:00:00 2025",
        ]
    )
    assert found == ["request <*> took <*> for <*>"] * 2 + ["read <*> at <*>"] * 2


def test_words_that_vary_enough_are_values() -> None:
    assert len(NAMES) == ENOUGH
    found = templates([f"no lesson for {name} today" for name in NAMES])
    assert set(found) == {"no lesson for <*> today"}


def test_few_words_at_one_place_are_words_of_the_program() -> None:
    messages = [f"the machine was {state} again" for state in ("started", "paused", "stopped")]
    assert templates(messages) == messages


def test_the_first_word_says_what_a_message_is_about() -> None:
    messages = [f"{name} did start up again" for name in NAMES]
    assert templates(messages) == messages


def test_of_a_long_message_only_the_first_line_counts() -> None:
    assert templates(["a b c\nmore", "a b c", ""]) == ["a b c", "a b c", ""]
    assert templates([]) == []


@pytest.mark.parametrize(
    "piece",
    ["a ", "x", "-a", ":/", "0", "00 ", "-", "/a", "a.", "=", "a=b.", "<*> ", "(0 B)", "é\ud800"],
)
def test_hostile_messages_cost_linear_time(piece: str) -> None:
    def cost(size: int) -> float:
        messages = [piece * (size // 8) + chr(97 + n) for n in range(8)]
        begun = time.process_time()
        templates(messages)
        return time.process_time() - begun

    # Eight times the text: linear costs 8, quadratic 64. The floor and the best of three keep
    # noise out.
    small, large = (min(cost(size) for _ in range(3)) for size in (1 << 13, 1 << 16))
    assert large < 24 * max(small, 0.004)
