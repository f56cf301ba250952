"""`landed init --cloudbuild`: the gate, the revision label and `images:` in a Cloud Build file."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path

import click

from landed import wiring
from landed.cli.common import Speech, paint
from landed.cloudbuild.mend import fresh, mended
from landed.cloudbuild.recipe import LARGEST, lacks, parse
from landed.cloudbuild.supply import supply
from landed.config import Config
from landed.core.errors import UsageError
from landed.core.words import command, printable
from landed.trace.project import Project

NAME = "cloudbuild.yaml"
_HOSTED = re.compile(r"(?P<region>[a-z0-9-]+)-docker\.pkg\.dev/[^/]+/(?P<repository>[^/:@]+)/")
_OTHERS = "cloudbuild*.y*ml"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def add(
    named: str, supplied: str | None, deployable: str | None, *, yes: bool, speech: Speech
) -> int:
    """Shows what would be added, and adds it once somebody said yes. `named` is the file, empty
    where it is to be found; `supplied` is where the build gets landed from.
    """
    config = speech.config()
    with wiring.opened(Path.cwd()) as repository:
        root = repository.root or Path.cwd()
        projects = wiring.projects(config, repository, deployable)
        file = Path(named).absolute() if named else _found(root, projects)
        project = next((p for p in projects if root / p.folder == file.parent), projects[0])
    if file.exists():
        before = _text(file)
        missing = lacks(parse(before))
        after = mended(before, lambda: supply(supplied)) if missing else before
    else:
        before, missing = "", ()
        values = {} if project.settings.image else _values(config)
        dockerfile = project.settings.dockerfile
        after = fresh(_image(project), dockerfile, supply(supplied), values)
    diff = _diff(before, after, file.name)
    if diff and not speech.json:
        speech.say("".join(_painted(line) for line in diff))
    written = bool(diff) and (yes or (not speech.json and _agreed(file.name)))
    if written:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.write(after)
    if speech.json:
        speech.document(
            {
                "schema": "landed/init/v1",
                "written": written,
                "file": str(file),
                "lacked": [lack.value for lack in missing] if before else None,
                "diff": "".join(diff),
            }
        )
    elif not diff:
        speech.say(f"{file.name} has the gate, the label and `images:`; nothing to do")
    elif written:
        speech.say(f"wrote {file.name}; commit it, and see docs/how-to/verify-inside-the-build.md")
    else:
        speech.say("nothing was written")
    return 0


def _found(root: Path, projects: list[Project]) -> Path:
    """The one build file beside what is built, or the place for one."""
    folders = list(dict.fromkeys(root / project.folder for project in projects))
    files = [file for folder in folders for file in sorted(folder.glob(_OTHERS))]
    if len(files) == 1:
        return files[0]
    if files or len(folders) > 1:
        what = "build files" if files else "deployables"
        one = [str(files[0].relative_to(root))] if files else ["--deployable", projects[0].name]
        names = ", ".join(str(place.relative_to(root)) for place in files or folders)
        raise UsageError(
            f"there are several {what}: {names}",
            command("landed", "init", "--cloudbuild", *one),
        )
    return folders[0] / NAME


def _text(file: Path) -> str:
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{file.name} is no YAML file", "name a file that ends with .yaml")
    data = file.read_bytes()
    if len(data) > LARGEST:
        raise UsageError(f"{file.name} is larger than {LARGEST >> 10} KiB", "is it the right file?")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name} is not UTF-8", "save it as UTF-8") from error


def _image(project: Project) -> str:
    """The name that people deploy, with the commit as its tag."""
    name = project.settings.image or (
        f"${{_REGION}}-docker.pkg.dev/$PROJECT_ID/${{_REPOSITORY}}/{project.name.lower()}"
    )
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:$COMMIT_SHA"


def _values(config: Config) -> dict[str, str]:
    """Region and repository, as the settings name them for any other image or environment."""
    images = [one.image for one in config.settings.deployables.values() if one.image]
    hosted = next((found for image in images if (found := _HOSTED.match(image))), None)
    regions = [one.region for one in config.settings.environments.values() if one.region]
    return {
        "_REGION": hosted["region"] if hosted else next(iter(regions), "europe-west1"),
        "_REPOSITORY": hosted["repository"] if hosted else "images",
    }


def _diff(before: str, after: str, name: str) -> list[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, f"a/{name}" if before else "/dev/null", f"b/{name}")
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _painted(line: str) -> str:
    text = printable(line.rstrip("\r\n")) + "\n"
    return paint(text, _COLOURS[line[0]]) if line[0] in _COLOURS else text


def _agreed(name: str) -> bool:
    """Asks whoever sits there. Raises UsageError where nobody does."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"{name} was not written: nobody is here to say yes", "give the same command --yes"
        )
    return click.confirm(f"write {name}?")
