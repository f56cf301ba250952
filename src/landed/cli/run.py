"""`landed run -- CMD`: whatever you deploy with, and then the truth about it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click

from landed.cli.check import before
from landed.cli.common import Speech, common, paint
from landed.cli.trace import aimed, code_of, screen, traced
from landed.config import Config
from landed.core.errors import UsageError
from landed.core.model import Link, Outcome
from landed.core.redact import redact
from landed.core.words import command as shown
from landed.core.words import short

_STDERR = 2


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("--commit", default="HEAD", show_default=True, help="The change to trace.")
@aimed
@click.option("--wait", is_flag=True, help="Afterwards, wait for what may still happen.")
@click.argument("words", metavar="-- CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@common
def command(
    commit: str,
    environment: str | None,
    deployable: str | None,
    through: str,
    timeout: float,
    words: tuple[str, ...],
    speech: Speech,
    *,
    wait: bool,
) -> int:
    """Runs CMD, then traces what became of the commit.

    Says before CMD what the build would miss. Ends with CMD's exit code if that is not 0, else
    with the verdict's.
    """
    from landed.render import document  # noqa: PLC0415 - so that `--help` is quick

    config = speech.config()
    resolved = _before(config, commit, deployable, speech)
    code = _run(words, speech)
    verdicts = []
    if code == 0:
        patient = timeout if wait else 0
        verdicts = traced(config, resolved, environment, deployable, Link(through), patient, speech)
    if speech.json:
        speech.document(
            {
                "schema": "landed/run/v1",
                "command": _told(words),
                "code": code,
                "trace": document.traces(verdicts) if verdicts else None,
            }
        )
    elif code:
        speech.aside(f"landed: {redact(words[0])} ended with {code}: nothing is traced")
    else:
        speech.say(screen(verdicts))
    return code or code_of(verdicts)


def _told(words: Sequence[str]) -> list[str]:
    """The command without its secrets; one may be the word behind its option."""
    return [
        "***" if redact(f"{before} word").endswith(" ***") else redact(word)
        for before, word in pairwise(("", *words))
    ]


def _before(config: Config, commit: str, deployable: str | None, speech: Speech) -> str:
    """Warns of what the build would miss; the command runs all the same. Returns the commit, as
    the command may move what names it.
    """
    from landed import wiring  # noqa: PLC0415 - so that `--help` is quick

    with wiring.opened(Path.cwd()) as repository:
        seen, verdict = before(config, repository, commit, deployable, speech)
    resolved = seen.change.commit
    where = verdict.first_break or verdict.first_unseen
    if verdict.verdict is not Outcome.PROVED and where is not None:
        finding = next(finding for finding in verdict.links if finding.link is where)
        speech.aside(
            paint(f"landed: {finding.link} of {short(resolved)}: {finding.because}", "yellow")
        )
        for line in finding.remedy:
            speech.aside(f"  {line}")
        speech.aside("landed: running it all the same")
    return resolved


def _run(words: tuple[str, ...], speech: Speech) -> int:
    """Runs the command on this terminal. With --json, what it prints goes to stderr. Ctrl-C is
    the command's to answer, as it has it from the terminal; a plain `kill` is passed on to it.
    """
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        process = subprocess.Popen(words, stdout=_STDERR if speech.json else None)
        signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
        code = process.wait()
    except OSError as error:
        raise UsageError(
            f"cannot run {shown(words[0])}: {error.strerror}", "landed run -- CMD ARGUMENTS"
        ) from error
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    return code if code >= 0 else 128 - code
