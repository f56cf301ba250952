"""What a watch comes to, in calls and in words, and what no order of executions may change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.core.statistics.compare import Call
from landed.core.statistics.decide import decide, whole
from landed.core.watch import Baseline, Checkpoint, Fix, Watch, Watched

OPENED = datetime(2025, 11, 4, 4, tzinfo=UTC)
END = OPENED + timedelta(hours=24)
RUNS = st.text(alphabet="..NOF", max_size=60)


def ran(letters: str, begin: datetime, prefix: str) -> tuple[Watched, ...]:
    """Executions, six minutes apart: `N` shows the named error, other letters another."""
    return tuple(
        Watched(
            execution=f"{prefix}-{number}",
            digest=prefix,
            started_at=begin + number * timedelta(minutes=6),
            named=("School",) if letter == "N" else (),
            errors=(letter,) if letter in {"O", "F"} else (),
        )
        for number, letter in enumerate(letters)
    )


def watch(before: str, since: str, *names: str, looks: int = 6) -> Watch:
    dues = [OPENED + timedelta(hours=24) * (number + 1) / looks for number in range(looks)]
    return Watch(
        opened_at=OPENED,
        baseline=Baseline(
            executions=ran(before, OPENED - timedelta(minutes=6) * len(before), "old"),
            fixes=(Fix(commit="f" * 40, subject="the fix", errors=names),),
        ),
        checkpoints=tuple(Checkpoint(due_at=due, looked_at=due) for due in dues),
        executions=ran(since, OPENED, "new"),
        titles=(("O", "TimeoutError"), ("F", "KeyError: 'x'")),
    )


def said(before: str, since: str, *names: str) -> tuple[Call, str]:
    decision = whole(decide(watch(before, since, *names), END))
    return decision.call, decision.because


def test_gone_says_what_was_compared_with_what() -> None:
    assert said("..N." * 10, "." * 40, "School") == (
        Call.HELD,
        (
            "`School` is gone: in 0 of 40 executions since, in 10 of 40 before (by chance once in "
            "1,942 times); nothing new and nothing more often in 40 executions since, beside 40 "
            "before"
        ),
    )


def test_too_few_runs_say_how_many_more_it_takes() -> None:
    assert said("..N." * 10, "....", "School") == (
        Call.INCONCLUSIVE,
        (
            "`School`: in 0 of 4 executions since, in 10 of 40 before: cannot tell yet, 9 more "
            "clean executions"
        ),
    )
    assert said("..N." * 10, "." * 13, "School")[0] is Call.HELD
    assert said("..N." * 10, "." * 12, "School")[0] is Call.INCONCLUSIVE


def test_what_was_never_there_is_never_gone() -> None:
    call, words = said("." * 212, "." * 240, "School")
    assert call is Call.INCONCLUSIVE
    assert words.endswith("in 0 of 212 before: what was never there cannot be gone")


def test_one_hit_of_the_named_error_is_enough() -> None:
    call, words = said("..N." * 10, "." * 30 + "N" + "." * 9, "School")
    assert call is Call.CAME_BACK
    assert "first in new-30 at 2025-11-04 07:00:00Z" in words


def test_a_new_error_is_reported_at_once_with_its_exposure() -> None:
    first = decide(watch("." * 212, "." * 20 + "F"), OPENED + timedelta(hours=3))[-1]
    assert first.call is Call.INCONCLUSIVE
    assert "new: F in 1 of 21 executions since, in 0 of 212 before" in first.because


def test_a_new_error_in_every_run_is_worse_although_it_may_be_a_clump() -> None:
    assert said("." * 240, "F" * 200)[0] is Call.WORSE


def test_hits_in_clumps_are_counted_by_hours() -> None:
    clumpy = ("O" * 10 + "." * 50) * 6
    decisions = decide(watch(clumpy, "." * 60 + "O" * 10 + "." * 100), END)
    known = decisions[-1].compared[0]
    assert known.unit == "hour"
    assert whole(decisions).call is Call.HELD


def test_clumps_longer_than_hours_cannot_be_compared() -> None:
    call, words = said(("O" * 60 + "." * 180) * 4, "O" * 80 + "." * 100)
    assert call is Call.INCONCLUSIVE
    assert "cannot be compared" in words


def test_an_alarm_at_one_look_stays() -> None:
    decisions = decide(watch("." * 115 + "O....." * 20, "O" * 30 + "." * 200), END)
    assert decisions[0].call is Call.WORSE
    assert whole(decisions).call is Call.WORSE


def test_nothing_since_and_nothing_before_decide_nothing() -> None:
    assert said("..N." * 10, "", "School")[0] is Call.INCONCLUSIVE
    assert said("", "." * 100, "School")[0] is Call.INCONCLUSIVE
    assert said("", "." * 100)[0] is Call.INCONCLUSIVE
    assert said("", "")[0] is Call.INCONCLUSIVE


@settings(max_examples=80, deadline=None, derandomize=True)
@given(RUNS, RUNS)
def test_an_empty_side_is_never_held_and_never_worse(before: str, since: str) -> None:
    for one in (watch("", since, "School"), watch(before, "", "School")):
        calls = {decision.call for decision in decide(one, END)}
        assert calls <= {Call.INCONCLUSIVE, Call.CAME_BACK}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(RUNS, RUNS, st.randoms(use_true_random=False))
def test_the_order_in_which_executions_are_listed_changes_nothing(
    before: str, since: str, chance: Random
) -> None:
    one = watch(before, since, "School")
    mixed = msgspec.structs.replace(
        one,
        baseline=msgspec.structs.replace(
            one.baseline, executions=tuple(chance.sample(one.baseline.executions, len(before)))
        ),
        executions=tuple(chance.sample(one.executions, len(since))),
    )
    assert decide(mixed, END) == decide(one, END)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(RUNS, RUNS, st.data())
def test_one_more_named_hit_never_makes_it_held(
    before: str, since: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(since)))
    more = since[:place] + "N" + since[place:]
    assert said(before, more, "School")[0] is Call.CAME_BACK
