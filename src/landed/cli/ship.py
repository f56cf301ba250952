"""`landed ship`: brings a commit out, step by step, and stops at the first break."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from landed.cli.common import EXIT_CODES, Speech, common, paint, width
from landed.core.errors import UsageError
from landed.core.ids import new_id
from landed.core.model import Status
from landed.core.words import command as shown
from landed.core.words import onward, short
from landed.core.words import resume as resume_of

if TYPE_CHECKING:
    # Slow to load, and not needed for `--help`.
    from landed.config import Config
    from landed.ship.hands import Bench, Hands
    from landed.ship.run import Told
    from landed.ship.shipment import Done, Order, Shipment, Step


@click.command("ship")
@click.argument("commit", required=False)
@click.option("--env", "environment", help="Into this environment.")
@click.option("--deployable", help="This deployable.")
@click.option("--push", is_flag=True, help="Push the commit first, where the remote lacks it.")
@click.option(
    "--rollback",
    is_flag=True,
    help="Build nothing: deploy the last digest that was proved there before this one.",
)
@click.option("--dry-run", is_flag=True, help="Do nothing, and say what would be done.")
@click.option("--resume", metavar="ID", help="Go on with a shipment that was killed or stopped.")
@click.option("--abandon", metavar="ID", help="Give a shipment up that was killed, for good.")
@common
def command(
    commit: str | None,
    environment: str | None,
    deployable: str | None,
    resume: str | None,
    abandon: str | None,
    speech: Speech,
    *,
    push: bool,
    rollback: bool,
    dry_run: bool,
) -> int:
    """Checks, builds from the remote's commit, proves the image, deploys it by digest, executes it,
    reads that execution's logs, and opens the watch.
    """
    from landed import ship_wiring as wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.cli.main import leave  # noqa: PLC0415
    from landed.ship.shipment import ROLL_BACK, STEPS, document  # noqa: PLC0415

    hands = wiring.hands(config := speech.config())
    lost = partial(leave, as_json=speech.json)
    if resume or abandon:
        word = "--resume" if resume else "--abandon"
        others = (commit, rollback, dry_run, environment, deployable, push, resume and abandon)
        if any(others):
            hint = f"landed ship {word} ID"
            raise UsageError(f"{word} is about what was ordered, and takes nothing else", hint)
        from landed.ship import run  # noqa: PLC0415 - DBOS is slow to load

        if abandon:
            return _abandoned(run.abandon(wiring.base(config), hands, abandon), speech)
        with _shown(speech, config) as told:
            shipment = run.resume(wiring.base(config), hands, str(resume), told, lost)
        return _ended(shipment, document(shipment), speech)
    if rollback and (commit or push):
        raise UsageError("--rollback builds nothing", "landed ship --rollback [--env ENV]")
    where, what = wiring.target(config, environment, deployable)
    with hands.bench(where, what) as bench:
        steps = ROLL_BACK if rollback else STEPS
        order = _order(bench, hands, commit or "HEAD", steps, push=push)
        if dry_run:
            from landed.cli.ship_plan import foretold  # noqa: PLC0415 - only a dry run needs it

            return foretold(order, bench, hands, speech)
    from landed.ship import run  # noqa: PLC0415 - DBOS again, and a dry run does without it

    for one in run.orphaned(wiring.base(config), order):
        speech.aside(
            "a shipment of this commit was stopped before its end; to go on with it instead, or to "
            f"give it up:\n  {resume_of(one)}\n  landed ship --abandon {one}"
        )
    with _shown(speech, config) as told:
        shipment = run.begin(wiring.base(config), hands, order, told, lost)
    return _ended(shipment, document(shipment), speech)


def _order(bench: Bench, hands: Hands, asked: str, steps: tuple[Step, ...], *, push: bool) -> Order:
    from landed.core.seen import Deployment  # noqa: PLC0415
    from landed.ship.shipment import ROLL_BACK, Order  # noqa: PLC0415

    deployed = bench.cloud.deployment(bench.workload) if steps == ROLL_BACK else None
    commit = bench.repository.resolve(asked)
    return Order(
        id=new_id("ship"),
        attempt=1,
        asked=asked,
        commit=commit,
        subject=bench.repository.commit(commit).subject,
        deployable=bench.project.name,
        environment=bench.target.environment,
        steps=steps,
        ordered_at=hands.now(),
        push=push,
        back=hands.settings.roll_back,
        project=hands.ledger.owner.id if hands.ledger.owner else "",
        leaves=(deployed.digest or "") if isinstance(deployed, Deployment) else "",
    )


@contextmanager
def _shown(speech: Speech, config: Config) -> Iterator[Told]:
    """Hears how far a shipment is. Ctrl-C or a plain `kill` ends this process at once: what is on
    its way is kept as it is, and goes on with --resume. On a terminal the step under way is shown
    live.
    """
    heard: list[Shipment] = []

    def stop(number: int, _frame: object) -> None:
        if heard:
            click.echo(f"\nlanded: stopped; {resume_of(heard[-1].order.id)}", err=True)
        # At once: a step that sees its programs die must not take that for what became of it.
        os._exit(128 + number)

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _screen(speech, partial(_awaited, config=config)) as show:

            def hear(shipment: Shipment, read: Sequence[str]) -> None:
                heard.append(shipment)
                show(shipment, read)

            yield hear
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _screen(speech: Speech, awaited: Callable[[Shipment], str]) -> Iterator[Told]:
    if speech.json or speech.quiet:
        yield lambda _shipment, _read: None
    elif sys.stderr.isatty():
        from landed.cli.ship_live import live  # noqa: PLC0415 - only a terminal needs it

        with live(awaited) as show:
            yield show
    else:
        yield _teller(speech, awaited)


def _awaited(shipment: Shipment, config: Config) -> str:
    """What a service's shipment waits for, which nobody but a person or its users can bring."""
    from landed.ship.shipment import Step  # noqa: PLC0415

    order, settings = shipment.order, config.settings
    following = order.steps[len(shipment.done) :]
    environment = settings.environments.get(order.environment)
    deployable = settings.deployables.get(order.deployable)
    if shipment.stopped or not following or following[0] is not Step.LOGS or environment is None:
        return ""
    service = environment.services.get(order.deployable)
    if service is None or (deployable and deployable.unasked):
        return ""
    ask = f"; now: {shown('landed', 'cloud', 'request', service)}"
    how = ask if environment.provider == "local" else ""
    return f"waits {settings.ship.work_seconds:g} s for somebody to ask {service}{how}"


