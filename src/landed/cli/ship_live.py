"""A shipment on a terminal: the steps that are over, and the one under way with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from landed.core.words import printable
from landed.render.text import SIGNS
from landed.ship.shipment import Shipment, Step

_COLOURS = {"bright_black": "dim"}


@contextmanager
def live(
    awaited: Callable[[Shipment], str],
) -> Iterator[Callable[[Shipment, Sequence[str]], None]]:
    """Shows each shipment that it is called with, until the block ends; `awaited` says what it
    waits for from outside.
    """
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=8, transient=True) as screen:
        yield lambda shipment, read: screen.update(_screen(shipment, read, awaited(shipment)))


def _screen(shipment: Shipment, read: Sequence[str], awaited: str) -> Group:
    rows: list[Text | Spinner] = [
        # With its id: who is left with a dead terminal goes on by it.
        Text(f"{shipment.order.id}: {printable(shipment.order.about)}", style="bold")
    ]
    for done in shipment.done:
        sign, colour = SIGNS[done.status]
        row = Text(f"  {sign} ", style=_COLOURS.get(colour, colour))
        row.append(f"{done.step:<10} {printable(done.because)}", style="default")
        row.truncate(max(Console(stderr=True).width - 1, 20), overflow="ellipsis")
        rows.append(row)
    waiting = shipment.order.steps[len(shipment.done) :]
    if waiting and shipment.stopped is None:
        rows.append(Spinner("dots", text=Text(f" {waiting[0]} …"), style="cyan"))
        if waiting[0] is Step.BUILD:
            rows += [Text(f"      meanwhile: {printable(words)}", style="dim") for words in read]
        if awaited:
            rows.append(Text(f"      {printable(awaited)}"))
        rows += [Text(f"    {step}", style="dim") for step in waiting[1:]]
    return Group(*rows)
