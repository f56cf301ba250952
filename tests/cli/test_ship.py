"""How a shipment is told where there is no terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from msgspec.structs import replace

from landed.cli.common import Speech
from landed.cli.ship import _awaited, _teller, _words
from landed.cli.ship_plan import plan
from landed.config import Config, parse
from landed.core.model import Status
from landed.core.words import onward
from landed.render.report import report
from landed.ship.shipment import ROLL_BACK, STEPS, Done, Order, Shipment, Step, document

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
ORDER = Order(
    id="ship-1", attempt=1, asked="HEAD", commit="c" * 40, subject="Mend it", deployable="worker",
    environment="dev", steps=STEPS, ordered_at=NOW,
)  # fmt: skip


def test_each_step_is_told_once_though_two_were_over_between_two_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell = _teller(Speech(json=False, quiet=False, config_path=None), lambda _: "")
    done = [
        Done(step=step, status=Status.HOLDS, because="so", began_at=NOW, ended_at=NOW)
        for step in (Step.CHECK, Step.BUILD, Step.PROVE)
    ]
    for over in (0, 1, 1, 3):
        tell(Shipment(order=ORDER, done=tuple(done[:over])), ())
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"ship-1: {'c' * 10} Mend it"
    assert [line.split()[1] for line in told[1:]] == ["check", "build", "prove"]


@pytest.mark.parametrize(
    ("runs", "over", "said"),
    [
        (
            'services = { worker = "web" }',
            6,
            "waits 60 s for somebody to ask web; now: landed cloud",
        ),
        ('services = { worker = "web" }', 5, ""),
        ('services = { worker = "web" }', 7, ""),
        ('jobs = { worker = "web" }', 6, ""),
        (
            'provider = "gcp"\nservices = { worker = "web" }',
            6,
            "waits 60 s for somebody to ask web",
        ),
    ],
)
def test_who_ships_a_service_is_told_that_it_waits_for_a_request(
    runs: str, over: int, said: str
) -> None:
    settings = parse(f"[deployables.worker]\n[environments.dev]\n{runs}\n", "landed.toml")
    done = [
        Done(step=step, status=Status.HOLDS, because="so", began_at=NOW, ended_at=NOW)
        for step in STEPS[:over]
    ]
    config = Config(settings=settings, base=Path(), file=None)
    words = _awaited(Shipment(order=ORDER, done=tuple(done)), config)
    assert words.startswith(said)
    assert bool(words) == bool(said)


def test_who_shipped_is_told_that_the_watch_needs_somebody() -> None:
    done = [
        Done(step=step, status=Status.HOLDS, because="so", began_at=NOW, ended_at=NOW)
        for step in STEPS
    ]
    assert "landed worker" in _words(Shipment(order=ORDER, done=tuple(done)), told=True)[-1]


@pytest.mark.parametrize(
    ("status", "push", "first"),
    [
        (Status.HOLDS, True, "✓ ready: so"),
        (Status.BROKEN, False, "✗ it would stop at check (commit-not-pushed): so"),
        (Status.BROKEN, True, "✗ not pushed yet, --push does it first: so"),
        (Status.UNSEEN, True, "? cannot tell at check: so"),
    ],
)
def test_the_first_line_of_a_dry_run_is_what_was_found(
    status: Status, first: str, monkeypatch: pytest.MonkeyPatch, *, push: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    looked = Done(
        step=Step.CHECK, status=status, because="so", began_at=NOW, ended_at=NOW,
        diagnosis="commit-not-pushed" if status is Status.BROKEN else None,
        remedy=("git push",) if status is not Status.HOLDS else (),
    )  # fmt: skip
    lines = plan(replace(ORDER, push=push), dict.fromkeys(STEPS, "word " * 20), looked, ())
    told = click.unstyle("\n".join(lines)).splitlines()
    assert told[0] == first
    assert max(map(len, told)) <= 60
    # What --push does by itself is nothing to do.
    left = status is Status.UNSEEN or (status is Status.BROKEN and not push)
    assert ("  git push" in told) == left


def test_a_roll_back_is_said_to_be_of_no_commit() -> None:
    back = replace(ORDER, steps=ROLL_BACK)
    assert (ORDER.about, back.about) == (f"{'c' * 10} Mend it", "back to what was proved")
    done = Done(
        step=Step.ROLL_BACK, status=Status.HOLDS, because="so", began_at=NOW, ended_at=NOW,
        facts={"back": "sha256:" + "b" * 64},
    )  # fmt: skip
    written = document(Shipment(order=back, done=(done,)))
    told = report([written], None)
    assert told.startswith("## ✓ worker in dev: rolled back\n")
    assert "c" * 10 not in told


@pytest.mark.parametrize(
    ("remedy", "told"),
    [
        ([], ["landed ship --resume ship-1"]),
        (["git push"], ["git push", "landed ship --resume ship-1"]),
        (["landed ship --resume ship-1"], ["landed ship --resume ship-1"]),
        (["landed ship abc --env dev"], ["landed ship abc --env dev"]),
        (["mend it, commit and push, then: landed ship"],
         ["mend it, commit and push, then: landed ship"]),
        (["git add -- x", "git commit", "git push"],
         ["git add -- x", "git commit", "git push", "landed ship"]),
    ],
)  # fmt: skip
def test_a_mending_that_is_another_commit_is_another_shipment(
    remedy: list[str], told: list[str]
) -> None:
    assert onward("ship-1", remedy) == told
