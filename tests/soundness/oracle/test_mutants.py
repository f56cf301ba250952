"""A test that no wrong rule could turn red proves nothing: here every rule is made wrong."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from landed.core.model import (
    Link,
    Status,
)
from landed.core.rules import RULES, Judged
from landed.core.seen import (
    Observations,
)
from soundness.oracle.mutation import FILES, mutants, plug
from soundness.oracle.sample import noticed, violations
from soundness.oracle.survivors import SURVIVORS

BENDS: dict[str, Callable[[Status], Status]] = {
    "broken and holds exchanged": lambda status: {
        Status.HOLDS: Status.BROKEN,
        Status.BROKEN: Status.HOLDS,
    }.get(status, status),
    "unseen holds": lambda status: Status.HOLDS if status is Status.UNSEEN else status,
    "pending holds": lambda status: Status.HOLDS if status is Status.PENDING else status,
    "always holds": lambda _: Status.HOLDS,
}
CANNOT_MATTER = {
    (Link.COMMITTED, "pending holds"): "what is in the work tree is never still to come",
    (Link.PUSHED, "pending holds"): "whether the ref has it is a question of now",
}


def test_the_judge_as_it_is_breaks_nothing() -> None:
    assert violations() == []


@pytest.mark.parametrize("bend", BENDS)
@pytest.mark.parametrize("link", list(Link))
def test_a_bent_link_is_noticed(link: Link, bend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES[link]

    def bent(seen: Observations) -> Judged:
        judged = rule(seen)
        return msgspec.structs.replace(judged, status=BENDS[bend](judged.status))

    monkeypatch.setitem(RULES, link, bent)
    assert noticed() is ((link, bend) not in CANNOT_MATTER)


@pytest.mark.parametrize("name", FILES)
def test_every_small_change_is_noticed(name: str) -> None:
    alive = set()
    for key, tree in mutants(name):
        with pytest.MonkeyPatch.context() as patch:
            try:
                plug(name, tree, patch)
            except Exception:  # noqa: BLE001, S112 - a module that cannot be loaded is noticed
                continue
            if not noticed():
                alive.add(key)
    listed = {key for key in SURVIVORS if key[0] == name}
    assert alive - listed == set(), "not noticed, and not listed"
    assert listed - alive == set(), "listed, and noticed by now: strike them off"


def test_the_rules_are_whole_again_afterwards() -> None:
    assert violations() == []
