"""`landed demo`: the incident, replayed on this machine."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landed.cli.common import Speech, beside_spinner, common, paint, width
from landed.core.errors import UsageError
from landed.core.model import Finding, Status
from landed.core.words import clock, count
from landed.render.text import SIGNS, wrap

if TYPE_CHECKING:
    # Slow to load, and not needed for `--help`.
    from landed.demo.day import Looked
    from landed.demo.stage import Stage
    from landed.ship.watch import Opened

_DAY = "Does it hold? A day of watching"
_DRIVEN = (
    "`landed ship` opened a watch of {hours:g} hours. Nobody waits that long here, so time is "
    "driven: the clock is set from checkpoint to checkpoint. At each one the job really runs, and "
    "landed really looks."
)
_CALLS = {"held": ("✓", "green", "gone"), "inconclusive": ("?", "yellow", "cannot tell yet")}


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder for the rehearsal; without it a new one among the temporary files.",
)
@common
def command(into: Path | None, speech: Speech) -> int:
    """Replays the night of the incident with real parts: git, builder, images, worker, database."""
    from landed.demo.stage import Stage  # noqa: PLC0415
    from landed.demo.story import STEPS, Night  # noqa: PLC0415
    from landed.ledger.where import DATABASE  # noqa: PLC0415 - so that `--help` is quick

    # That one serves another project, whose ledger is no place for a rehearsal.
    os.environ.pop(DATABASE, None)
    folder = _folder(into)
    begun = time.monotonic()
    told = _Teller(speech)
    stage = Stage(folder, told.command)
    with told.busy("setting up a repository, its remote and a worker"):
        stage.set_up()
    night = Night(stage, told.output)
    found: list[dict[str, Any]] = []
    as_told = True
    for number, step in enumerate(STEPS, 1):
        told.title(f"{number} of {len(STEPS)}  {step.title}", step.told)
        with told.busy(step.title):
            step.act(night)
            verdict = night.trace()
        link: dict[str, Any] = next(
            (k for k in verdict["links"] if k["link"] == verdict["first_break"]), {}
        )
        as_told &= (verdict["first_break"], link.get("diagnosis")) == (
            step.first_break,
            step.diagnosis,
        )
        found.append({"step": step.title, "trace": verdict})
    ships = _ships(stage)
    watch = _day(stage, ships, told)
    as_told &= [ship["stopped_at"] for ship in ships] == ["smoke", None]
    as_told &= watch is not None and watch["status"] == Status.HOLDS
    if speech.json:
        speech.document(
            {
                "schema": "landed/demo/v1",
                "folder": str(folder),
                "as_told": as_told,
                "steps": found,
                "ships": ships,
                "watch": watch,
            }
        )
        return 0 if as_told else 4
    told.end(stage.work, time.monotonic() - begun, as_told=as_told)
    return 0 if as_told else 4


def _folder(into: Path | None) -> Path:
    if into is None:
        return Path(tempfile.mkdtemp(prefix="landed-rehearsal-"))
    if into.exists() and any(into.iterdir()):
        raise UsageError(f"{into} is not empty", "name an empty folder, or one that is not there")
    into.mkdir(parents=True, exist_ok=True)
    return into.resolve()


def _ships(stage: Stage) -> list[dict[str, Any]]:
    """What was shipped, as it was written down: the oldest first."""
    from landed.ship import records  # noqa: PLC0415

    with stage.ledger() as ledger:
        written = [entry.document() for entry in reversed(ledger.newest(10, records.SHIP))]
    return [{name: ship[name] for name in ship if name != "key"} for ship in written]


def _day(stage: Stage, ships: list[dict[str, Any]], told: _Teller) -> dict[str, Any] | None:
    """The watch that the last shipment opened, in driven time; None where it opened none."""
    from landed import ship_wiring as wiring  # noqa: PLC0415
    from landed.demo.day import drive  # noqa: PLC0415
    from landed.ship import records  # noqa: PLC0415

    hands = wiring.hands(stage.config())
    kept = records.kept(hands.ledger, str(ships[-1]["watch"])) if ships else None
    if kept is None:
        return None
    begun = time.monotonic()
    told.title(_DAY, _DRIVEN.format(hours=hands.settings.watch_hours))
    looks: list[Looked] = []

    def heard(looked: Looked) -> None:
        looks.append(looked)
        told.looked(looked)

    told.gap()
    with told.busy("watching"):
        found = drive(kept.opened, hands, stage.work_once, heard)
    hands.ledger.close()
    seconds = time.monotonic() - begun
    told.watched(kept.opened, found, seconds)
    return {
        "id": kept.opened.id,
        "time": "driven",
        "hours": hands.settings.watch_hours,
        "seconds": round(seconds, 1),
        "status": found.status,
        "because": found.because,
        "checkpoints": [
            {
                "hours": look.after.total_seconds() / 3600,
                "executions": look.executions,
                "clean": look.clean,
                "call": look.call,
            }
            for look in looks
        ],
    }


class _Teller:
    """Prints the story as it happens, with a sign of life while a command runs."""

    def __init__(self, speech: Speech) -> None:
        self._silent = speech.json
        self._status: Any = None

    @contextmanager
    def busy(self, words: str) -> Iterator[None]:
        """A spinner on stderr, where that is a terminal."""
        if self._silent or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console  # noqa: PLC0415 - only for a terminal
        from rich.status import Status  # noqa: PLC0415

        self._status = Status(beside_spinner(words), console=Console(stderr=True))
        self._status.start()
        try:
            yield
        finally:
            self._status.stop()
            self._status = None

    def title(self, words: str, told: str) -> None:
        """The head of a step."""
        self._say("")
        self._say(paint(f"── {words} ", "bold"))
        self._say(wrap(told, width()))

    def gap(self) -> None:
        """An empty line."""
        self._say("")

    def command(self, line: str) -> None:
        """A command, as it starts."""
        if self._status is not None:
            self._status.update(beside_spinner(line))
        if not line.endswith("--json"):
            self.gap()
            self._say(paint(line, "cyan"))

    def output(self, text: str) -> None:
        """What a command printed, a little indented."""
        self._say("\n".join(f"  {line}" for line in text.splitlines()))

    def looked(self, looked: Looked) -> None:
        """A checkpoint of the driven day: how clean it was so far, and what that says."""
        sign, colour, words = _CALLS.get(looked.call, ("✗", "red", looked.call.value))
        clean = f"{looked.clean} of {count(looked.executions, 'execution')} clean"
        hours = looked.after.total_seconds() / 3600
        self._say(f"  {hours:>3g} h  {paint(sign, colour)} {clean}: {words}")

    def watched(self, watch: Opened, found: Finding, seconds: float) -> None:
        """What the day came to, and what of it is true beyond the rehearsal."""
        sign, colour = SIGNS[found.status]
        hours = (watch.ends_at - watch.opened_at).total_seconds() / 3600
        said = "held" if found.status is Status.HOLDS else str(found.status)
        honest = (
            f"Time was driven: these {hours:g} hours took {seconds:.0f} s. That is no proof, so "
            "none of it is in the ledger. There the watch has just begun; its first look is due "
            f"at {clock(watch.due_at(1))}."
        )
        lead = f"  {paint(sign, colour)} "
        self._say("")
        self._say(wrap(f"{said} for {hours:g} driven hours: {found.because}", width(), first=lead))
        self._say("")
        self._say(wrap(honest, width(), first="  "))

    def end(self, work: Path, seconds: float, *, as_told: bool) -> None:
        """Where the rehearsal lies, and what to try on it."""
        self._say("")
        self._say(paint(f"── The end, after {seconds:.0f} s", "bold"))
        if not as_told:
            self._say(paint("One step did not end as it is told above: please report that.", "red"))
        stays = "The rehearsal stays on disk, for you to break it in your own way:"
        self._say(wrap(stays, width()))
        self._say(f"  cd {work}")
        typed = os.environ.get("LANDED_COMMAND")
        if typed:
            self._say(f"  alias landed={shlex.quote(typed)}")
        for line in (
            "landed trace HEAD~1",
            "landed report",
            "landed watch",
            "landed log",
            "landed explain next-bug",
            "landed cloud logs content-worker",
        ):
            self._say(f"  {line}")

    def _say(self, text: str) -> None:
        if self._silent:
            return
        # A spinner stands where the next line begins: it goes first.
        if self._status is not None:
            self._status.stop()
        click.echo(text)
        if self._status is not None:
            self._status.start()
