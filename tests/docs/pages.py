"""What is wrong with the documentation: each check takes a root folder and lists its complaints."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from landed.cli.main import COMMANDS
from landed.cli.main import landed as group
from landed.config import (
    DeployableSettings,
    EnvironmentSettings,
    ErrorSettings,
    LedgerSettings,
    Settings,
    ShipSettings,
    SourceSettings,
    parse,
)
from landed.core.chain import LINKS
from landed.core.errors import LandedError
from landed.core.judge import UNCLASSIFIED
from landed.core.model import Frozen
from landed.diagnoses import DIAGNOSES

IDS = [diagnosis.id for diagnosis in DIAGNOSES]
HEADINGS = ("Where it stands", "How it is recognised", "What it means", "What mends it")
WIDEST = 88
MARK = "<!-- run:"
TABLES: dict[str, type[Frozen]] = {
    "[source]": SourceSettings,
    "[deployables.NAME]": DeployableSettings,
    "[environments.NAME]": EnvironmentSettings,
    "[[errors]]": ErrorSettings,
    "[ledger]": LedgerSettings,
    "[ship]": ShipSettings,
}
# In two parts, so that this file does not hold what it forbids.
FORBIDDEN = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/"), ("pypi", ".org"),
        ("pythonhosted", ".org"), ("docker", ".io"), ("ghcr", ".io"), ("gcr", ".io"),
        ("quay", ".io"), ("npmjs", ".org"), ("pkg", ".dev"),
    )
)  # fmt: skip


def text(root: Path, name: str) -> str:
    """A page, empty where it is missing."""
    place = root / "docs" / name
    return place.read_text(encoding="utf-8") if place.is_file() else ""


def markdown(root: Path) -> list[Path]:
    """The README and every page."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def sections(page: str) -> dict[str, str]:
    """What stands below each heading, by its words without backticks; fences are no headings."""
    found: dict[str, str] = {}
    heading, fenced = "", False
    for line in page.split("\n"):
        fenced ^= line.startswith("```")
        if re.match(r"#{1,4} ", line) and not fenced:
            heading = line.lstrip("#").strip().replace("`", "")
        found[heading] = found.get(heading, "") + line + "\n"
    return found


def rows(section: str) -> dict[str, list[str]]:
    """The rows of a table, by the word in their first cell."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.split("\n")
        if line.startswith("|") and not set(line) <= set("|-: ")
    ]
    return {re.sub(r"\[|\]\(.*\)|`", "", first): rest for first, *rest in cells[1:]}


class Block(Frozen):
    """A fenced block: the line before it, its language, its lines."""

    before: str
    language: str
    lines: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page."""
    found: list[Block] = []
    lines, begun = page.split("\n"), -1
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if begun >= 0:
            before = lines[begun - 1] if begun else ""
            inside = tuple(lines[begun + 1 : number])
            found.append(Block(before=before, language=lines[begun][3:], lines=inside))
        begun = -1 if begun >= 0 else number
    return found


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page)


def wrong_diagnoses(root: Path) -> list[str]:
    """Diagnoses without a page, pages without a diagnosis, and what is missing on a page."""
    known = [*IDS, UNCLASSIFIED]
    folder = root / "docs" / "reference" / "diagnoses"
    there = {place.stem for place in folder.glob("*.md")} - {"README"}
    wrong = [f"{name}: no page" for name in known if name not in there]
    wrong += [f"{name}: no such diagnosis" for name in sorted(there - set(known))]
    for name in sorted(there & set(known)):
        wrong += [
            f"{name}: {words}"
            for words in _page(text(root, f"reference/diagnoses/{name}.md"), name)
        ]
    return wrong


