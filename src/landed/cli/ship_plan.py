"""`landed ship --dry-run`: what a shipment would do, and what is missing for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import structs

from landed.cli.common import STATUS_CODES, Speech, paint, width
from landed.core.action import Missing
from landed.core.model import Status
from landed.render.document import plain
from landed.render.text import SIGNS, wrap
from landed.ship.hands import Bench, Hands
from landed.ship.shipment import Done, Order, Step
from landed.ship.steps import take
from landed.ship.steps.foretold import foretold as in_words


def foretold(order: Order, bench: Bench, hands: Hands, speech: Speech) -> int:
    """What would be done. The look at the work tree and the remote is real: it changes nothing."""
    harmless = structs.replace(order, push=False)
    looked = take(Step.CHECK, harmless, (), hands) if Step.CHECK in order.steps else None
    words = in_words(order, bench, hands)
    lacks = bench.actions.lacks(bench.workload, builds=Step.BUILD in order.steps)
    if speech.json:
        listed = [{"step": step, "would": words[step]} for step in order.steps]
        speech.document(
            plain(
                {
                    "schema": "landed/ship-plan/v1",
                    "change": {"asked": order.asked, "commit": order.commit},
                    "deployable": order.deployable,
                    "environment": order.environment,
                    "steps": listed,
                    "check": looked
                    and {
                        "status": looked.status,
                        "because": looked.because,
                        "diagnosis": looked.diagnosis,
                        "remedy": looked.remedy,
                    },
                    "lacks": lacks,
                }
            )
        )
    else:
        for line in plan(order, words, looked, lacks):
            speech.say(line)
    # As a shipment would: it stops at the check, and at what is missing for a later step.
    codes = [STATUS_CODES[looked.status]] if looked else [0]
    codes += [1 if one.sure else 3 for one in lacks]
    return 1 if 1 in codes else max(codes)


def plan(
    order: Order, words: Mapping[Step, str], looked: Done | None, lacks: Sequence[Missing]
) -> list[str]:
    """What the look at the work tree and the remote found, then what else is missing, then each
    step, then what to do.
    """
    lines = []
    if looked:
        sign, colour = SIGNS[looked.status]
        pushes = order.push and looked.diagnosis == "commit-not-pushed"
        lead = {
            Status.HOLDS: "ready: ",
            Status.BROKEN: "not pushed yet, --push does it first: "
            if pushes
            else f"it would stop at check ({looked.diagnosis}): ",
            Status.UNSEEN: "cannot tell at check: ",
        }[looked.status]
        lines.append(wrap(lead + looked.because, width(), first=f"{paint(sign, colour)} "))
    for one in lacks:
        sign, colour = SIGNS[Status.BROKEN if one.sure else Status.UNSEEN]
        lead = "missing: " if one.sure else ""
        lines.append(wrap(lead + one.because, width(), first=f"{paint(sign, colour)} "))
    lines.append(f"  {order.deployable} to {order.environment}: a dry run, nothing is done")
    lines += [
        wrap(words[step], width(), first=f"  {step:<10} ", lead_width=13) for step in order.steps
    ]
    remedies = list(looked.remedy) if looked and not pushes else []
    remedies += [one.remedy for one in lacks if one.remedy]
    if remedies:
        lines += ["", paint("What to do", "bold")]
        lines += [wrap(one, width(), first="  ", commands=True) for one in remedies]
    return lines
