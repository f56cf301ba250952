"""The lines of a watch's checkpoints: none is green that saw nothing, or saw the error again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from landed.cli.watch import _checkpoints
from landed.core.watch import Watched
from landed.ship.watch import Kept, Look, Opened

BEGAN = datetime(2026, 11, 26, 4, tzinfo=UTC)
CLEAN = Watched(execution="e1", digest="sha256:1", started_at=BEGAN)
AGAIN = Watched(execution="e2", digest="sha256:1", started_at=BEGAN, named=("School",))
OPENED = Opened(
    id="w", deployable="worker", environment="dev", commit="c" * 40, subject="Mend it",
    digest="sha256:1", fixes=(), named=(), opened_at=BEGAN, every=timedelta(hours=4), checkpoints=2,
)  # fmt: skip


def lines(hours: float, *looks: Look) -> list[str]:
    kept = Kept(opened=OPENED, looks=looks)
    return [" ".join(line.split()) for line in _checkpoints(kept, BEGAN + timedelta(hours=hours))]


def look(*ran: Watched, unseen: str = "", elsewhere: str = "") -> Look:
    due = OPENED.due_at(1)
    return Look(
        watch="w", number=1, due_at=due, looked_at=due, executions=ran, unseen=unseen,
        elsewhere=elsewhere,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "sign", "words"),
    [
        (look(CLEAN), "✓", "1 execution"),
        (look(), "–", "0 executions"),
        (look(CLEAN, AGAIN), "✗", "2 executions, 1 with an error that should be gone"),
        (look(CLEAN, unseen="no answer"), "?", "1 execution; saw nothing: no answer"),
        (look(CLEAN, elsewhere="sha256:2"), "?", "1 execution; sha256:2 is deployed"),
    ],
)
def test_a_look_is_green_only_where_it_saw_something_and_nothing_bad(
    seen: Look, sign: str, words: str
) -> None:
    first, second = lines(4.1, seen)
    assert sign in first.partition(" 2026")[0]
    assert first.endswith(f": {words}")
    assert "next: `landed worker` looks" in second


def test_who_has_to_look_is_said_and_who_did_not() -> None:
    assert "next: `landed worker` looks" in lines(1)[0]
    assert "due now: `landed worker` looks" in lines(5)[0]
    assert "nobody looked" in lines(9)[0]
