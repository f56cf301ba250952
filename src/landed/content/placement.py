"""Where the files of a source land in the image: COPY and ignore rules, worked out. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from landed.content.dockerfile import Copy, Recipe, parse
from landed.content.ignore import DOCKERIGNORE, DockerRules
from landed.content.patterns import clean, go_pattern
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.probe import Lent

_PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")
_ARCHIVE = re.compile(r"\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz|tzst)$", re.IGNORECASE)
# A file copied to one of these goes into it. The base is not at hand; every usual one has them.
_FOLDERS_OF_ANY_BASE = [
    "bin",
    "etc",
    "home",
    "lib",
    "mnt",
    "opt",
    "root",
    "run",
    "sbin",
    "srv",
    "tmp",
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/local",
    "usr/local/bin",
    "usr/local/lib",
    "usr/share",
    "usr/src",
    "var",
    "var/lib",
]


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
    lent: Callable[[str], Lent] | None = None,
) -> Plan:
    """The plan. `lent` says what the base of a name lends; nothing, by default.

    Raises UsageError, with the line, for what cannot be built.
    """
    recipe = parse(dockerfile, build_args or {}, lent)
    own = f"{dockerfile_path}.dockerignore"
    ignore = own if own in paths else DOCKERIGNORE
    rules = DockerRules(dockerignore, ignore)
    left_out = {path: rule for path in paths if (rule := rules.rule(path))}
    inside = sorted(path for path in paths if path not in left_out)
    image = _Files([] if recipe.base == "scratch" else _FOLDERS_OF_ANY_BASE)
    image.make([recipe.lent.workdir])
    for step, copy in enumerate(recipe.copies):
        image.make(copy.folders)
        for image_path, source in _copied(copy, inside, left_out, image).items():
            image.put(
                image_path,
                Placed(source=source, step=step, owner=copy.owner, mode=copy.mode),
                copy.line,
            )
    base = (
        [] if recipe.base == "scratch" or _PINNED.search(recipe.base) else [f"FROM {recipe.base}"]
    )
    placed = {one.source for one in image.files.values()}
    bound = dict.fromkeys(
        path
        for line, source in recipe.mounts
        for path in _bound(source, inside, line)
        if path not in placed
    )
    own_files = dict.fromkeys(path for path in (dockerfile_path, ignore) if path in paths)
    return Plan(
        files=image.files,
        left_out=left_out,
        inputs=tuple(own_files | bound),
        recipe=recipe,
        unpinned=(*base, *(f"RUN {line}" for line in recipe.run)),
    )


def _bound(source: str, inside: list[str], line: int) -> list[str]:
    """The files of the context that a RUN has before it by `--mount`."""
    tidy = clean(f"/{source}").strip("/")
    found = [path for path in inside if not tidy or path == tidy or path.startswith(f"{tidy}/")]
    if tidy and not found:
        raise UsageError(
            f"line {line}: RUN --mount finds nothing at `{source}`",
            "is it committed, and does no ignore rule drop it?",
        )
    return found


class _Files:
    """The image as it grows: its files, the folders made for them, and the base's `folders`."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.files: dict[str, Placed] = {}
        self.made = {""}
        self.folders = set(folders)

    def make(self, folders: Iterable[str]) -> None:
        """Folders that WORKDIR makes."""
        for folder in folders:
            self.made |= {folder.strip("/"), *_above(folder.strip("/"))}

    def put(self, path: str, placed: Placed, line: int) -> None:
        """Places a file. A builder puts no file over a folder, and no folder over a file."""
        above = set(_above(path))
        blocked = path if path in self.made else next(iter(above & self.files.keys()), None)
        if blocked is not None:
            raise UsageError(
                f"line {line}: COPY finds a file and a folder for `/{blocked}`",
                "give one of them another target",
            )
        self.made |= above
        self.files[path] = placed


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _copied(
    copy: Copy, inside: list[str], left_out: Mapping[str, str], image: _Files
) -> dict[str, str]:
    """Image path to context path, for one COPY."""
    found: dict[str, str] = {}
    target = copy.target.strip("/")
    into = copy.target_is_folder or target in image.made | image.folders
    for pattern in copy.sources:
        matches = _matches(pattern, inside, copy.line)
        if not matches and pattern.strip("./"):
            hidden = _matches(pattern, list(left_out), copy.line)
            hint = (
                f"an ignore rule drops it: {left_out[hidden[0].path]}"
                if hidden
                else "is it committed, and is this the right folder?"
            )
            raise UsageError(f"line {copy.line}: COPY finds nothing at `{pattern}`", hint)
        files = [match for match in matches if not match.inner]
        if copy.unpacks and any(_ARCHIVE.search(file.path) for file in files):
            raise UsageError(
                f"line {copy.line}: ADD of an archive cannot be built here",
                "use COPY of plain files",
            )
        if len(files) > 1 and not into:
            raise UsageError(
                f"line {copy.line}: several files match `{pattern}`", "end the target with a /"
            )
        for match in matches:
            name = match.inner or (posixpath.basename(match.root) if into else "")
            found["/".join(part for part in (target, name) if part)] = match.path
    return found


class Match(Frozen):
    """A file that a source pattern takes: as itself, or as a part of a folder (`inner`)."""

    path: str
    root: str
    inner: str = ""


def _matches(pattern: str, paths: Iterable[str], line: int) -> list[Match]:
    """Files that a source names. A folder stands for what is in it; globs do not cross a `/`."""
    tidy = clean(f"/{pattern}").strip("/")
    if not tidy:
        return [Match(path=path, root="", inner=path) for path in paths]
    try:
        wanted = go_pattern(tidy) if any(char in tidy for char in "*?[\\") else None
    except ValueError as error:
        raise UsageError(f"line {line}: {error}", "mend the source of the COPY") from error
    found = []
    for path in paths:
        for root in (path, *_above(path)):
            if wanted.fullmatch(root) if wanted else root == tidy:
                found.append(Match(path=path, root=root, inner=path[len(root) + 1 :]))
                break
    return found
