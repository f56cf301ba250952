"""What a watch comes to, in calls and in words, and what no order of executions may change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from landed.core.statistics.compare import Call
from landed.core.statistics.decide import beside, decide, first_said, whole
from landed.core.statistics.exact import Hits
from landed.core.statistics.sought import sought
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
            errors=(letter,) if letter in {"O", "F", "G"} else (),
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


def test_each_side_of_a_comparison_is_laid_out_as_it_ran() -> None:
    """A day before, from a whole hour on; what is in one execution alone was new in its time."""
    one = watch("F.OO" + "." * 236, "." * 40 + "F", looks=6)
    _, others = sought(one)
    assert [error.title for error in others] == [
        "KeyError: 'x'", "TimeoutError", "errors not seen before",
    ]  # fmt: skip
    assert [error.before.hours.until(OPENED).of for error in others] == [24] * 3
    assert [error.executions(END) for error in others] == [
        (Hits(hit=hit, of=240), Hits(hit=since, of=41)) for hit, since in ((1, 1), (2, 0), (1, 0))
    ]
    # It began at the very moment of the first checkpoint.
    assert decide(one, END)[0].compared[0].first == "new-40"


def test_a_named_error_that_nothing_can_be_said_of() -> None:
    for before, since, words in (
        ("", "." * 9, "nothing to compare yet"),
        ("..N", "", "nothing to compare yet"),
        (("N" * 60 + "." * 180) * 4, "." * 100, "it came in clumps"),
    ):
        named = decide(watch(before, since, "School"), END)[-1].compared[0]
        assert named.call is Call.INCONCLUSIVE
        assert words in named.because


def test_what_cannot_be_counted_is_told_where_it_comes_more_often() -> None:
    clumps = ("O" * 60 + "." * 180) * 4
    for since, call in (("O" * 25 + "." * 75, Call.HELD), ("O" * 26 + "." * 74, Call.INCONCLUSIVE)):
        known = decide(watch(clumps, since), END)[-1].compared[0]
        assert (known.call, known.unit) == (call, None)
        assert known.because.endswith("that cannot be compared")


def test_hours_that_are_full_are_no_reason_to_call_it_unchanged() -> None:
    known = decide(watch(("OO" + "." * 8) * 24, ("OOOO" + "." * 6) * 24), END)[-1].compared[0]
    assert (known.call, known.unit) == (Call.INCONCLUSIVE, "hour")
    assert (known.before, known.after) == (Hits(hit=24, of=24), Hits(hit=24, of=24))


def test_a_little_more_often_is_no_more_than_chance() -> None:
    known = decide(watch(("O" + "." * 19) * 5, ("." * 14 + "O") * 4), END)[-1].compared[0]
    assert known.call is Call.HELD
    assert known.because.endswith("no more than chance explains")
    # One that is new, as the history had one in half as many.
    new = decide(watch("F" + "." * 119, "." * 120 + "G" + "." * 119), END)[-1].compared[-1]
    assert (new.call, new.fresh) == (Call.HELD, ("G",))


def test_what_is_worse_says_how_seldom_chance_does_that() -> None:
    last = decide(watch(("O" + "." * 19) * 12, ("." * 4 + "O") * 20), END)[-1].compared[0]
    assert last.because == (
        "TimeoutError: in 20 of 100 executions since, in 12 of 240 before: more than chance "
        "explains (by chance once in 22,377 times)"
    )
    assert (last.before, last.after) == (Hits(hit=12, of=240), Hits(hit=20, of=100))
    new = decide(watch("." * 240, ".F." * 30 + "G" + "." * 9 + "G"), END)[-1].compared[-1]
    assert new.fresh == ("F", "G")
    assert new.because.startswith("new: F in 30 of 101 executions, G in 2 of 101 executions")
    both = decide(watch("." * 240, "....G....F"), END)[-1].compared[-1]
    assert both.fresh == ("F", "G")


def test_an_alarm_at_one_look_stays() -> None:
    decisions = decide(watch("." * 115 + "O....." * 20, "O." * 20 + "." * 190), END)
    assert decisions[0].call is Call.WORSE
    assert whole(decisions).call is Call.WORSE


def test_a_checkpoint_that_was_missed_is_a_decision_of_its_own() -> None:
    looked = watch("..N." * 10, "." * 240, "School")
    asleep = tuple(
        msgspec.structs.replace(one, looked_at=None if number == 2 else one.looked_at)
        for number, one in enumerate(looked.checkpoints)
    )
    one = msgspec.structs.replace(looked, checkpoints=asleep)
    decisions = decide(one, END)
    assert [decision.checkpoint for decision in decisions] == [1, 2, 3, 4, 5, 6]
    assert [decision.at for decision in decisions] == [c.due_at for c in one.checkpoints]
    assert whole(decisions) is decisions[2]
    assert decisions[2].call is Call.NEVER_LOOKED
    assert "nobody looked at the checkpoint of 2025-11-04 16:00:00Z" in decisions[2].because
    # Until the next one is due, somebody may still look.
    early = decide(one, OPENED + timedelta(hours=13))
    assert [decision.checkpoint for decision in early] == [1, 2, 4, 5, 6]


def test_each_decision_reads_what_ran_until_then() -> None:
    begun = watch("..N." * 10, "." * 240, "School")
    one = msgspec.structs.replace(
        begun,
        checkpoints=tuple(
            msgspec.structs.replace(c, looked_at=c.looked_at if n < 2 else None)
            for n, c in enumerate(begun.checkpoints)
        ),
    )
    decisions = decide(one, OPENED + timedelta(hours=9))
    assert [decision.checkpoint for decision in decisions] == [1, 2, None]
    assert [decision.compared[0].after.of for decision in decisions] == [41, 81, 91]
    assert [decision.call for decision in decisions] == [Call.HELD] * 3
    assert whole(decisions) is decisions[-1]


def test_a_look_that_saw_nothing_is_no_look() -> None:
    clean = watch("..N." * 10, "." * 240, "School")
    blind = msgspec.structs.replace(clean.checkpoints[1], unseen="permission denied")
    points = (clean.checkpoints[0], blind, *clean.checkpoints[2:])
    decision = decide(msgspec.structs.replace(clean, checkpoints=points), END)[1]
    assert (decision.call, decision.checkpoint) == (Call.INCONCLUSIVE, 2)
    assert decision.because == "the look of 2025-11-04 12:00:00Z saw nothing: permission denied"


def test_what_is_new_is_told_beside_what_decides() -> None:
    decisions = decide(watch("..NO" * 10, "." * 30 + "N" + "." * 100 + "F", "School"), END)
    decision, last = whole(decisions), decisions[-1]
    assert (decision.call, decision.checkpoint) == (Call.CAME_BACK, 1)
    told = beside(decision, last)
    assert [words.split(" in ")[0] for words in told] == ["`School` came back:", "new: F"]
    assert beside(last, last) == told[1:]
    back = first_said(decisions, Call.CAME_BACK)
    assert back is not None
    assert (back.first, back.after) == ("new-30", Hits(hit=1, of=41))
    assert first_said(decisions, Call.WORSE) is None


def test_a_planned_look_sees_what_an_unplanned_one_must_leave() -> None:
    before, since = "O" + "." * 19, "O......" * 17
    one = watch(before * 12, since, looks=1)
    assert [(d.call, d.checkpoint) for d in decide(one, END)] == [(Call.WORSE, 1)]
    to_come = msgspec.structs.replace(one, checkpoints=(Checkpoint(due_at=END),))
    assert [(d.call, d.checkpoint) for d in decide(to_come, END)] == [(Call.HELD, None)]


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


def test_the_first_outage_of_all_is_not_called_worse() -> None:
    """Thirty failures in a row, of which the history has none: one event, and no rate."""
    outage = "." * 60 + "O" * 30 + "." * 100
    for before in ("." * 240, "." * 119 + "O" + "." * 120):
        call, words = said(before, outage)
        assert call is Call.INCONCLUSIVE
        assert "which may be a clump" in words
    spread = ("." * 5 + "O") * 30
    assert said("." * 240, spread)[0] is Call.WORSE


def test_hits_in_clumps_that_keep_coming_are_worse_by_hours() -> None:
    since = "".join("." * 10 + "OOO" + "." * (2 + 5 * (n % 3)) for n in range(12))
    decisions = decide(watch("." * 480, since), END)
    assert whole(decisions).call is Call.WORSE
    assert {one.unit for one in decisions[-1].compared if one.call is Call.WORSE} == {"hour"}


def test_where_no_whole_hour_is_there_what_ran_is_said_and_not_none_of_none() -> None:
    """Right after a watch was opened anew, over a history of one clump."""

    def at(since: str, minutes: int) -> str:
        opened = watch("." * 4 + "N" * 4, since, "School")
        unseen = tuple(Checkpoint(due_at=one.due_at) for one in opened.checkpoints)
        opened = msgspec.structs.replace(opened, checkpoints=unseen)
        return whole(decide(opened, OPENED + timedelta(minutes=minutes))).because

    assert at("", 0) == (
        "`School`: in 0 of 0 executions since, in 4 of 8 before: nothing to compare yet"
    )
    assert at("...", 15) == (
        "`School`: in 0 of 3 executions since, in 4 of 8 before: nothing to compare yet, as it "
        "came in clumps: so whole hours count, and there is none"
    )
