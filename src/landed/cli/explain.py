"""`landed explain`: the page of one diagnosis, or the list."""

from __future__ import annotations

import difflib
import re
from importlib.resources import files
from pathlib import Path

import click

from landed.cli.common import Speech, common, width
from landed.core.errors import UsageError
from landed.core.judge import UNCLASSIFIED
from landed.diagnoses import DIAGNOSES
from landed.render.text import wrap


@click.command("explain")
@click.argument("diagnosis", required=False)
@common
def command(diagnosis: str | None, speech: Speech) -> int:
    """What a diagnosis means, how it is recognised, and what mends it. Without one: the list."""
    if diagnosis is None:
        _list(speech)
        return 0
    known = [d.id for d in DIAGNOSES] + [UNCLASSIFIED]
    if diagnosis not in known:
        near = difflib.get_close_matches(diagnosis, known, 1)
        hint = f"did you mean `{near[0]}`?" if near else "`landed explain` lists them all"
        raise UsageError(f"there is no diagnosis `{diagnosis}`", hint)
    text = page(diagnosis)
    if speech.json:
        speech.document({"schema": "landed/explain/v1", "diagnosis": diagnosis, "page": text})
    else:
        speech.say(laid(text, width()).rstrip())
    return 0


def page(diagnosis: str) -> str:
    """The Markdown page of a diagnosis, from the package or from the checkout's docs."""
    packaged = files("landed.diagnoses").joinpath("pages", f"{diagnosis}.md")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(__file__).parents[3] / "docs" / "reference" / "diagnoses" / f"{diagnosis}.md"
    return checkout.read_text(encoding="utf-8")


def laid(text: str, columns: int) -> str:
    """A page's sentences and lists within the columns; what is copied from it stays as it is."""
    return "\n\n".join(
        block if block.startswith((" ", "#", "|")) else _sentences(block, columns)
        for block in text.split("\n\n")
    )


def _sentences(block: str, columns: int) -> str:
    items = re.split(r"\n(?=- |\d+\. )", block)
    marks = [re.match(r"(- |\d+\. )?", item)[0] for item in items]  # type: ignore[index]
    return "\n".join(
        wrap(" ".join(item.removeprefix(mark).split()), columns, first=mark)
        for item, mark in zip(items, marks, strict=True)
    )


def _list(speech: Speech) -> None:
    if speech.json:
        listed = [{"id": d.id, "title": d.title, "links": list(d.links)} for d in DIAGNOSES]
        speech.document({"schema": "landed/explain/v1", "diagnoses": listed})
        return
    longest = max(len(d.id) for d in DIAGNOSES)
    for diagnosis in DIAGNOSES:
        links = ", ".join(diagnosis.links)
        lead = f"{diagnosis.id:<{longest}}  "
        speech.say(wrap(f"{diagnosis.title} (at {links})", width(), first=lead))
