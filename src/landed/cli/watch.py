"""`landed watch`: the watch over what was shipped: what it covers, its checkpoints, its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from landed.cli.common import STATUS_CODES, Speech, common, paint, width
from landed.core.errors import UsageError
from landed.core.ids import new_id
from landed.core.model import Finding, Status
from landed.core.words import clock, count, short

if TYPE_CHECKING:
    # Slow to load, and not needed for `--help`.
    from landed.ship.base import Base
    from landed.ship.hands import Bench, Hands
    from landed.ship.watch import Kept, Look

_VERDICTS = {Status.HOLDS: "proved", Status.BROKEN: "broken"}


@click.command("watch")
@click.argument("environment", required=False)
@click.option("--deployable", help="This deployable.")
@click.option("--start", is_flag=True, help="Open a watch over what is deployed now.")
@click.option("--reset", is_flag=True, help="Open it anew: it covers what it covered.")
@click.option("--once", is_flag=True, help="Look now, if a checkpoint is due and nobody looked.")
@click.option(
    "--commit", help="The commit that is deployed. Without it HEAD, or with --reset the one before."
)
@common
def command(
    environment: str | None,
    deployable: str | None,
    commit: str | None,
    speech: Speech,
    *,
    start: bool,
    reset: bool,
    once: bool,
) -> int:
    """The state of a watch: its baseline, the fixes it covers, its checkpoints, and what follows.

    Somebody has to look: `landed worker`, or `landed watch --once` from a timer. A checkpoint at
    which nobody looked is a finding, and no quiet one.
    """
    from landed import ship_wiring as wiring  # noqa: PLC0415 - so that `--help` is quick
    from landed.ship import records  # noqa: PLC0415
    from landed.ship.watching import checkpoint, finding  # noqa: PLC0415

    if start + reset + once > 1:
        raise UsageError("one of --start, --reset and --once at a time", "landed watch --help")
    if commit and not (start or reset):
        raise UsageError("--commit says over what a watch is opened", "add --start or --reset")
    hands = wiring.hands(config := speech.config())
    where, what = wiring.target(config, environment, deployable)
    kept = records.current(hands.ledger, where, what)
    moment = hands.now()
    if start or reset:
        kept, unsure = _opened(hands, kept, where, what, commit, reset=reset)
        if unsure:
            speech.aside(unsure)
        _make_ready(wiring.base(config), kept, moment)
    elif kept is None:
        raise UsageError(f"no watch was opened over {what} in {where}", "landed watch --start")
    elif once:
        number = kept.next(moment)
        if number is not None and kept.opened.due_at(number) <= moment:
            checkpoint(kept.opened.id, number, hands)
            kept = records.kept(hands.ledger, kept.opened.id) or kept
    found = finding(kept, moment)
    if speech.json:
        speech.document(_document(kept, found, moment))
    else:
        for line in _words(kept, found, moment):
            speech.say(line)
    return STATUS_CODES[found.status]


def _opened(
    hands: Hands,
    before: Kept | None,
    environment: str,
    deployable: str,
    commit: str | None,
    *,
    reset: bool,
) -> tuple[Kept, str]:
    """The watch, and what nobody can tell of its commit."""
    from landed.core.answers import in_there  # noqa: PLC0415
    from landed.core.model import Absent, Answer  # noqa: PLC0415
    from landed.ship.watch import Kept  # noqa: PLC0415
    from landed.ship.watching import open_watch  # noqa: PLC0415
    from landed.trace.gather import gather  # noqa: PLC0415
    from landed.trace.target import Choice  # noqa: PLC0415

    goes_on = before is not None and before.next(hands.now()) is not None
    if goes_on and not reset:
        raise UsageError("a watch goes on already", "landed watch --reset opens it anew")
    if reset and before is None:
        raise UsageError("there is no watch to open anew", "landed watch --start")
    with hands.bench(environment, deployable) as bench:
        digest = _deployed(bench)
        again = before.opened.commit if reset and before else "HEAD"
        asked = bench.repository.resolve(commit or again)
        probes, choice = bench.probes(asked), Choice(digest=digest)
        seen, _ = gather(
            bench.project, bench.cloud, bench.target, probes, asked, choice, whole=False
        )
        answer, because = in_there(seen)
        # Where nothing ran yet, that says nothing of what is deployed.
        if answer is Answer.NO and not isinstance(seen.running, Absent):
            # Its errors may be gone for any reason but this change.
            raise UsageError(
                f"{short(asked)} is not in what is deployed: {because}",
                "--commit COMMIT names the one that is; `landed where COMMIT` tells",
            )
        opened = open_watch(new_id("watch"), asked, digest, bench, hands)
    unsure = f"nobody can tell whether {short(asked)} is in what is deployed: {because}"
    return Kept(opened=opened), "" if answer is Answer.YES else unsure


def _deployed(bench: Bench) -> str:
    """The digest that a watch is opened over. Raises UsageError where there is none."""
    from landed.core.seen import Deployment  # noqa: PLC0415

    deployed = bench.cloud.deployment(bench.workload)
    hint = "landed ship deploys, and opens a watch"
    if not isinstance(deployed, Deployment):
        raise UsageError(deployed.reason, hint)
    if deployed.digest is None:
        raise UsageError("nothing is deployed there, or what it is nobody could tell", hint)
    return deployed.digest


def _make_ready(base: Base, kept: Kept, moment: datetime) -> None:
    """Tells the workers of the first checkpoint."""
    from landed.ship.desk import Desk  # noqa: PLC0415

    with Desk(base) as desk:
        desk.arm([kept], moment)


def _document(kept: Kept, found: Finding, moment: datetime) -> dict[str, Any]:
    from landed.render.document import plain  # noqa: PLC0415

    opened, record = kept.opened, kept.record()
    missed = {one.due_at for one in record.missed(moment)}
    looks = {look.number: look for look in kept.looks}
    document: dict[str, Any] = plain(
        {
            "schema": "landed/watch/v1",
            "id": opened.id,
            "environment": opened.environment,
            "deployable": opened.deployable,
            "commit": opened.commit,
            "digest": opened.digest,
            "opened_at": opened.opened_at,
            "ends_at": opened.ends_at,
            "closed_at": kept.closed_at,
            "closed_because": kept.closed_because or None,
            "fixes": [
                {"commit": fix.commit, "subject": fix.subject, "errors": fix.errors}
                for fix in opened.fixes
            ],
            "counts": opened.counts,
            "baseline": {"executions": len(opened.baseline), "digests": record.baseline.digests},
            "checkpoints": [
                {
                    "due_at": one.due_at,
                    "looked_at": one.looked_at,
                    "missed": one.due_at in missed,
                    "unseen": one.unseen or None,
                    "executions": len(looks[n].executions) if n in looks else None,
                    "elsewhere": (looks[n].elsewhere or None) if n in looks else None,
                }
                for n, one in enumerate(record.checkpoints, 1)
            ],
            "verdict": _VERDICTS.get(found.status, "unproved"),
            "status": found.status,
            "because": found.because,
            "diagnosis": found.diagnosis,
            "also": found.also,
            "notes": found.notes,
            "remedy": found.remedy,
        }
    )
    return document


def _words(kept: Kept, found: Finding, moment: datetime) -> list[str]:
    from landed.render.text import SIGNS, wrap  # noqa: PLC0415

    opened, columns = kept.opened, width()
    sign, colour = SIGNS[found.status]
    named = f" ({found.diagnosis})" if found.diagnosis else ""
    about = {
        "watched": f"{opened.deployable} in {opened.environment} on {short(opened.digest)}",
        "opened": f"{clock(opened.opened_at)}, until {clock(opened.ends_at)}",
        "before": f"{count(len(opened.baseline), opened.counts)} to compare with",
    }
    if kept.closed_at is not None:
        known = kept.closed_because == f"{found.status}: {found.because}"
        why = "as said above" if known else kept.closed_because
        about["closed"] = f"{clock(kept.closed_at)}: {why}"
    lines = [
        wrap(f"{found.status}{named}: {found.because}", columns, first=f"{paint(sign, colour)} "),
        "",
        *(wrap(said, columns, first=f"  {name:<9}") for name, said in about.items()),
    ]
    lines += ["", paint("Fixes that it covers", "bold")]
    for fix in opened.fixes:
        lines.append(wrap(fix.subject, columns, first=f"  {short(fix.commit)} "))
        if fix.errors:
            errors = ", ".join(f"`{error}`" for error in fix.errors)
            lines.append(wrap(f"meant to stop {errors}", columns, first=" " * 13))
    lines += ["", paint("Checkpoints", "bold"), *_checkpoints(kept, moment)]
    lines += [wrap(f"note: {note}", columns, first="  ") for note in found.notes]
    if found.remedy:
        lines += ["", paint("What to do", "bold")]
        lines += [wrap(one, columns, first="  ", commands=True) for one in found.remedy]
    return lines


def _checkpoints(kept: Kept, moment: datetime) -> Sequence[str]:
    from landed.render.text import wrap  # noqa: PLC0415

    opened, record, columns = kept.opened, kept.record(), width()
    missed = {one.due_at for one in record.missed(moment)}
    lines = []
    for number, one in enumerate(record.checkpoints, 1):
        look = kept.look(number)
        sign, said = paint("…", "cyan"), "to come"
        if look is not None:
            sign, said = _look(look, opened.counts)
        elif one.due_at in missed:
            sign, said = paint("✗", "red"), "nobody looked"
        elif number == kept.next(moment):
            due = "due now" if one.due_at <= moment else "next"
            said = f"{due}: `landed worker` looks, or `landed watch --once`"
        lines.append(wrap(said, columns, first=f"  {sign} {clock(one.due_at)}  "))
    return lines


def _look(look: Look, counts: str) -> tuple[str, str]:
    """What a look saw. Where nothing ran, nothing was seen to be well."""
    back = sum(bool(ran.named) for ran in look.executions)
    said = f"looked at {clock(look.looked_at)}: {count(len(look.executions), counts)}"
    said += f", {back} with an error that should be gone" if back else ""
    said += f"; saw nothing: {look.unseen}" if look.unseen else ""
    said += f"; {short(look.elsewhere)} is deployed" if look.elsewhere else ""
    if back:
        return paint("✗", "red"), said
    if look.unseen or look.elsewhere:
        return paint("?", "yellow"), said
    return (paint("✓", "green") if look.executions else "–"), said
