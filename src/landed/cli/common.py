"""What the commands share: their options, the settings, and how they speak."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import click

from landed.config import Config, load
from landed.core.model import Frozen, Outcome, Status

EXIT_CODES = {Outcome.PROVED: 0, Outcome.BROKEN: 1, Outcome.UNPROVED: 3}
STATUS_CODES = dict.fromkeys(Status, 3) | {Status.HOLDS: 0, Status.BROKEN: 1}
"""What is neither seen to hold nor seen to break is never a success."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Speech(Frozen):
    """How a command was asked to speak."""

    json: bool
    quiet: bool
    config_path: Path | None

    def config(self) -> Config:
        """The settings, from `--config` or found upwards."""
        return load(self.config_path, Path.cwd())

    def document(self, document: dict[str, Any]) -> None:
        """The one JSON document on stdout."""
        from landed.render.document import encode  # noqa: PLC0415 - slow to load

        click.echo(encode(document))

    def say(self, text: str) -> None:
        """The result, for a person."""
        click.echo(text)

    def aside(self, text: str) -> None:
        """A remark on stderr; silent with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)


def common(function: Command) -> Command:
    """Adds --json, --config and --quiet, handed over as one `speech`."""

    def wrapper(*args: Any, json_: bool, quiet: bool, config: Path | None, **kwargs: Any) -> Any:
        speech = Speech(json=json_, quiet=quiet, config_path=config)
        return function(*args, speech=speech, **kwargs)

    decorated: Any = update_wrapper(wrapper, function)
    for option in (
        click.option("--json", "json_", is_flag=True, help="One JSON document on stdout."),
        click.option("--quiet", is_flag=True, help="No remarks on stderr."),
        click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Another landed.toml than the nearest one above.",
        ),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


@contextmanager
def patience(words: str, speech: Speech) -> Iterator[None]:
    """A sign of life on stderr for what takes over a second, where that is a terminal."""
    if speech.json or speech.quiet or not sys.stderr.isatty():
        yield
        return
    shown: list[Any] = []

    def show() -> None:
        from rich.console import Console  # noqa: PLC0415 - only who waits needs it
        from rich.status import Status  # noqa: PLC0415

        shown.append(Status(beside_spinner(words), console=Console(stderr=True)))
        shown[0].start()

    clock = threading.Timer(1.0, show)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        clock.join()
        for status in shown:
            status.stop()


def beside_spinner(words: str) -> Any:
    """Words as rich's Text, on one line: of several, what is printed next would be erased again."""
    from rich.text import Text  # noqa: PLC0415 - only who waits needs it

    text = Text(words)
    text.truncate(shutil.get_terminal_size().columns - 4, overflow="ellipsis")
    return text


def width() -> int:
    """Columns of the terminal, or what COLUMNS says; 100 where neither is there."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return 100
    return max(shutil.get_terminal_size().columns, 20)


def paint(text: str, colour: str) -> str:
    """Coloured text; click takes the colour out again where stdout is no terminal."""
    if colour == "bold":
        return click.style(text, bold=True)
    return click.style(text, fg=colour)
