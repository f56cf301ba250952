"""Adds to a build file what it lacks: lines are put in, and every other byte stays as it is.

ruamel.yaml tells where things stand. The text is not written anew by it, since that would change
the indentation and the width of what somebody wrote by hand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from landed.cloudbuild.recipe import LABEL, hasty, lacks, parse, steps
from landed.cloudbuild.supply import Supply
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.seen import Lack

_BY_HAND = "add it by hand: docs/how-to/verify-inside-the-build.md shows how"
_NOT_UNDERSTOOD = "the build file is written in a way that landed does not understand"
_REVISION = f"{LABEL}=$COMMIT_SHA"
_PLAIN = re.compile(r"[A-Za-z0-9$][A-Za-z0-9$_{}./:@-]*")


class Insert(Frozen):
    """Text to be put in before a line's column; whole lines end with a line break."""

    line: int
    column: int
    text: str


def gate_step(supplied: Supply, dockerfile: str = "") -> str:
    """The step that opens only for the commit."""
    more = f" --dockerfile={shlex.quote(dockerfile)}" if dockerfile else ""
    wanted = shlex.quote(supplied.requirement)
    pip = f"      pip install --quiet --disable-pip-version-check {wanted}\n"
    install = pip if supplied.requirement else ""
    return f"""\
# The gate: this folder is the commit that the build is said to be of, file by file, or the build
# ends here. A trigger fills COMMIT_SHA in; `gcloud builds submit` leaves it empty, and then the
# gate stays shut, unless it is given: --substitutions COMMIT_SHA=$(git rev-parse HEAD).
# An upload has no .git. `landed gate --write-proof .landed-proof` writes what it needs instead.
- id: gate
  name: {supplied.image or "python:3.12"}
  entrypoint: {"sh" if supplied.image else "bash"}
  args:
    - -ceu
    - |
{install}      landed gate . --commit="$COMMIT_SHA"{more}
      rm -f .landed-proof
"""


def fresh(image: str, dockerfile: str, supplied: Supply, values: Mapping[str, str]) -> str:
    """A build file where there is none. `values` fill in what the image's name leaves open."""
    file = "" if dockerfile == "Dockerfile" else f"      - --file\n      - {_scalar(dockerfile)}\n"
    other = "" if dockerfile == "Dockerfile" else dockerfile
    return f"""\
steps:
{_indented(gate_step(supplied, other), 2)}
  - id: build
    name: gcr.io/cloud-builders/docker
    args:
      - build
      # A claim, for people and tools that look at the image. The gate has proved it.
      - --label
      - {_REVISION}
{file}      - --tag
      - {_scalar(image)}
      - .

# What is listed here is pushed when all steps are done, and its digest stands in the build's
# record. Without this list a build succeeds and pushes nothing.
images:
  - {_scalar(image)}
{_substitutions(values)}"""


def _substitutions(values: Mapping[str, str]) -> str:
    lines = "".join(f"  {name}: {_scalar(value)}\n" for name, value in values.items())
    return f"\n# Where the image goes.\nsubstitutions:\n{lines}" if lines else ""


def mended(text: str, supplied: Callable[[], Supply]) -> str:
    """The text with what it lacks. Raises UsageError where that cannot be told or put in, and what
    `supplied` raises, which is only asked for a gate.
    """
    document = parse(text)
    missing = lacks(document)
    inserts: list[Insert] = []
    if Lack.GATE in missing:
        inserts.append(_gate(document, text, supplied))
    if Lack.LABEL in missing:
        inserts += _labels(document, text)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split("\n")
    for insert in sorted(inserts, key=lambda one: (one.line, one.column), reverse=True):
        line = lines[insert.line]
        put = insert.text.replace("\n", end)
        lines[insert.line] = line[: insert.column] + put + line[insert.column :]
    found = "\n".join(lines)
    if Lack.IMAGES in missing:
        found += _images(document, found, end)
    _check(text, found, missing)
    return found


