"""The documentation says what the code does. Every check is also shown pages that are wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from docs import pages

ROOT = Path(__file__).parents[2]
ONE = "docs/reference/diagnoses/next-bug.md"
LIST = "docs/reference/diagnoses/README.md"
COMMANDS = "docs/reference/commands.md"
SETTINGS = "docs/reference/landed-toml.md"

Check = Callable[[Path], list[str]]
CHECKS: tuple[Check, ...] = (
    pages.wrong_diagnoses,
    pages.wrong_list,
    pages.wrong_commands,
    pages.wrong_settings,
    pages.wrong_toml,
    pages.wrong_schemas,
    pages.wrong_links,
    pages.wrong_examples,
    pages.wrong_runs,
    pages.wrong_words,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_wrong(check: Check) -> None:
    assert check(ROOT) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The documentation, to be spoilt."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


SPOILT = [
    (pages.wrong_diagnoses, ONE, "# next-bug", "# nextbug"),
    (pages.wrong_diagnoses, ONE, "`healed` (link 9", "`held` (link 10"),
    (pages.wrong_diagnoses, ONE, "## What it means", "## What"),
    (pages.wrong_diagnoses, ONE, "- `fix-ineffective`", "- `fix-effective`"),
    (pages.wrong_diagnoses, ONE, "The next bug stood", f"The next bug {'very ' * 20}stood"),
    (pages.wrong_list, LIST, "| healed | The next bug", "| held | The next bug"),
    (pages.wrong_list, LIST, "The next bug behind the first", "The first bug"),
    (pages.wrong_list, LIST, "| [next-bug](next-bug.md)", "| [last-bug](next-bug.md)"),
    (pages.wrong_commands, COMMANDS, "## `landed where", "## `landed there"),
    (pages.wrong_commands, COMMANDS, "### `landed cloud logs", "### `landed cloud log"),
    (pages.wrong_commands, COMMANDS, "| `--through LINK`", "| `--until LINK`"),
    (pages.wrong_settings, SETTINGS, "| `runtime` |", "| `python` |"),
    (pages.wrong_settings, SETTINGS, '| `".landed/cloud"` |', '| `".cloud"` |'),
    (pages.wrong_settings, SETTINGS, "## `[ledger]`", "## `[book]`"),
    (pages.wrong_toml, SETTINGS, 'builder = "clone"', 'builder = "cloned"'),
    (pages.wrong_toml, SETTINGS, 'cloud = ".landed/cloud"', 'cloud = "../cloud"'),
    (pages.wrong_schemas, "docs/reference/json.md", "`landed/where/v1`", "`landed/where/v9`"),
    (pages.wrong_links, "README.md", "docs/decisions/README.md", "docs/decision/README.md"),
    (pages.wrong_links, "docs/README.md", "(tutorial.md)", "(tutorial.md#no-such-heading)"),
    (pages.wrong_examples, "docs/tutorial.md", "$ landed where", "$ landed were"),
    (pages.wrong_examples, "docs/how-to/in-ci.md", "--through published --wait", "--through past"),
    (pages.wrong_examples, "docs/how-to/in-ci.md", "--timeout 900", "--patience 900"),
    (pages.wrong_examples, "docs/tutorial.md", "cloud deploy", "cloud undeploy"),
    (pages.wrong_examples, ONE, "## What mends it\n", "## What mends it\n\n    landed mend\n"),
    (pages.wrong_examples, ONE, "## What mends it\n", "## What mends it\n\nUse `landed mend`.\n"),
    (pages.wrong_runs, "docs/tutorial.md", "```console\n$ landed log", "```sh\n$ landed log"),
    (pages.wrong_runs, "docs/tutorial.md", "$ landed log\n", "$ git log\n"),
    (pages.wrong_words, "docs/tutorial.md", "/path/to", f"{pages.FORBIDDEN[0]}to"),
    (pages.wrong_words, "docs/picture.svg", "<svg ", f"<svg {pages.FORBIDDEN[-1]} "),
]


@pytest.mark.parametrize(("check", "name", "old", "new"), SPOILT)
def test_every_check_can_fail(copy: Path, check: Check, name: str, old: str, new: str) -> None:
    assert check(copy) == []
    place = copy / name
    words = place.read_text(encoding="utf-8")
    assert old in words, f"{name} no longer says: {old}"
    place.write_text(words.replace(old, new), encoding="utf-8")
    assert check(copy)


def test_every_check_is_shown_something_wrong() -> None:
    assert {check for check, *_ in SPOILT} == set(CHECKS)


def test_a_page_too_few_and_a_page_too_many_are_told(copy: Path) -> None:
    (copy / ONE).rename((copy / ONE).with_name("last-bug.md"))
    said = pages.wrong_diagnoses(copy)
    assert "next-bug: no page" in said
    assert "last-bug: no such diagnosis" in said


def test_a_schema_that_is_not_described_is_told(copy: Path) -> None:
    (copy / "docs/reference/schemas/new-v1.json").write_text("{}")
    assert pages.wrong_schemas(copy) == ["new-v1"]


def test_the_code_that_the_guide_shows_is_a_diagnosis() -> None:
    """The code of `add-a-diagnosis.md` is run: who copies it begins with what loads."""
    from landed.core.diagnosis import Diagnosis

    page = pages.text(ROOT, "how-to/add-a-diagnosis.md")
    code = next(block.lines for block in pages.blocks(page) if block.language == "python")
    names: dict[str, object] = {}
    exec(compile("\n".join(code), "add-a-diagnosis.md", "exec"), names)  # noqa: S102 - our own page
    shown = names["DIAGNOSIS"]
    assert isinstance(shown, Diagnosis)
    assert shown.id not in pages.IDS
