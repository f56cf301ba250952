from __future__ import annotations

import time

import pytest

from landed.logs.fingerprint import fingerprint

FRAMES = """Traceback (most recent call last):
  File "/app/content_worker/worker.py", line {line}, in process
    session.scalar(query)
  File "/opt/runtime/lib/python3.11/site-packages/sqlalchemy/orm/session.py", line 2000, in scalar
    return self._execute()
sqlalchemy.exc.InvalidRequestError: {message}"""
FIRST = (
    "When initializing mapper Mapper[Organization(organizations)], expression '{name}' failed to "
    "locate a name ('{name}'). If this is a class name, consider adding this relationship()"
)
LATER = (
    "One or more mappers failed to initialize - can't proceed with initialization of other "
    "mappers. Triggering mapper: 'Mapper[Organization(organizations)]'. Original exception was: "
)


def error(name: str, *, line: int = 12, later: bool = False) -> str:
    message = FIRST.format(name=name)
    return "failed\n" + FRAMES.format(line=line, message=LATER + message if later else message)


def test_the_next_bug_is_one_family_and_another_identity() -> None:
    school, flag = fingerprint(error("School")), fingerprint(error("FeatureFlag"))
    assert school.family == flag.family
    assert school.identity != flag.identity


def test_the_wrapper_of_later_failures_is_the_same_error() -> None:
    assert fingerprint(error("School")) == fingerprint(error("School", later=True))


def test_line_numbers_do_not_matter() -> None:
    assert fingerprint(error("School", line=12)) == fingerprint(error("School", line=99))


def test_another_place_is_another_family() -> None:
    elsewhere = error("School").replace("in process", "in report")
    assert fingerprint(elsewhere).family != fingerprint(error("School")).family


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("user 41 not found", "user 42 not found"),
        (
            "no row d9b2d63d-a233-4123-847a-7f0a1d3e8a11",
            "no row 00000000-a233-4123-847a-7f0a1d3e8a11",
        ),
        ("at 2025-11-04T00:53:01Z", "at 2025-11-05T10:00:00.5+00:00"),
        ("<Thing object at 0x7f00aa>", "<Thing object at 0x7f11bb>"),
        ("cannot read '/tmp/tmpab12/x'", "cannot read '/tmp/tmpzz99/x'"),
        ("peer 10.0.0.1:5432 refused", "peer 10.0.0.7:5433 refused"),
    ],
)
def test_volatile_values_are_masked(one: str, other: str) -> None:
    assert fingerprint(one).identity == fingerprint(other).identity


def test_the_last_exception_of_a_chain_is_the_one_that_was_raised() -> None:
    chained = (
        error("School")
        + "\n\nThe above exception was the direct cause of the following exception:\n\n"
        + "Traceback (most recent call last):\n"
        + '  File "/app/main.py", line 3, in main\n    go()\nRuntimeError: giving up'
    )
    assert fingerprint(chained).exception == "RuntimeError"


def test_titles_hold_no_secrets() -> None:
    text = "OperationalError: cannot connect to postgresql://app:hunter2@db/prod password=hunter2"
    assert "hunter2" not in fingerprint(text).title


@pytest.mark.parametrize("text", ["", "\n", "Traceback (most recent call last):", "x" * 200_000])
def test_odd_texts_have_a_title(text: str) -> None:
    found = fingerprint(text)
    assert found.title
    assert len(found.title) <= 200


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "'",
        "(",
        "[",
        "a1",
        "0",
        "-",
        "a.",
        "token=",
        "://",
        "\n",
        "<class ",
        "é ",
        " ",
        "\n at ",
        "\n\tat a.B(C.java:1)",
        "\nE: x\n    at f (/a.js:1:1)",
        "/a",
        "a_",
        ":",
        "Aa",
        "goroutine 1 [",
        "\npanic: x",
        "\nTraceback (most recent call last):",
        '\n  File "x", line 1, in f',
        "\n  | ",
    ],
)
def test_hostile_texts_cost_linear_time(piece: str) -> None:
    short, long = piece * (1 << 12), piece * (1 << 15)

    def cost(text: str) -> float:
        fingerprint.cache_clear()
        begun = time.process_time()
        fingerprint(text)
        return time.process_time() - begun

    # Eight times the text: linear costs 8, quadratic 64. The floor and the best of three keep
    # noise out.
    small, large = (min(cost(t) for _ in range(3)) for t in (short[: 1 << 12], long[: 1 << 15]))
    assert large < 24 * max(small, 0.004)
