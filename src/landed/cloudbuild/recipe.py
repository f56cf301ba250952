"""A Cloud Build file as far as landed understands it, and what it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.seen import BuildFile, Lack

LABEL = "org.opencontainers.image.revision"
LARGEST = 64 << 10
_HINT = "mend it, or write the steps by hand: docs/how-to/verify-inside-the-build.md shows them"
_GATE = re.compile(r"\blanded\s+gate\b(?!.*(?:[|;]|(?<!&)&(?!&)))")
_BUILDS = (("build",), ("buildx", "build"))


class Step(Frozen):
    """One step. `build` is the place of the word `build` among the arguments of a step that builds
    an image with docker, None for any other.
    """

    words: tuple[str, ...]
    build: int | None
    gates: bool
    waits: tuple[str, ...] | None

    @property
    def labelled(self) -> bool:
        """Whether the image gets the commit as its label."""
        return any(word.removeprefix("--label=").startswith(f"{LABEL}=") for word in self.words)

    def values(self, *options: str) -> Iterator[str]:
        """What is given for an option, by any of its names."""
        for number, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if word in options:
                yield from self.words[number + 1 : number + 2]
            elif equals and name in options:
                yield value


def parse(text: str) -> Any:
    """The document with its comments and places. Raises UsageError for what is no build file."""
    if len(text) > LARGEST:
        raise UsageError(f"the build file is larger than {LARGEST >> 10} KiB", _HINT)
    try:
        document = YAML().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise UsageError(
            f"the build file is not the YAML of one document{where}", "mend the line"
        ) from error
    found = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(s, dict) for s in found):
        raise UsageError("the build file has no list of `steps`", _HINT)
    return document


def steps(document: Any) -> list[Step]:
    """The steps, in their order."""
    return [_step(step) for step in document["steps"]]


def _step(step: dict[str, Any]) -> Step:
    words = tuple(str(word) for word in _list(step.get("args")))
    script = str(step.get("script") or "")
    entry = str(step.get("entrypoint") or "")
    image = str(step.get("name") or "").split("@")[0].rsplit("/", 1)[-1].split(":")[0]
    docker = image == "docker" and entry in ("", "docker")
    verb = next((v for v in _BUILDS if docker and words[: len(v)] == v), None)
    lenient = step.get("allowFailure") or step.get("allowExitCodes")
    strict = any(re.fullmatch(r"-[a-z]*e[a-z]*", word) for word in words)
    plain = " ".join([entry, *words])
    return Step(
        words=words,
        build=len(verb) - 1 if verb else None,
        gates=not lenient and any(_gates(text, strict=strict) for text in (plain, *words, script)),
        waits=tuple(str(w) for w in step["waitFor"]) if _list(step.get("waitFor")) else None,
    )


def _gates(script: str, *, strict: bool) -> bool:
    """Whether a script ends where the gate does not open: in a shell that goes on after a failure
    only the last line tells.
    """
    lines = [line for line in script.split("\n") if line.strip()]
    gating = [
        number
        for number, line in enumerate(lines)
        if not line.lstrip().startswith(("#", "echo ")) and _GATE.search(line)
    ]
    strict |= any(
        re.match(r"\s*set -[a-z]*e", line) for line in lines[: gating[0] if gating else 0]
    )
    return bool(gating) and (strict or gating[-1] == len(lines) - 1)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else ()


def lacks(document: Any, *, labelled: bool = False) -> tuple[Lack, ...]:
    """What a build file should have and has not. `labelled` says that the Dockerfile labels the
    image. Of a build without docker only the gate can be told.
    """
    known = steps(document)
    builds = [number for number, step in enumerate(known) if step.build is not None]
    first = builds[0] if builds else len(known)
    gate = next((number for number, step in enumerate(known) if step.gates), None)
    gated = gate is not None and gate < first and not hasty(document)
    artifacts = document.get("artifacts")
    pushes = document.get("images") or (isinstance(artifacts, dict) and artifacts.get("images"))
    missing = {
        Lack.GATE: not gated,
        Lack.LABEL: not labelled and not all(known[number].labelled for number in builds),
        Lack.IMAGES: bool(builds) and not pushes,
    }
    return tuple(lack for lack, holds in missing.items() if holds)


def hasty(document: Any) -> list[int]:
    """The numbers, from one, of the steps that wait for no other: such a step does not wait for
    the gate. That the gate itself and those before it do not is no fault.
    """
    known = steps(document)
    gate = next((number for number, step in enumerate(known) if step.gates), -1)
    return [n + 1 for n, step in enumerate(known) if step.waits == ("-",) and n > gate]


def look(folder: Path, dockerfile: str, shown: str) -> list[BuildFile]:
    """The build files in a folder of the work tree; `shown` is the folder as it is told."""
    recipe = folder / dockerfile
    return [
        _seen(place, f"{shown}/{place.name}" if shown else place.name, _bytes(recipe))
        for place in sorted(folder.glob("cloudbuild*.y*ml"))
        if place.is_file()
    ]


def _seen(place: Path, path: str, dockerfile: bytes) -> BuildFile:
    try:
        document = parse(_bytes(place).decode("utf-8", "replace"))
    except UsageError as error:
        return BuildFile(path=path, problem=error.message)
    return BuildFile(path=path, lacks=lacks(document, labelled=LABEL.encode() in dockerfile))


def _bytes(place: Path) -> bytes:
    """What is needed of a file to judge it; empty where it cannot be read."""
    try:
        with place.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:
        return b""
