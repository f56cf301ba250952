"""The statistics of a watch made wrong, one small change at a time: the tests must see each.

Those are the plain tests of `tests/core/statistics`, in milliseconds. A share of the changes is
tried each time, always the same; with LANDED_ALL_MUTANTS=1 all of them are.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType

import pytest

import landed.core.statistics
from soundness.oracle.mutation import OneChange, line_text

ROOM = Path(landed.core.statistics.__file__).parent
MODULES = ("exact", "boundary", "anytime", "units", "sought", "compare", "decide")
"""Each imports only those before it."""
TESTS = Path(__file__).parents[1] / "core" / "statistics"
TESTS_OF_ALL = [TESTS / f"test_{name}.py" for name in ("exact", "units", "decide")]
SHARE = 1 if os.environ.get("LANDED_ALL_MUTANTS") else 3
SECONDS = 0.5
"""A change that makes it run so much longer is noticed as well."""

COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNT: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult,
}  # fmt: skip
CALLS = {"WORSE": "HELD", "HELD": "WORSE", "INCONCLUSIVE": "HELD", "CAME_BACK": "HELD"}

Key = tuple[str, str, str]


class OneSum(OneChange, ast.NodeTransformer):
    """As for the rules, and comparisons, sums, numbers and calls."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        other = COMPARE.get(type(node.ops[0]))
        if other and self.here(node, f"{type(node.ops[0]).__name__} to {other.__name__}"):
            node.ops[0] = other()
            return node
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        other = COUNT.get(type(node.op))
        if other and self.here(node, f"{type(node.op).__name__} to {other.__name__}"):
            node.op = other()
            return node
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return node
        if self.here(node, f"{value} to one more"):
            node.value = value + 1
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        other = CALLS.get(node.attr)
        if (
            other
            and ast.unparse(node.value) == "Call"
            and self.here(node, f"{node.attr} to {other}")
        ):
            node.attr = other
            return node
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        # A table is held against its simulation, which takes longer than all this.
        return node


def changes(name: str) -> Iterator[tuple[Key, CodeType]]:
    """Every change of a module: where it is, and the module with it."""
    path = ROOM / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    counter = OneSum(-2)
    counter.visit(ast.parse(text))
    for number in range(counter.places + 1):
        change = OneSum(number)
        tree = ast.fix_missing_locations(change.visit(ast.parse(text)))
        key = (name, line_text(text.splitlines(), change.line - 1), change.what)
        yield key, compile(tree, str(path), "exec")


@cache
def original(path: Path) -> CodeType:
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def loaded(name: str, path: Path, code: CodeType) -> ModuleType:
    fresh = ModuleType(name)
    fresh.__file__ = str(path)
    exec(code, fresh.__dict__)  # noqa: S102 - our own source
    return fresh


def plain(tests: ModuleType) -> list[Callable[[], None]]:
    """Its tests that need no data and no simulation."""
    return [
        found
        for name, found in vars(tests).items()
        if name.startswith("test_")
        and not hasattr(found, "hypothesis")
        and "simulation" not in name
    ]


def noticed(name: str, code: CodeType, patch: pytest.MonkeyPatch) -> bool:
    """Whether any test turns red with this module in the place of its original."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        for each in MODULES:
            full, path = f"{landed.core.statistics.__name__}.{each}", ROOM / f"{each}.py"
            fresh = loaded(full, path, code if each == name else original(path))
            patch.setitem(sys.modules, full, fresh)
        for path in TESTS_OF_ALL:
            for test in plain(loaded(path.stem, path, original(path))):
                test()
    except Exception:  # noqa: BLE001 - whatever a mutant raises, somebody would see it
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


_ONE = "probabilities add up to one at most, and here none is compared with more"
_SPARED = "only how much of a sum is spared"
_EQUAL = "where both are equal to the last digit, which no counts make them"

# Changes that no test can see, each with the reason.
SURVIVORS: dict[Key, str] = {
    (
        "exact",
        "def no_fewer_hits(before: Hits, after: Hits, enough: float = 1.0) -> float:",
        "1.0 to one more",
    ): _ONE,
    (
        "exact",
        "def _dealt(before: Hits, after: Hits, hits: range, enough: float = 1.0) -> f",
        "1.0 to one more",
    ): _ONE,
    (
        "exact",
        "def _summed(logarithms: Iterable[float], enough: float = 1.0) -> float:",
        "1.0 to one more",
    ): _ONE,
    (
        "exact",
        "def clumped(shown: Sequence[bool], enough: float = 1.0) -> float:",
        "1.0 to one more",
    ): _ONE,
    (
        "exact",
        "return _dealt(before, after, range(after.hit, before.hit + after.hit + 1), e",
        "1 to one more",
    ): "more hits than there are have no probability",
    ("exact", "if found >= enough:", "GtE to Gt"): _SPARED,
    ("exact", "return chance <= allowed * (1 + 1e-9)", "LtE to Lt"): _EQUAL,
    ("exact", "least = enough // 2", "2 to one more"): "the search begins lower, and ends alike",
    ("exact", "for _ in range(50):", "50 to one more"): "a half of what a float can tell",
    ("exact", "if at_most(seen.hit, seen.of, middle) > chance:", "Gt to GtE"): _EQUAL,
    (
        "anytime",
        "return highest < 1 and log_stake(highest, after) >= -log(chance)",
        "GtE to Gt",
    ): _EQUAL,
    (
        "units",
        "return clumped([b > a for a, b in pairwise(hits)], enough=2 * chance) <= cha",
        "LtE to Lt",
    ): _EQUAL,
    (
        "units",
        "return clumped([b > a for a, b in pairwise(hits)], enough=2 * chance) <= cha",
        "Mult to Add",
    ): _SPARED,
    (
        "units",
        "return clumped([b > a for a, b in pairwise(hits)], enough=2 * chance) <= cha",
        "2 to one more",
    ): _SPARED,
    ("compare", "if now.rate <= past.rate:", "LtE to Lt"): "equal rates are no alarm by the sums",
    ("compare", "chance = no_fewer_hits(past, now, enough=2 * allowed)", "Mult to Add"): _SPARED,
    ("compare", "chance = no_fewer_hits(past, now, enough=2 * allowed)", "2 to one more"): _SPARED,
    ("compare", "if chance < 1e-6:", "Lt to LtE"): _EQUAL,
    ("decide", "@lru_cache(maxsize=16)", "16 to one more"): "only how much is remembered",
}


@pytest.mark.parametrize("name", MODULES)
def test_a_wrong_sum_is_noticed(name: str) -> None:
    alive = []
    for number, (key, code) in enumerate(changes(name)):
        if number % SHARE == 0:
            with pytest.MonkeyPatch.context() as patch:
                if not noticed(name, code, patch) and key not in SURVIVORS:
                    alive.append(key)
    assert not alive, "\n".join(map(str, alive))


def test_the_statistics_as_they_are_turn_no_test_red() -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert not noticed("exact", original(ROOM / "exact.py"), patch)
    found = {path.stem for path in ROOM.glob("*.py")} - {"__init__"}
    assert found == set(MODULES)