def _gate(document: Any, text: str, supplied: Callable[[], Supply]) -> Insert:
    """Below `steps:`, before the first step and the comments that belong to it."""
    known = steps(document)
    if any(step.gates for step in known):
        late = hasty(document)
        why = f"step {late[0]} does not wait for it" if late else "it is not before the build"
        raise UsageError(f"the gate is there, and {why}", "let every step wait for `gate`")
    if late := hasty(document):
        raise UsageError(
            f"step {late[0]} has waitFor: ['-'], so it would not wait for the gate",
            "take that out, or let it wait for `gate`, and run this again",
        )
    listed = document["steps"]
    if listed.fa.flow_style():
        raise UsageError(
            "`steps` stand in brackets: landed adds lines, and there are none", _BY_HAND
        )
    line, _ = document.lc.key("steps")
    first, column = listed.lc.item(0)
    dash = text.split("\n")[first].rfind("-", 0, column)
    if first <= line or dash < 0:
        raise UsageError("the first step does not begin on a line of its own", _BY_HAND)
    files = [
        file for step in known if step.build is not None for file in step.values("-f", "--file")
    ]
    return Insert(
        line=line + 1,
        column=0,
        text=_indented(gate_step(supplied(), files[0] if files else ""), dash),
    )


def _labels(document: Any, text: str) -> list[Insert]:
    """Behind the word `build` of every step that builds and does not label."""
    lines = text.split("\n")
    found = []
    for step, node in zip(steps(document), document["steps"], strict=True):
        if step.build is None or step.labelled:
            continue
        line, column = node["args"].lc.item(step.build)
        if node["args"].fa.flow_style():
            word = re.compile(r"""(["']?)build\1""").match(lines[line], column)
            if word is None:
                raise UsageError("a `build` among `args` is written in an unusual way", _BY_HAND)
            quote = word[1] or '"'
            words = f", {quote}--label{quote}, {quote}{_REVISION}{quote}"
            found.append(Insert(line=line, column=word.end(), text=words))
        else:
            lead = lines[line][:column]
            if lead.strip() != "-":
                raise UsageError("`args` do not stand one on a line", _BY_HAND)
            words = f"{lead}--label\n{lead}{_REVISION}\n"
            found.append(Insert(line=line + 1, column=0, text=words))
    return found


def _images(document: Any, text: str, end: str) -> str:
    """A list of what the builds tag, for the end of the file."""
    if "images" in document or "images" in (document.get("artifacts") or {}):
        raise UsageError("`images` is there and empty", "name what the build tags there")
    known = [step for step in steps(document) if step.build is not None]
    tags = dict.fromkeys(tag for step in known for tag in step.values("-t", "--tag"))
    if not tags:
        raise UsageError(
            "no step tags what it builds", "give `docker build` a --tag, and try again"
        )
    listed = document["steps"]
    dash = " " * max(listed.lc.col, 0) if not listed.fa.flow_style() else "  "
    lines = ["" if text.endswith("\n") else end, end, f"images:{end}"]
    return "".join([*lines, *(f"{dash}- {_scalar(tag)}{end}" for tag in tags)])


def _scalar(text: str) -> str:
    """A text as YAML reads it back."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def _indented(text: str, columns: int) -> str:
    return "".join(" " * columns + line for line in text.splitlines(keepends=True))


def _check(before: str, after: str, missing: tuple[Lack, ...]) -> None:
    """Holds the result against the original as data: it has what it lacked, and nothing else of it
    is another.
    """
    try:
        old, new = (YAML(typ="safe", pure=True).load(text) for text in (before, after))
        left = lacks(parse(after))
    except YAMLError as error:
        raise UsageError(_NOT_UNDERSTOOD, _BY_HAND) from error
    if Lack.GATE in missing:
        new["steps"].pop(0)
    for step in new["steps"] if Lack.LABEL in missing else []:
        args = step.get("args")
        if isinstance(args, list) and _REVISION in args and step not in old["steps"]:
            at = args.index(_REVISION)
            del args[at - 1 : at + 1]
    if Lack.IMAGES in missing:
        new.pop("images")
    if old != new or left:
        raise UsageError(_NOT_UNDERSTOOD, _BY_HAND)
