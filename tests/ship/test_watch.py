"""Watches, in a time that the tests drive: nothing sleeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from landed import ship_wiring
from landed.config import load
from landed.content.repo import Repository
from landed.ledger import database
from landed.ship import records, watching
from landed.ship.hands import Hands
from landed.ship.watch import Kept
from landed.ship.watching import LONGEST_SECONDS, MOST_TRIES, Turn, checkpoint, may_have, turn
from scenarios.shop import FLAG, JOB, SCHOOL, Answer, Shop, good
from ship.driven import Time


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop with a fix that was shipped, and its watch."""
    shop = Shop(tmp_path_factory.mktemp("once"))
    shop.lose()
    for _ in range(3):
        shop.execute()
    shop.fix()
    shop.push()
    assert shop.landed("ship").code == 0
    return shop


@pytest.fixture
def shipped(once: Shop, tmp_path: Path, time: Time) -> Shop:
    """That shop, to do with as one likes."""
    del time
    return once.copy(tmp_path / "shipped")


def kept(shop: Shop) -> Kept:
    hands = ship_wiring.hands(load(shop.work / "landed.toml", shop.work))
    found = records.current(hands.ledger, "dev", "worker")
    hands.ledger.close()
    assert found is not None
    return found


def watch(shop: Shop, *how: str) -> Answer:
    return shop.landed("watch", *how)


def test_it_opens_with_the_fix_it_covers_and_waits_for_its_first_checkpoint(shipped: Shop) -> None:
    answer = watch(shipped)
    assert (answer.code, answer.verdict, answer.data["status"]) == (3, "unproved", "pending")
    assert [fix["errors"] for fix in answer.data["fixes"]] == [[SCHOOL]]
    assert answer.data["baseline"]["executions"] == 4
    assert [one["missed"] for one in answer.data["checkpoints"]] == [False] * 6
    assert shipped.trace().link("held")["status"] == "pending"


def test_looked_at_every_checkpoint_it_holds_with_its_numbers(shipped: Shop, time: Time) -> None:
    for _ in range(6):
        shipped.execute()
        time.forward(4)
        answer = watch(shipped, "--once")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert [one["executions"] for one in answer.data["checkpoints"]] == [1] * 6
    assert answer.data["closed_because"].startswith("holds: ")
    held = shipped.trace("--through", "held")
    assert (held.code, held.link("held")["because"]) == (0, answer.data["because"])


def test_a_checkpoint_at_which_nobody_looked_is_a_finding(shipped: Shop, time: Time) -> None:
    time.forward(4)
    assert watch(shipped, "--once").code == 3
    time.forward(9)
    answer = watch(shipped)
    assert (answer.code, answer.data["diagnosis"]) == (1, "watch-never-looked")
    late = watch(shipped, "--once")
    assert (late.code, late.data["diagnosis"]) == (1, "watch-never-looked")
    assert [one["missed"] for one in late.data["checkpoints"]] == [False, True, *[False] * 4]


def test_who_lives_long_goes_by_the_settings_as_they_are_now(shipped: Shop) -> None:
    place = shipped.work / "landed.toml"
    hands = ship_wiring.hands(load(place, shipped.work), lasting=True)
    text = place.read_text()
    place.write_text(
        text.replace('expect = ["', 'expect = ["other words", "') + "\n[ship]\nwatch_hours = 48\n"
    )
    with hands.bench("dev", "worker") as bench:
        assert "other words" in bench.project.settings.expect
    assert hands.settings.watch_hours == 48
    hands.ledger.close()


def test_the_error_comes_back_and_the_first_look_says_so(shipped: Shop, time: Time) -> None:
    # The same digest, and an input that brings the error back: the job's own data does it.
    job = shipped.cloud / "jobs" / "worker" / "data"
    shipped.change(
        "import pathlib, os\n\ndef run():\n"
        "    if pathlib.Path(os.environ['DATA_DIR'], 'old').exists():\n"
        f'        raise LookupError("{SCHOOL}")\n'
        '    return "work done"\n',
        "Mend it for new data",
        fixes=SCHOOL,
    )
    shipped.push()
    assert shipped.landed("ship").code == 0
    (job / "old").write_text("")
    for _ in range(3):
        shipped.execute()
    time.forward(4)
    answer = watch(shipped, "--once")
    assert (answer.code, answer.data["diagnosis"]) == (1, "came-back"), answer.data
    assert shipped.trace("--through", "held").code == 1


