"""`landed trace`: from a commit to the running process, link by link."""

from __future__ import annotations

import re
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from landed.cli.common import EXIT_CODES, Command, Speech, common, paint, patience, width
from landed.config import Config
from landed.core.chain import LINKS
from landed.core.errors import LandedError, UsageError
from landed.core.model import Absent, Link, Outcome, Status, Unseen, Verdict

if TYPE_CHECKING:
    from landed.core.seen import WatchRecord
    from landed.wiring import Aim

_TURN = 0.0005
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_ASKING = ("landed.providers.gcp.view", "landed.providers.oci.registry", "httpcore")
"""What a cloud is asked with: loaded while git is read."""
_ENDING = ("landed.ship_wiring", "landed.ledger.store", "landed.render.text")
"""What comes last: loaded while a cloud answers."""
_WORST_FIRST = {Outcome.BROKEN: 0, Outcome.UNPROVED: 1, Outcome.PROVED: 2}


def aimed(function: Command) -> Command:
    """Adds what a trace is told of its targets: --env, --deployable, --through and --timeout."""
    decorated: Any = function
    for option in (
        click.option(
            "--timeout",
            default=600.0,
            show_default=True,
            type=click.FloatRange(min=0),
            help="Seconds to wait at most.",
        ),
        click.option(
            "--through",
            type=click.Choice([str(link) for link in LINKS]),
            default=str(Link.HEALED),
            show_default=True,
            help="The last link that has to hold.",
        ),
        click.option("--deployable", help="Only this deployable."),
        click.option("--env", "environment", help="Only this environment."),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


@click.command("trace")
@click.argument("commit", default="HEAD")
@aimed
@click.option("--wait", is_flag=True, help="Wait for what may still happen.")
@click.option("--build", help="Judge this build instead of the newest with the commit.")
@click.option("--digest", help="Judge this image instead of the one that runs.")
@click.option("--execution", help="Judge this execution instead of the newest.")
@common
def command(
    commit: str,
    environment: str | None,
    deployable: str | None,
    through: str,
    timeout: float,
    build: str | None,
    digest: str | None,
    execution: str | None,
    speech: Speech,
    *,
    wait: bool,
) -> int:
    """Walks all ten links, and names the first broken one."""
    from landed.trace.target import Choice  # noqa: PLC0415 - so that `--help` is quick

    if digest is not None and not _DIGEST.fullmatch(digest):
        raise UsageError(f"`{digest}` is no digest", "give all of it: sha256: and 64 hex digits")
    chosen = Choice(build=build, digest=digest, execution=execution)
    patient = timeout if wait else 0
    config = speech.config()
    verdicts = traced(
        config, commit, environment, deployable, Link(through), patient, speech, chosen
    )
    if speech.json:
        from landed.render import document  # noqa: PLC0415 - only who prints it needs it

        speech.document(document.traces(verdicts))
    else:
        speech.say(screen(verdicts))
    return code_of(verdicts)


def traced(
    config: Config,
    commit: str,
    environment: str | None,
    deployable: str | None,
    through: Link,
    seconds: float,
    speech: Speech,
    choice: object = None,
) -> list[Verdict]:
    """The verdicts on all targets that are meant, the worst first, written to the ledger. Waits
    up to `seconds` for what may still happen.
    """
    deadline = time.monotonic() + seconds
    while True:
        with patience("asking every station", speech):
            verdicts = _verdicts(config, commit, environment, deployable, through, choice)
        if time.monotonic() >= deadline or not any(_pending(v) for v in verdicts):
            break
        time.sleep(min(1.0, max(deadline - time.monotonic(), 0.05)))
    verdicts.sort(key=lambda one: (_nothing_to_prove(one), _WORST_FIRST[one.verdict]))
    _record(config, verdicts, speech)
    return verdicts


def screen(verdicts: list[Verdict]) -> str:
    """Verdicts for a person, one below the other."""
    from landed.render import text  # noqa: PLC0415 - only who prints it needs it

    return "\n\n".join(text.verdict(v, width=width(), paint=paint) for v in verdicts)


def code_of(verdicts: list[Verdict]) -> int:
    """The exit code of the worst, which is the first."""
    return max((EXIT_CODES[v.verdict] for v in verdicts[:1]), default=3)


def _verdicts(
    config: Config,
    commit: str,
    environment: str | None,
    deployable: str | None,
    through: Link,
    choice: object,
) -> list[Verdict]:
    if any(one.provider == "gcp" for one in config.settings.environments.values()):
        Thread(target=_load, args=(_ASKING,), daemon=True).start()
    from landed import wiring  # noqa: PLC0415
    from landed.trace.target import Choice  # noqa: PLC0415

    choice = choice or Choice()
    assert isinstance(choice, Choice)  # noqa: S101 - typed loosely to load it late
    verdicts = []
    with wiring.opened(Path.cwd()) as repository:
        aims = wiring.aims(config, repository, environment, deployable)
        # A remote cloud is being asked by now.
        Thread(target=_load, args=(_ENDING,), daemon=True).start()
        from landed.core.judge import judge  # noqa: PLC0415
        from landed.diagnoses import DIAGNOSES  # noqa: PLC0415
        from landed.trace.gather import gather  # noqa: PLC0415

        for aim in aims:
            resolved = repository.resolve(commit)
            probes = wiring.probes(config, repository, [aim.project], resolved)
            probes = replace(probes, watch=partial(_watch, config, aim, resolved))
            seen, _ = gather(aim.project, aim.cloud, aim.target, probes, commit, choice)
            verdicts.append(judge(seen, DIAGNOSES, through))
    return verdicts


def _load(modules: tuple[str, ...]) -> None:
    """Loads what is needed later. Whoever reads an answer meanwhile is let through at once: asking
    takes a dozen turns, and Python makes each wait 5 ms for who is busy.
    """
    sys.setswitchinterval(_TURN)
    for name in modules:
        import_module(name)


def _nothing_to_prove(seen: Verdict) -> bool:
    """Whether the change lies beside this deployable: then it does not count where others do. What
    is broken counts all the same, and alone it is no proof either.
    """
    return seen.change.beside and seen.verdict is not Outcome.BROKEN


def _watch(config: Config, aim: Aim, commit: str) -> WatchRecord | Absent | Unseen:
    """Asked last, so that its database library is loaded while a cloud answers."""
    from landed import ship_wiring  # noqa: PLC0415

    return ship_wiring.watch(config, aim, commit)


def _pending(verdict: Verdict) -> bool:
    """Whether the verdict could still change by itself: nothing broken, something on its way."""
    asked = LINKS[: LINKS.index(verdict.through) + 1]
    waiting = any(f.status is Status.PENDING for f in verdict.links if f.link in asked)
    return waiting and verdict.verdict is not Outcome.BROKEN


def _record(config: Config, verdicts: list[Verdict], speech: Speech) -> None:
    """Writes the verdicts to the ledger. A ledger that refuses takes nothing from the verdict."""
    from landed.ledger.store import opened  # noqa: PLC0415 - its database library is slow to load
    from landed.render import document  # noqa: PLC0415

    if config.file is None:
        return
    ledger = opened(config)
    try:
        for verdict in verdicts:
            ledger.append("trace", document.trace(verdict))
    except LandedError as error:
        click.echo(f"landed: not written to the ledger: {error.message}", err=True)
        if error.hint and not speech.quiet:
            click.echo(f"  hint: {error.hint}", err=True)
    finally:
        ledger.close()