def _page(page: str, name: str) -> Iterator[str]:
    lines = page.split("\n")
    if lines[0] != f"# {name}":
        yield "its title is not its id"
    for number, line in enumerate(lines, 1):
        if len(line) > WIDEST or line.startswith("|"):
            yield f"line {number} does not fit a terminal"
    found = sections(page)
    for heading in HEADINGS:
        if not "".join(found.get(heading, "").split("\n")[1:]).strip():
            yield f"says nothing below `{heading}`"
    links = next((list(d.links) for d in DIAGNOSES if d.id == name), None)
    named = {word for word in _spans(found.get("Where it stands", "")) if word in LINKS}
    if links is not None and named != set(links):
        yield f"stands at {sorted(named)}, and the code says {sorted(links)}"
    siblings = re.findall(
        r"(?m)^- ((?:`[a-z-]+`(?:, )?)+)", found.get("Not to be confused with", "")
    )
    for other in _spans(" ".join(siblings)):
        if other not in [*IDS, UNCLASSIFIED]:
            yield f"takes `{other}` for a diagnosis"


def _spans(words: str) -> list[str]:
    return [re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", words)]


def wrong_list(root: Path) -> list[str]:
    """Where the list of diagnoses is not the tuple, in its order."""
    listed = rows(text(root, "reference/diagnoses/README.md"))
    wanted = {d.id: [", ".join(d.links), d.title] for d in DIAGNOSES}
    wrong = [
        f"{name}: the list says {listed.get(name)}, the code {row}"
        for name, row in wanted.items()
        if [cell.replace("`", "") for cell in listed.get(name, [])] != row
    ]
    if [name for name in listed if name != UNCLASSIFIED] != IDS:
        wrong.append("the list has other ids, or another order, than the code")
    return wrong


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        yield f"landed {name}", command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for sub in command.list_commands(context):
                inner = command.get_command(context, sub)
                assert inner is not None
                yield f"landed {name} {sub}", inner


def wrong_commands(root: Path) -> list[str]:
    """Commands and options that the page of commands does not have, or has too many."""
    found = {
        re.sub(r"( \[?[A-Z|]+\]?)+$", "", heading): section
        for heading, section in sections(text(root, "reference/commands.md")).items()
        if heading.startswith("landed ")
    }
    real = dict(commands())
    shared = {"--json", "--config", "--quiet", "--help"}
    wrong = [f"{name}: no heading" for name in real if name not in found]
    wrong += [f"{name}: no such command" for name in found if name not in real]
    for name in real.keys() & found.keys():
        options = {
            option
            for parameter in real[name].params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
        } - shared
        named = set(re.findall(r"(?m)^\| `(--[a-z-]+)", found[name]))
        wrong += [f"{name}: {option} is not described" for option in sorted(options - named)]
        wrong += [f"{name}: there is no {option}" for option in sorted(named - options)]
    return wrong


def wrong_settings(root: Path) -> list[str]:
    """Keys and defaults of landed.toml that its page does not have, or has otherwise."""
    found = sections(text(root, "reference/landed-toml.md"))
    wrong = []
    for title, struct in TABLES.items():
        described = {
            name: row[0].replace("`", "") for name, row in rows(found.get(title, "")).items()
        }
        real = {field.name: _default(field) for field in msgspec.structs.fields(struct)}
        if described != real:
            wrong.append(f"{title}: the page says {described}, the code {real}")
    if len(TABLES) != len(msgspec.structs.fields(Settings)):
        wrong.append("there are other tables than these")
    return wrong


def _default(field: Any) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return "none" if value is None else msgspec.json.encode(value).decode()


def wrong_toml(root: Path) -> list[str]:
    """TOML that landed would refuse. A block with all that it refers to is read as a whole file."""
    wrong = []
    for place in markdown(root):
        for block in blocks(place.read_text(encoding="utf-8")):
            if block.language != "toml" or not block.lines[0].startswith("["):
                continue
            try:
                raw = tomllib.loads("\n".join(block.lines))
                msgspec.convert(raw, Settings)
                if "deployables" in raw and "environments" in raw:
                    parse("\n".join(block.lines), place.name)
            except (ValueError, LandedError) as error:
                wrong.append(f"{place.name}: {error}")
    return wrong


def wrong_schemas(root: Path) -> list[str]:
    """Schemas that the page of JSON does not name, and those that it invents."""
    there = {place.stem for place in (root / "docs" / "reference" / "schemas").glob("*-v*.json")}
    named = rows(sections(text(root, "reference/json.md")).get("JSON", ""))
    listed = {name.removeprefix("landed/").replace("/", "-") for name in named}
    return sorted(there ^ listed)


def wrong_links(root: Path) -> list[str]:
    """Relative links that lead nowhere, and anchors that are not there."""
    wrong = []
    for place in markdown(root):
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(place.read_text(encoding="utf-8"))):
            path, _, anchor = target.partition("#")
            there = place.parent / path if path else place
            if re.match(r"[a-z]+:", target):
                continue
            if not there.exists() or (anchor and anchor not in _anchors(there)):
                wrong.append(f"{place.name}: {target}")
    return wrong


