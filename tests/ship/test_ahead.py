"""What is read while a build runs: beside it, and of no account for what comes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from landed.content.git.store import Store
from landed.core.clock import now
from landed.core.seen import Execution, ExecutionState
from landed.providers.local.actions import LocalActions
from landed.providers.local.view import LocalView
from landed.ship import ahead, watching
from landed.ship.ahead import Ahead
from landed.ship.steps import reading
from scenarios.shop import Shop

SECONDS = 120


@pytest.fixture
def fixed(shop: Shop) -> Shop:
    """The shop with the bug deployed, and a pushed fix."""
    shop.lose()
    shop.fix()
    shop.push()
    return shop


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts something into the middle of a build, before its end."""

    def put(deed: Callable[[], object]) -> None:
        build = LocalActions.build

        def slow(self: LocalActions, *rest: Any) -> Any:
            done = build(self, *rest)
            deed()
            return done

        monkeypatch.setattr(LocalActions, "build", slow)

    return put


def test_what_needs_no_build_is_read_before_the_build_is_over(
    fixed: Shop, built: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    all_read = threading.Event()
    say = Ahead.say

    def heard(self: Ahead, shipment: str, words: str) -> None:
        say(self, shipment, words)
        events.append(words)
        if "earlier" in words:
            all_read.set()

    def build_ends() -> None:
        # The build is not over before everything was read: were it read later, this would end.
        assert all_read.wait(SECONDS)
        events.append("the build is over")

    monkeypatch.setattr(Ahead, "say", heard)
    built(build_ends)
    answer = fixed.landed("ship")
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    commit = answer.data["change"]["commit"][:10]
    read = [f"6 files of {commit} listed", "1 fix found for the watch and the report",
            "1 earlier execution read"]  # fmt: skip
    assert events == [*read, "the build is over"]
    assert answer.data["meanwhile"] == read


def test_the_steps_after_the_build_do_not_read_it_again(
    fixed: Shop, built: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "SETTLED", timedelta(0))
    fix = fixed.git("rev-parse", "HEAD")
    building = [True]
    trees: list[tuple[bool, str]] = []
    logs: list[tuple[bool, str, str]] = []
    tree, entries = Store._tree, LocalView.entries
    all_read = threading.Event()
    say = Ahead.say

    def listed(self: Store, commit: str, folder: str) -> Any:
        trees.append((building[0], commit))
        return tree(self, commit, folder)

    def logged(self: LocalView, workload: Any, execution: str) -> Any:
        logs.append((building[0], threading.current_thread().name, execution))
        return entries(self, workload, execution)

    def heard(self: Ahead, shipment: str, words: str) -> None:
        say(self, shipment, words)
        if "earlier" in words:
            all_read.set()

    def build_ends() -> None:
        assert all_read.wait(SECONDS)
        building[0] = False

    monkeypatch.setattr(Store, "_tree", listed)
    monkeypatch.setattr(LocalView, "entries", logged)
    monkeypatch.setattr(Ahead, "say", heard)
    built(build_ends)
    assert fixed.landed("ship").code == 0
    assert (True, fix) in trees
    assert (False, fix) not in trees
    old = next(one for _, thread, one in logs if thread == "meanwhile")
    # The judge reads it at `prove` and at `logs`; the watch does not once more.
    assert [one for during, _, one in logs if not during].count(old) == 2


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_reading_that_fails_or_hangs_changes_nothing(
    fixed: Shop, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    def ill(*_: object) -> Any:
        if threading.current_thread().name == "meanwhile":
            if how == "fails":
                raise RuntimeError("a bug")
            let_go.wait(SECONDS)
        return covers(*_)  # type: ignore[arg-type]

    covers = watching.covers
    monkeypatch.setattr(reading, "covers", ill)
    answer = fixed.landed("ship")
    let_go.set()
    assert (answer.code, answer.verdict) == (0, "proved"), answer.data
    assert len(answer.data["meanwhile"]) <= 1


def test_the_block_waits_for_no_reading_and_hears_of_none_after_its_end() -> None:
    told: list[str] = []
    heard, let_go, closed = threading.Event(), threading.Event(), threading.Event()

    def read() -> Iterator[str]:
        try:
            yield "one"
            let_go.wait(SECONDS)
            yield "two"
        finally:
            closed.set()

    def tell(words: str) -> None:
        told.append(words)
        heard.set()

    with ahead.meanwhile(read, tell):  # type: ignore[arg-type]
        assert heard.wait(SECONDS)
    let_go.set()
    assert closed.wait(SECONDS)
    assert told == ["one"]


@pytest.mark.parametrize(
    ("ended", "kept"),
    [(None, False), (timedelta(minutes=1), False), (timedelta(minutes=11), True)],
)
def test_only_what_can_get_no_more_entries_is_kept(ended: timedelta | None, *, kept: bool) -> None:
    one = Execution(
        id="one",
        digest=None,
        started_at=now() - timedelta(hours=1),
        finished_at=None if ended is None else now() - ended,
        state=ExecutionState.SUCCEEDED,
    )
    store = Ahead()
    store.keep(one, ("dev",), ["ran"])
    assert (store.ran(one, ("dev",)) == ["ran"]) is kept
    assert store.ran(one, ("live",)) is None
