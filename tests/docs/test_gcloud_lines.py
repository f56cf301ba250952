"""The gcloud commands that the pages show, held against the table of the real gcloud: every command
and every option is one of its own. They are not run: they would want a project.
"""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.pages import blocks, markdown, prose

ROOT = Path(__file__).parents[2]
GCLOUD = shutil.which("gcloud")
HIDDEN = "meta list-files-for-upload"
"""Gcloud keeps this one out of its table; `tests/cli/test_gate.py` runs it."""

pytestmark = pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed; CI has it")


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    """Gcloud's own table, with which it completes what people type."""
    sdk = Path(GCLOUD or "").resolve().parents[1]
    table = runpy.run_path(str(sdk / "data/cli/gcloud_completions.py"))
    found: dict[str, Any] = table["STATIC_COMPLETION_CLI_TREE"]
    return found


def shown(page: str) -> Iterator[str]:
    """What follows the word `gcloud`, in blocks, indented lines and spans."""
    inside = [line for b in blocks(page) if b.language in {"sh", "console"} for line in b.lines]
    text = "\n".join(inside).replace("\\\n", " ")
    text += "\n" + "\n".join(re.findall(r"(?m)^ {4,}(.*)$", prose(page)))
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page)))
    for line in [*text.split("\n"), *spans]:
        yield from re.findall(r"(?:^|[&|$] |\$\()\s*gcloud ((?:\$\([^)]*\)|[^|&>#])*)", line)


def refused(line: str, tree: dict[str, Any]) -> str:
    """The word that gcloud does not know."""
    if line.strip() == HIDDEN:
        return ""
    node, flags = tree, set(tree["flags"])
    for word in shlex.split(line):
        name = word.partition("=")[0]
        if word.startswith("--"):
            if name not in flags and name != "--help":
                return name
        elif node["commands"]:
            if word not in node["commands"]:
                return word
            node = node["commands"][word]
            flags |= set(node["flags"])
    return ""


def test_every_gcloud_command_is_one(tree: dict[str, Any]) -> None:
    lines = [(p.name, line) for p in markdown(ROOT) for line in shown(p.read_text("utf-8"))]
    assert len(lines) > 15
    assert [(page, line) for page, line in lines if refused(line, tree)] == []


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("```sh\ngcloud builds submitt .\n```", "submitt"),
        ("```sh\nlanded check && gcloud builds submit --conf x\n```", "--conf"),
        ("```sh\ngcloud builds submit \\\n  --tagg=x .\n```", "--tagg"),
        ("```console\n$ gcloud run job list\n```", "job"),
        ("text\n\n    gcloud builds triggers fire\n", "fire"),
        ("Use `gcloud logs read`.", "logs"),
    ],
)
def test_a_wrong_one_is_told(tree: dict[str, Any], page: str, word: str) -> None:
    assert [refused(line, tree) for line in shown(page)] == [word]
