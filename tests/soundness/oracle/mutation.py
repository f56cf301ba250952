"""Small changes of the rules, one at a time, each put in the place of its original."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import landed.core
from landed.core import judge as judge_module
from landed.core.rules import RULES

CORE = Path(landed.core.__file__).parent
FILES = (*sorted(p.name for p in (CORE / "rules").glob("*.py")), "answers.py")
OTHERWISE = {
    "Status": {"HOLDS": "BROKEN", "BROKEN": "HOLDS", "UNSEEN": "HOLDS", "PENDING": "HOLDS",
               "SKIPPED": "HOLDS"},
    "Answer": {"YES": "NO", "NO": "YES", "UNKNOWN": "YES"},
}  # fmt: skip

ALONE = {f"{kind}.{name}," for kind, names in OTHERWISE.items() for name in names}


def path_of(name: str) -> Path:
    return CORE / name if name == "answers.py" else CORE / "rules" / name


def module_of(name: str) -> str:
    stem = name.removesuffix(".py")
    return "landed.core.answers" if stem == "answers" else f"landed.core.rules.{stem}"


class OneChange(ast.NodeTransformer):
    """Changes the place with the wanted number; without one it only counts."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.places = wanted, -1
        self.line, self.what = 0, ""

    def here(self, node: ast.expr, what: str) -> bool:
        self.places += 1
        if self.places == self.wanted:
            self.line, self.what = node.lineno, what
        return self.places == self.wanted

    def visit_If(self, node: ast.If) -> ast.AST:
        if self.here(node.test, "negated if"):
            node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
            return node
        return self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if self.here(node.test, "negated if"):
            node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
            return node
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        word = "and" if isinstance(node.op, ast.And) else "or"
        if self.here(node, f"swapped {word}"):
            node.op = ast.Or() if word == "and" else ast.And()
            return node
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name):
            other = OTHERWISE.get(node.value.id, {}).get(node.attr)
            if other and self.here(node, f"{node.attr} to {other}"):
                node.attr = other
                return node
        return self.generic_visit(node)


def line_text(lines: list[str], index: int) -> str:
    """The line, or with the next one where it is a status alone; cut to fit into a key."""
    line = lines[index].strip()
    if line.removeprefix("status=") in ALONE and index + 1 < len(lines):
        line += " " + lines[index + 1].strip()
    return line[:76].replace('"', "'")


def mutants(name: str) -> Iterator[tuple[tuple[str, str, str], ast.Module]]:
    """Every mutant of a file: its key (file, text of the line, what was changed) and its tree."""
    text = path_of(name).read_text(encoding="utf-8")
    counter = OneChange(-2)
    counter.visit(ast.parse(text))
    for number in range(counter.places + 1):
        change = OneChange(number)
        tree = ast.fix_missing_locations(change.visit(ast.parse(text)))
        yield (name, line_text(text.splitlines(), change.line - 1), change.what), tree


def load(name: str, tree: ast.Module) -> ModuleType:
    fresh = ModuleType(module_of(name))
    fresh.__file__ = str(path_of(name))
    fresh.__package__ = fresh.__name__.rpartition(".")[0]
    exec(compile(tree, fresh.__file__, "exec"), fresh.__dict__)  # noqa: S102 - our own source
    return fresh


def plug(name: str, tree: ast.Module, patch: pytest.MonkeyPatch) -> None:
    """Puts a mutant in the place of its original, and renews the modules that import from it."""
    mutant = load(name, tree)
    if name == "answers.py":
        original = sys.modules[mutant.__name__]
        for key, value in list(vars(judge_module).items()):
            if getattr(value, "__module__", None) == original.__name__ and hasattr(mutant, key):
                patch.setattr(judge_module, key, getattr(mutant, key))
        return
    users = {rule.__module__ for rule in RULES.values()}
    fresh = {mutant.__name__: mutant}
    if mutant.__name__ not in users:
        patch.setitem(sys.modules, mutant.__name__, mutant)
        for user in sorted(users):
            stem = user.rpartition(".")[2] + ".py"
            fresh[user] = load(stem, ast.parse(path_of(stem).read_text(encoding="utf-8")))
    for link, rule in list(RULES.items()):
        if rule.__module__ in fresh:
            patch.setitem(RULES, link, getattr(fresh[rule.__module__], rule.__name__))
