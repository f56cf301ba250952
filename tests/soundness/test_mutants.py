"""A rule that is wrong must turn the table or the sample red: each is bent in turn, and caught."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from landed.core import answers, judge, rules
from landed.core.model import (
    Link,
    Status,
)
from landed.core.rules import RULES, Judged, build, image, logs, repository, rollout, running
from landed.core.seen import (
    Observations,
)
from soundness.checks import faults, sample

SAMPLE = sample(150)
BENDS: dict[str, dict[Status, Status]] = {
    "a break is called whole": {Status.BROKEN: Status.HOLDS},
    "what is whole is called broken": {Status.HOLDS: Status.BROKEN},
    "unseen is called whole": {Status.UNSEEN: Status.HOLDS},
    "pending is called whole": {Status.PENDING: Status.HOLDS},
}
CANNOT_MATTER = {
    (Link.COMMITTED, "pending is called whole"): "this link is never pending",
    (Link.PUSHED, "pending is called whole"): "this link is never pending",
}


def test_the_rules_as_they_are_break_nothing() -> None:
    assert list(faults(SAMPLE)) == []


@pytest.mark.parametrize("bend", BENDS)
@pytest.mark.parametrize("link", list(Link))
def test_a_bent_rule_is_caught(link: Link, bend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if (link, bend) in CANNOT_MATTER:
        return
    honest = RULES[link]

    def bent(seen: Observations) -> Judged:
        found = honest(seen)
        return msgspec.structs.replace(found, status=BENDS[bend].get(found.status, found.status))

    monkeypatch.setitem(RULES, link, bent)
    assert next(faults(SAMPLE), None), f"nothing notices that at `{link}` {bend}"


class _Mutator(ast.NodeTransformer):
    """Changes the one place that is asked for, and counts the places on its way."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.seen, self.said = wanted, -1, ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        # What only chooses words is no rule.
        return (
            node
            if node.name.endswith("_in_words") or node.name == "_taken"
            else self.generic_visit(node)
        )

    def _here(self, node: ast.AST, what: str) -> bool:
        self.seen += 1
        if self.seen == self.wanted:
            self.said = f"line {getattr(node, 'lineno', 0)}: {what}: {ast.unparse(node)[:90]}"
            return True
        return False

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._here(node.test, "negated"):
            node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        words = any(isinstance(value, ast.Constant) for value in node.values)
        if not words and self._here(node, "and for or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        other = {"HOLDS": "UNSEEN", "UNSEEN": "HOLDS", "BROKEN": "HOLDS", "PENDING": "HOLDS"}
        mine = isinstance(node.value, ast.Name) and node.value.id == "Status"
        if mine and node.attr in other and self._here(node, f"{other[node.attr]} instead"):
            node.attr = other[node.attr]
        return node


def mutants(module: ModuleType) -> Iterator[tuple[str, ast.Module]]:
    """Every changed form of a module."""
    text = Path(inspect.getfile(module)).read_text()
    number = 0
    while True:
        mutator = _Mutator(number)
        tree = ast.fix_missing_locations(mutator.visit(ast.parse(text)))
        if not mutator.said:
            return
        yield mutator.said, tree
        number += 1


PLUGGED: dict[str, tuple[ModuleType, Callable[[dict[str, object], pytest.MonkeyPatch], None]]] = {}


def _plug_rules(names: dict[str, object], patch: pytest.MonkeyPatch) -> None:
    for link, rule in list(RULES.items()):
        if rule.__name__ in names and rule.__module__ == names["__name__"]:
            patch.setitem(RULES, link, names[rule.__name__])


def _plug_answers(names: dict[str, object], patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judge, "answer", names["answer"])


PLUGGED = {
    "repository": (repository, _plug_rules),
    "build": (build, _plug_rules),
    "image": (image, _plug_rules),
    "rollout": (rollout, _plug_rules),
    "running": (running, _plug_rules),
    "logs": (logs, _plug_rules),
    "answers": (answers, _plug_answers),
}

# Mutants that nothing here can see, each with the reason. All others have to be caught.
SURVIVORS: dict[str, str] = {
    "negated: isinstance(seen.forward.build, Build)": "whether the subject names the build",
    "negated: source.kind is SourceKind.UPLOAD": "which words say that the source is right",
    "negated: deployment.serving": "whether the subject names what serves",
    "negated: deployment.latest not in": "whether a note tells of the newest revision",
    "unbuilt and _wants": "whether a note advises what to add to a build's file",
    "file.lacks or file.problem": "whether a note advises what to add to a build's file",
    "negated: file.problem": "which words such a note has",
    "negated: modes": "whether a note tells of exec bits",
}


@pytest.mark.parametrize("name", PLUGGED)
def test_every_small_change_of_a_rule_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, plug = PLUGGED[name]
    alive = []
    for said, tree in mutants(module):
        names: dict[str, object] = {"__name__": module.__name__, "__file__": module.__file__}
        with monkeypatch.context() as patch:
            exec(compile(tree, said, "exec"), names)  # noqa: S102 - our own source, changed
            plug(names, patch)
            try:
                caught = next(faults(SAMPLE), None) is not None
            except Exception:  # noqa: BLE001 - a crash is noticed as well
                caught = True
        if not caught and not any(part in said for part in SURVIVORS):
            alive.append(said)
    assert not alive, "\n".join(alive)


def test_the_rules_are_the_ones_that_are_mutated() -> None:
    modules = {sys.modules[rule.__module__] for rule in RULES.values()}
    assert modules == {repository, build, image, rollout, running, logs}
    assert rules.RULES is RULES
