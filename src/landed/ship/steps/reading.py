"""What can be read of a shipment before its build is over."""

from __future__ import annotations

from collections.abc import Generator

from landed.core.words import count, short
from landed.ship.hands import Hands
from landed.ship.looking import baseline
from landed.ship.shipment import Order
from landed.ship.watching import covers


def reading(order: Order, taken: str, hands: Hands) -> Generator[str, None, None]:
    """Reads, and says after each piece what it was. See `ship.ahead`."""
    with hands.bench(order.environment, order.deployable) as bench:
        folder = bench.project.folder
        commits = (taken, order.commit)
        parents = [
            parent
            for one in commits
            for parent in bench.ahead.commit(bench.repository, one).parents[:1]
        ]
        for one in dict.fromkeys((*commits, *parents)):
            bench.ahead.listed[one, folder] = bench.repository.tree(one, folder)
        yield f"{count(len(bench.ahead.listed[taken, folder]), 'file')} of {short(taken)} listed"
        _, fixes, named = covers(order.commit, bench, hands)
        yield f"{count(len(fixes), 'fix', 'fixes')} found for the watch and the report"
        yield f"{count(len(baseline('', bench, named)), 'earlier execution')} read"
