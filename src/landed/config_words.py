"""What is wrong with a value of `landed.toml`, in the words of who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from landed.core.words import printable

_KINDS = {
    "array": ("a list", '["…"]'),
    "object": ("a table", '{ … = "…" }'),
    "str": ("a text", '"…"'),
    "int": ("a number", "1"),
    "float": ("a number", "1.0"),
    "bool": ("true or false", "true"),
}


def explained(complaint: str, of: type) -> tuple[str, str]:
    """A complaint of msgspec about a value of that type: what is wrong, and a hint."""
    said, _, path = complaint.partition(" - at `$")
    steps = [name or index for name, index in re.findall(r"\.([\w-]+)|\[([^\]]*)\]", path)]
    kind = _at(inspect.type_info(of), steps)
    if unknown := re.search(r"unknown field `(.*)`$", said):
        known = [field.encode_name for field in kind.fields]
        said = f"there is no key `{printable(unknown[1])}` in {_table(steps)}"
        return said, _near(unknown[1], known)
    if missing := re.search(r"missing required field `(.*)`$", said):
        return f"{_table(steps)} lacks `{missing[1]}`", f'add {missing[1]} = "…"'
    inner = bool(steps) and not steps[-1].isidentifier()
    if inner:
        del steps[-1]
    key, where = steps[-1], _table(steps[:-1])
    if isinstance(kind, inspect.StructType) and inner:
        return f"[{key}] lacks a name", f"write [{key}.NAME] above its keys"
    if isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType):
        return f"[{key}] is one of several", f"write [[{key}]]"
    if isinstance(kind, inspect.LiteralType):
        given = re.sub(r"^Invalid enum value '?|'$", "", said)
        values = [str(value) for value in kind.values]
        return f"`{key}` in {where} cannot be `{printable(given)}`", _near(given, values)
    if expected := re.match(r"Expected `(\w+)(?: \| null)?`, got ", said):
        named, example = _KINDS[expected[1]]
        if inner:
            return f"what stands in `{key}` of {where} has to be {named}", f"as {example}"
        return f"`{key}` in {where} has to be {named}", f"{key} = {example}"
    within = re.sub(r"^Expected `\w+` (?=[<>])", "has to be ", said)
    return f"`{key}` in {where}: {within}", "docs/reference/landed-toml.md says what it takes"


def _near(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given, known, 1)
    return f"did you mean `{near[0]}`?" if near else f"it takes: {', '.join(known)}"


def _table(steps: Sequence[str]) -> str:
    """The table that a path leads to, as it is written in the file."""
    if not steps:
        return "landed.toml"
    names = ["…" if step == "..." else step for step in steps if not step.isdigit()]
    listed = len(names) < len(steps)
    return f"[[{names[0]}]]" if listed else f"[{'.'.join(names)}]"


def _at(kind: Any, steps: Sequence[str]) -> Any:
    """The type that stands there, without its `| None`."""
    for step in steps:
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == step)
        else:
            kind = kind.value_type if isinstance(kind, inspect.DictType) else kind.item_type
        if isinstance(kind, inspect.UnionType):
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind
