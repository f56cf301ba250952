"""Where the files of a source land in the image: COPY and ignore rules, worked out. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping

from landed.content.dockerfile import Copy, Recipe, parse
from landed.content.ignore import DOCKERIGNORE, DockerRules
from landed.core.errors import UsageError
from landed.core.model import Frozen

_PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")


class Placed(Frozen):
    """A file of the image: the path of the context that it comes from, and which COPY took it."""

    source: str
    step: int
    owner: str = ""
    mode: int | None = None


class Plan(Frozen):
    """What a Dockerfile would make of a source.

    `files` are by their path in the image, without a leading slash. `left_out` are paths of the
    context that an ignore rule drops, with the rule. `inputs` shape the image without being in
    it. `unpinned` are the base and the steps that another build could find otherwise.
    """

    files: dict[str, Placed]
    left_out: dict[str, str]
    inputs: tuple[str, ...]
    recipe: Recipe
    unpinned: tuple[str, ...]

    @property
    def not_run(self) -> tuple[str, ...]:
        """The RUN lines: recorded, and not run by landed."""
        return self.recipe.run


def plan_image(
    dockerfile: str,
    paths: Collection[str],
    *,
    dockerignore: str = "",
    build_args: Mapping[str, str] | None = None,
    dockerfile_path: str = "Dockerfile",
) -> Plan:
    """The plan. Raises UsageError, with the line, for what cannot be built."""
    recipe = parse(dockerfile, build_args or {})
    rules = DockerRules(dockerignore)
    left_out = {path: rule for path in paths if (rule := rules.rule(path))}
    inside = sorted(path for path in paths if path not in left_out)
    files: dict[str, Placed] = {}
    for step, copy in enumerate(recipe.copies):
        for image_path, source in _copied(copy, inside, left_out).items():
            _make_way(files, image_path)
            files[image_path] = Placed(source=source, step=step, owner=copy.owner, mode=copy.mode)
    inputs = [
        p for p in (dockerfile_path, DOCKERIGNORE, f"{dockerfile_path}.dockerignore") if p in paths
    ]
    base = (
        [] if recipe.base == "scratch" or _PINNED.search(recipe.base) else [f"FROM {recipe.base}"]
    )
    return Plan(
        files=files,
        left_out=left_out,
        inputs=tuple(inputs),
        recipe=recipe,
        unpinned=(*base, *(f"RUN {line}" for line in recipe.run)),
    )


def _make_way(files: dict[str, Placed], path: str) -> None:
    """A file takes the place of a folder of that name, and a folder that of a file."""
    head = posixpath.dirname(path)
    while head:
        files.pop(head, None)
        head = posixpath.dirname(head)


def _copied(copy: Copy, inside: list[str], left_out: Mapping[str, str]) -> dict[str, str]:
    """Image path to context path, for one COPY."""
    found: dict[str, str] = {}
    target = copy.target.strip("/")
    for pattern in copy.sources:
        matches = _matches(pattern, inside)
        if not matches:
            hidden = _matches(pattern, list(left_out))
            hint = (
                f"an ignore rule drops it: {left_out[hidden[0].path]}"
                if hidden
                else "is it committed, and is this the right folder?"
            )
            raise UsageError(f"line {copy.line}: COPY finds nothing at `{pattern}`", hint)
        several = len({match.root for match in matches if not match.inner}) > 1
        for match in matches:
            if match.inner:
                name = match.inner
            elif copy.target_is_folder or several:
                name = posixpath.basename(match.root)
            else:
                name = ""
            found["/".join(part for part in (target, name) if part)] = match.path
    return found


class Match(Frozen):
    """A file that a source pattern takes: as itself, or as a part of a folder (`inner`)."""

    path: str
    root: str
    inner: str = ""


def _matches(pattern: str, paths: list[str]) -> list[Match]:
    """Files that a source names. A folder stands for what is in it; globs do not cross a `/`."""
    clean = posixpath.normpath("/" + pattern).strip("/")
    if not clean:
        return [Match(path=path, root="", inner=path) for path in paths]
    regex = re.compile(f"({_glob(clean)})(?:/(.+))?", re.DOTALL)
    found = [(path, regex.fullmatch(path)) for path in paths]
    return [Match(path=p, root=m[1], inner=m[2] or "") for p, m in found if m]


def _glob(pattern: str) -> str:
    """Go's `filepath.Match` as a regular expression."""
    parts = re.split(r"(\\.|\*|\?|\[[^\]]*\])", pattern)
    words = []
    for part in parts:
        if part == "*":
            words.append("[^/]*")
        elif part == "?":
            words.append("[^/]")
        elif part.startswith("[") and len(part) > 2:
            inner = part[1:-1].replace("\\", "\\\\")
            words.append(f"[{inner}]")
        elif part.startswith("\\") and len(part) == 2:
            words.append(re.escape(part[1]))
        else:
            words.append(re.escape(part))
    return "".join(words)