def _anchors(place: Path) -> set[str]:
    headings = sections(place.read_text(encoding="utf-8"))
    return {re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in headings}


def shown(place: Path) -> Iterator[list[str]]:
    """The words of every landed command that a page shows: in blocks, indented lines and spans."""
    page = place.read_text(encoding="utf-8")
    shells = [block.lines for block in blocks(page) if block.language in {"console", "sh"}]
    lines = [line for inside in shells for line in inside]
    lines += re.findall(r"(?m)^ {4,}(.*)$", prose(page))
    lines += _spans(prose(page))
    for line in lines:
        found = re.match(r"\s*(?:\$ )?(?:\./dev )?(landed(?: [^|&>#…]*)?)(?:[|&>#…]|$)", line)
        if found:
            yield shlex.split(found[1])[1:]


def wrong_examples(root: Path) -> list[str]:
    """Commands in the pages that the command line would refuse, by their names and options."""
    return [
        f"{place.name}: landed {' '.join(words)}: {complaint}"
        for place in markdown(root)
        for words in shown(place)
        if (complaint := refused(words))
    ]


def refused(words: list[str]) -> str:
    """Why the command line would refuse these words; they are parsed, and nothing is run."""
    command: click.Command = group
    name, words = "landed", [word.strip("[]") for word in words]
    if words in ([], ["--help"], ["--version"], ["COMMAND"], ["COMMAND", "--help"]):
        return ""
    try:
        while isinstance(command, click.Group) and words:
            _, inner, words = command.resolve_command(click.Context(command), words)
            assert inner is not None
            command = inner
        # A command that is only named, without its arguments, is no example of a call.
        if words and not isinstance(command, click.Group):
            options = words if any(not w.startswith("-") for w in words) else [*words, "JOB"]
            _parse(command, name, options)
    except click.UsageError as error:
        return error.format_message()
    return ""


def _parse(command: click.Command, name: str, words: list[str]) -> None:
    try:
        command.make_context(name, list(words))
    except click.MissingParameter:
        return
    except click.UsageError as error:
        # `landed check --json` takes no JOB: it was put there for those that need one.
        if words[-1] != "JOB":
            raise
        if "unexpected extra argument" not in error.format_message():
            raise


def wrong_runs(root: Path) -> list[str]:
    """Marks that stand before no console block, and marked lines that are no landed command."""
    wrong = []
    for place in markdown(root):
        page = place.read_text(encoding="utf-8")
        marked = [b for b in blocks(page) if MARK in b.before and b.language == "console"]
        if len(marked) != page.count(MARK):
            wrong.append(f"{place.name}: a mark without a block")
        lines = [line for block in marked for line in block.lines]
        wrong += [f"{place.name}: {line}" for line in lines if not line.startswith("$ landed ")]
    return wrong


def wrong_words(root: Path) -> list[str]:
    """Paths of some machine, and hosts of registries."""
    files = [root / "README.md", *(p for p in (root / "docs").rglob("*") if p.is_file())]
    return [
        f"{place.name}: {word}"
        for place in files
        for word in FORBIDDEN
        if word in place.read_text(encoding="utf-8", errors="replace")
    ]