def _teller(speech: Speech, awaited: Callable[[Shipment], str]) -> Told:
    """The shipment, what was read while it was built, and one line for each step that is over, on
    stderr: each once, also where two were over between two looks.
    """
    from landed.render.text import wrap  # noqa: PLC0415

    told: set[str] = set()

    def tell(shipment: Shipment, read: Sequence[str]) -> None:
        order = shipment.order
        lines = {order.id: wrap(f"{order.id}: {order.about}", width())}
        for words in read:
            lines[words] = wrap(f"meanwhile: {words}", width(), first=" " * 15)
        lines |= {done.step: indent(_line(done, width()), "  ") for done in shipment.done}
        if words := awaited(shipment):
            lines[words] = wrap(words, width(), first=" " * 15)
        for name, line in lines.items():
            if name not in told:
                told.add(name)
                speech.aside(line)

    return tell


def _line(done: Done, columns: int) -> str:
    from landed.render.text import SIGNS, wrap  # noqa: PLC0415

    sign, colour = SIGNS[done.status]
    lead = f"{paint(sign, colour)} {done.step:<10} "
    named = f"{done.diagnosis}: " if done.diagnosis else ""
    return wrap(f"{named}{done.because}", columns - 2, first=lead, lead_width=13)


def _ended(shipment: Shipment, document: dict[str, Any], speech: Speech) -> int:
    if speech.json:
        speech.document(document)
        return EXIT_CODES[shipment.verdict]
    told = not speech.quiet and not sys.stderr.isatty()
    for line in _words(shipment, told=told):
        speech.say(line)
    return EXIT_CODES[shipment.verdict]


def _abandoned(document: Mapping[str, Any], speech: Speech) -> int:
    """What a shipment that was given up had done, and what to do about it."""
    from landed.render.text import wrap  # noqa: PLC0415

    if speech.json:
        beside = ("key", "back", "project")
        speech.document({name: document[name] for name in document if name not in beside})
        return 0
    step = next(one for one in document["steps"] if one["step"] == document["stopped_at"])
    lead = f"{document['id']}, at {step['step']}: "
    speech.say(wrap(f"{lead}{step['because']}", width(), first=f"{paint('–', 'yellow')} "))
    speech.say(f"\n{paint('What to do', 'bold')}")
    for one in step["remedy"]:
        speech.say(wrap(one, width(), first="  ", commands=True))
    return 0


def _words(shipment: Shipment, *, told: bool) -> list[str]:
    """The outcome, then the steps where they were not told as they came, then what to do."""
    from landed.render.text import wrap  # noqa: PLC0415
    from landed.ship.shipment import Step  # noqa: PLC0415

    order, stopped = shipment.order, shipment.stopped
    what = f"{order.deployable} in {order.environment}"
    steps = [] if told else [indent(_line(done, width()), "  ") for done in shipment.done]
    if stopped is None:
        back = shipment.fact("back")
        done = f"shipped: {short(order.commit)} runs as {what}"
        if back:
            done = f"rolled back: {what} is on {short(back)} again"
        lines = [f"{paint('✓', 'green')} {done}", *steps, f"  more: landed report {order.id}"]
        if Step.WATCH in order.steps:
            # Or it ends as a watch at which nobody looked.
            look = "the watch needs somebody who looks: landed worker, or landed watch --once"
            lines.append(wrap(look, width(), first="  "))
        return lines
    broken = stopped.status is Status.BROKEN
    sign = paint("✗ ", "red") if broken else paint("? ", "yellow")
    word = "broken" if broken else "cannot tell"
    lines = [wrap(f"{word} at {stopped.step}: {stopped.because}", width(), first=sign), *steps]
    lines += ["", paint("What to do", "bold")]
    remedies = onward(order.id, stopped.remedy)
    lines += [wrap(one, width(), first="  ", commands=True) for one in remedies]
    if stopped.diagnosis:
        lines += ["", paint(f"More: landed explain {stopped.diagnosis}", "bright_black")]
    return lines