def test_the_next_proved_shipment_opens_it_anew_and_covers_both_fixes(shipped: Shop) -> None:
    first = kept(shipped)
    shipped.change(good("work done again"), "Mend the flag", fixes=FLAG)
    shipped.push()
    assert shipped.landed("ship").code == 0
    answer = watch(shipped)
    assert [fix["errors"] for fix in answer.data["fixes"]] == [[SCHOOL], [FLAG]]
    assert answer.data["id"] != first.opened.id
    ledger = ship_wiring.hands(load(shipped.work / "landed.toml", shipped.work)).ledger
    closed = records.kept(ledger, first.opened.id)
    ledger.close()
    assert closed is not None
    assert closed.closed_because == f"{answer.data['id']} was opened in its place"


def test_what_could_not_be_read_is_said_and_the_next_look_goes_on(
    shipped: Shop, time: Time
) -> None:
    place = shipped.cloud / "jobs" / "worker" / "job.json"
    whole = place.read_text()
    place.write_text("{")
    time.forward(4)
    answer = watch(shipped, "--once")
    assert answer.data["checkpoints"][0]["unseen"]
    place.write_text(whole)
    time.forward(4)
    assert watch(shipped, "--once").data["checkpoints"][1]["unseen"] is None


def test_another_digest_that_is_deployed_meanwhile_is_seen(shipped: Shop, time: Time) -> None:
    shipped.change(good("work done by hand"), "By hand")
    shipped.push()
    other = shipped.release()
    time.forward(4)
    answer = watch(shipped, "--once")
    assert answer.data["checkpoints"][0]["elsewhere"] == other
    assert answer.data["checkpoints"][0]["executions"] == 0


def test_what_was_away_for_a_time_did_not_stay_so_through_the_watch(
    shipped: Shop, time: Time
) -> None:
    watched = kept(shipped).opened
    other = watched.baseline[0].digest
    for number in range(6):
        shipped.deploy(f"{JOB}@{other if number in (1, 2) else watched.digest}")
        shipped.execute()
        time.forward(4)
        answer = watch(shipped, "--once")
    assert (answer.code, answer.data["status"]) == (3, "unseen"), answer.data
    assert "at 2 of 6 checkpoints something else was deployed" in answer.data["because"]
    assert answer.data["remedy"] == ["landed watch dev --start"]
    assert shipped.trace("--through", "held").link("held")["status"] == "unseen"


def test_it_is_started_and_reset_by_hand(shop: Shop, time: Time) -> None:
    assert watch(shop).err == "no watch was opened over worker in dev"
    shop.release()
    assert watch(shop, "--start").code == 3
    assert watch(shop, "--start").err == "a watch goes on already"
    time.forward(30)
    assert watch(shop).data["diagnosis"] == "watch-never-looked"
    again = watch(shop, "--reset")
    assert (again.code, again.data["status"]) == (3, "pending")


def test_before_anything_ran_on_what_is_deployed_it_opens_and_says_what_it_cannot_tell(
    shop: Shop,
) -> None:
    shop.deploy(f"{JOB}@{shop.build().data['digest']}")
    answer = watch(shop, "--start")
    assert (answer.code, answer.data["status"]) == (3, "pending")
    assert "nobody can tell whether" in answer.err


def test_it_is_over_what_is_deployed_and_covers_nothing_else(shop: Shop) -> None:
    old = shop.release()
    fix = shop.fix(good("work done again"))
    for how in (("--start",), ("--start", "--commit", fix)):
        refused = watch(shop, *how)
        assert (refused.code, "is not in what is deployed" in refused.err) == (2, True)
    assert watch(shop, "--start", "--commit", "HEAD~1").code == 3
    shop.push()
    shop.release()
    assert watch(shop, "--reset", "--commit", fix).data["commit"] == fix
    # Somebody goes back.
    shop.deploy(f"{JOB}@{old}")
    assert "is not in what is deployed" in watch(shop, "--reset").err
    back = watch(shop, "--reset", "--commit", shop.first)
    assert [one["commit"] for one in back.data["fixes"]] == [shop.first]


