"""`landed demo`: the incident, replayed on this machine."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from landed.cli.common import Speech, common, paint, width
from landed.core.errors import UsageError
from landed.render.text import wrap


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder for the rehearsal; without it a new one among the temporary files.",
)
@common
def command(into: Path | None, speech: Speech) -> int:
    """Replays the night of the incident with real parts: git, builder, images, worker, database."""
    from landed.demo.stage import Stage  # noqa: PLC0415 - so that `--help` is quick
    from landed.demo.story import STEPS, Night  # noqa: PLC0415

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
    if speech.json:
        speech.document(
            {"schema": "landed/demo/v1", "folder": str(folder), "as_told": as_told, "steps": found}
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


class _Teller:
    """Prints the story as it happens, with a sign of life while a command runs."""

    def __init__(self, speech: Speech) -> None:
        self._silent = speech.json
        self._status: Any = None

    def busy(self, words: str) -> Any:
        """A spinner on stderr, where that is a terminal."""
        if self._silent or not sys.stderr.isatty():
            return nullcontext()
        from rich.console import Console  # noqa: PLC0415 - only for a terminal
        from rich.status import Status  # noqa: PLC0415

        self._status = Status(words, console=Console(stderr=True))
        return self._status

    def title(self, words: str, told: str) -> None:
        """The head of a step."""
        self._say("")
        self._say(paint(f"── {words} ", "bold"))
        self._say(wrap(told, width()))

    def command(self, line: str) -> None:
        """A command, as it starts."""
        if self._status is not None:
            self._status.update(line)
        if not line.endswith("--json"):
            self._say("")
            self._say(paint(line, "cyan"))

    def output(self, text: str) -> None:
        """What a command printed, a little indented."""
        for line in text.splitlines():
            self._say(f"  {line}")

    def end(self, work: Path, seconds: float, *, as_told: bool) -> None:
        """Where the rehearsal lies, and what to try on it."""
        self._say("")
        self._say(paint(f"── The end, after {seconds:.0f} s", "bold"))
        if not as_told:
            self._say(paint("One step did not end as it is told above: please report that.", "red"))
        self._say("The rehearsal stays on disk, for you to break it in your own way:")
        self._say(f"  cd {work}")
        typed = os.environ.get("LANDED_COMMAND")
        if typed:
            self._say(f"  alias landed={shlex.quote(typed)}")
        for line in (
            "landed trace HEAD~1",
            "landed where HEAD",
            "landed log",
            "landed verify-ledger",
            "landed explain next-bug",
            "landed cloud logs content-worker",
        ):
            self._say(f"  {line}")

    def _say(self, line: str) -> None:
        if not self._silent:
            click.echo(line)