def test_a_fix_that_came_as_another_commit_stays_covered(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "side")
    fix = shop.fix(good("work done again"))
    shop.git("checkout", "-q", "main")
    without = shop.change(good("something else"), "Another way")
    shop.git("reset", "-q", "--hard", shop.first)
    shop.write("notes.txt", "kept")
    shop.git("add", "-A")
    shop.git("commit", "-q", "-m", "Notes")
    shop.git("merge", "-q", "--squash", "side")
    shop.git("commit", "-q", "-m", "All of the branch")
    with Repository.open(shop.work) as repository:
        squashed = repository.resolve("HEAD")
        assert repository.is_ancestor(fix, squashed) is False
        commits = (fix, squashed, without, shop.first)
        had = [may_have(one, fix, repository) for one in commits]
        assert had == [True, True, False, False]
        # Nobody can look at it any more, as after a branch was removed.
        assert may_have(squashed, "1" * 40, repository)


def test_a_look_is_taken_once_whoever_asks(shipped: Shop, time: Time) -> None:
    time.forward(4)
    hands = ship_wiring.hands(load(shipped.work / "landed.toml", shipped.work))
    opened = kept(shipped).opened
    first = checkpoint(opened.id, 1, hands)
    assert first is not None
    assert (first.number, first.at) == (2, opened.due_at(2))
    shipped.execute()
    assert checkpoint(opened.id, 1, hands) == first
    assert [len(look.executions) for look in kept(shipped).looks] == [0]
    hands.ledger.close()


def test_the_end_is_written_down_once_even_where_nobody_looked(shipped: Shop, time: Time) -> None:
    time.forward(40)
    hands = ship_wiring.hands(load(shipped.work / "landed.toml", shipped.work))
    opened = kept(shipped).opened
    assert checkpoint(opened.id, 1, hands) is None
    assert checkpoint(opened.id, 1, hands) is None
    hands.ledger.close()
    assert kept(shipped).closed_because.startswith("broken: ")


@pytest.fixture
def hands(shipped: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """What looks at the watch; it does not wait long for a ledger that is locked."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    made = ship_wiring.hands(load(shipped.work / "landed.toml", shipped.work))
    yield made
    made.ledger.close()


def test_a_ledger_that_takes_nothing_at_a_checkpoint_costs_that_one_and_no_other(
    shipped: Shop, time: Time, hands: Hands
) -> None:
    opened = kept(shipped).opened
    time.forward(4.1)
    with sqlite3.connect(shipped.work / ".landed" / "ledger.db") as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        assert turn(opened.id, 1, 0, hands) == Turn(number=1, seconds=1, tries=1)
        assert turn(opened.id, 1, 4, hands) == Turn(number=1, seconds=16, tries=5)
        time.forward(4)
        assert turn(opened.id, 1, 20, hands) == Turn(number=2, seconds=0, tries=0)
        assert turn(opened.id, 2, 0, hands) == Turn(number=2, seconds=1, tries=1)
        stranger.rollback()
    stranger.close()
    following = turn(opened.id, 2, 1, hands)
    assert following is not None
    assert (following.number, following.tries) == (3, 0)
    answer = watch(shipped)
    assert (answer.code, answer.data["diagnosis"]) == (1, "watch-never-looked")
    assert [one["missed"] for one in answer.data["checkpoints"]] == [True, *[False] * 5]


def test_a_ledger_that_is_away_or_damaged_is_asked_again_for_a_week(
    shipped: Shop, hands: Hands
) -> None:
    place = shipped.work / ".landed" / "ledger.db"
    opened = kept(shipped).opened
    # With it, what is away would be written again.
    place.with_suffix(".tail").unlink()
    away = place.rename(place.with_name("away.db"))
    assert turn(opened.id, 1, 30, hands) == Turn(number=1, seconds=LONGEST_SECONDS, tries=31)
    place.write_text("no database at all, but long enough to be looked at as one" * 20)
    assert turn(opened.id, 1, 2, hands) == Turn(number=1, seconds=4, tries=3)
    assert turn(opened.id, 1, MOST_TRIES, hands) is None
    hands.ledger.close()
    away.rename(place)
    following = turn(opened.id, 1, 3, hands)
    # Not due yet: the same one again, and that is no end of the chain.
    assert following is not None
    assert (following.number, following.tries) == (1, 4)
    assert 0 < following.seconds <= 4 * 3600


def test_a_bug_in_a_look_is_said_and_does_not_end_the_watch(
    shipped: Shop, time: Time, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(*_: object) -> None:
        raise AttributeError("password=hunter2")

    monkeypatch.setattr(watching, "look", buggy)
    time.forward(4)
    following = turn(kept(shipped).opened.id, 1, 0, hands)
    assert following is not None
    assert following.number == 2
    said = kept(shipped).looks[0].unseen
    assert said == "a bug in landed: AttributeError: password=***"
