"""Which files are left out on the way to a builder and into an image, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from pathlib import Path

from landed.content.patterns import GcloudPattern, clean, docker_pattern
from landed.core.errors import UsageError
from landed.core.model import Frozen

GCLOUDIGNORE = ".gcloudignore"
GITIGNORE = ".gitignore"
DOCKERIGNORE = ".dockerignore"
MAX_BYTES = 1 << 20
_INCLUDE = "!include:"
_DEFAULT = (".gcloudignore", ".git", ".gitignore")


class Rule(Frozen):
    """One line of an ignore file, and where it stands."""

    origin: str
    line: int
    pattern: str

    def __str__(self) -> str:
        where = f"{self.origin}:{self.line}" if self.line else self.origin
        return f"{where}: {self.pattern}"


class UploadRules:
    """What `gcloud builds submit` leaves out of an upload.

    A `.gcloudignore` decides. Without one, and with a `.gitignore` or `.git` there, it is
    git's own files and what `.gitignore` at the top names. Nested ignore files and
    `.git/info/exclude` are not honoured, and whether git tracks a file does not matter.
    `problems` are reasons for which gcloud would refuse the upload.
    """

    def __init__(self, rules: Iterable[Rule], problems: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        self._rules = [(rule, pattern) for rule in rules if (pattern := _pattern(rule.pattern))]
        self._folder = lru_cache(maxsize=None)(self._rule_of_folder)

    @classmethod
    def read(cls, folder: Path) -> UploadRules:
        """The rules of a folder on disk."""

        def text(name: str) -> str | None:
            place = folder / name
            if not place.is_file():
                return None
            with place.open("rb") as file:
                return file.read(MAX_BYTES).decode("utf-8", "surrogateescape")

        return cls(*_rules(text, git=(folder / ".git").exists()))

    @classmethod
    def of(
        cls,
        files: Collection[str],
        read: Callable[[Iterable[str]], dict[str, bytes | None]],
    ) -> UploadRules:
        """The rules of a commit's files: as a checkout of it would have them."""

        def text(name: str) -> str | None:
            found = read([name]).get(name) if name in files else None
            return None if found is None else found[:MAX_BYTES].decode("utf-8", "surrogateescape")

        return cls(*_rules(text, git=True))

    def rule(self, path: str) -> str:
        """The rule that leaves this file out, empty where it goes along. A folder ends with `/`."""
        if path.endswith("/"):
            return self._folder(path.rstrip("/"))
        head, _, _ = path.rpartition("/")
        return (self._folder(head) if head else "") or self._last(path, folder=False)

    def _rule_of_folder(self, folder: str) -> str:
        """A folder that is left out takes all that is in it along; no later `!` brings it back."""
        head, _, _ = folder.rpartition("/")
        return (self._folder(head) if head else "") or self._last(folder, folder=True)

    def _last(self, path: str, *, folder: bool) -> str:
        """The last rule that names the path decides."""
        parts = path.split("/")
        for rule, pattern in reversed(self._rules):
            if pattern.matches(parts, folder=folder):
                return "" if pattern.negated else str(rule)
        return ""


def _pattern(line: str) -> GcloudPattern | None:
    try:
        return GcloudPattern(line)
    except ValueError:
        return None


def _rules(text: Callable[[str], str | None], *, git: bool) -> tuple[list[Rule], list[str]]:
    problems: list[str] = []
    own = text(GCLOUDIGNORE)
    if own is not None:
        return _parse(GCLOUDIGNORE, own, text, problems), problems
    ignored = text(GITIGNORE)
    if ignored is None and not git:
        return [], problems
    rules = [Rule(origin="gcloud's default", line=0, pattern=pattern) for pattern in _DEFAULT]
    return rules + _parse(GITIGNORE, ignored or "", None, problems), problems


def _parse(
    name: str, content: str, text: Callable[[str], str | None] | None, problems: list[str]
) -> list[Rule]:
    """The rules of a file; those that it includes stand in the place of the line that says so.
    An included file includes no other: then `text` is None.
    """
    rules: list[Rule] = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.startswith("#"):
            if line.strip():
                rules.append(Rule(origin=name, line=number, pattern=line))
            continue
        directive = line[1:].lstrip()
        if text is None or not directive.startswith(_INCLUDE):
            continue
        other = directive.removeprefix(_INCLUDE)
        included = None if "/" in other else text(other)
        if included is None:
            problems.append(f"{name}:{number}: includes {other!r}, which is no file beside it")
        else:
            rules += _parse(other, included, None, problems)
    return rules


class DockerRules:
    """What `.dockerignore` keeps from a build. Patterns start at the context's top; the last one
    that matches a file or a folder above it decides, also inside a folder that an earlier one
    dropped. Raises UsageError, with the line, for a pattern that a builder refuses.
    """

    def __init__(self, text: str, name: str = DOCKERIGNORE) -> None:
        self._rules: list[tuple[Rule, bool, Callable[[str], bool]]] = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            written = line.strip()
            if not written or line.startswith("#"):
                continue
            negated = written.startswith("!")
            bare = written.removeprefix("!").strip()
            pattern = clean(bare) if bare else ""
            if len(pattern) > 1:
                pattern = pattern.removeprefix("/")
            rule = Rule(origin=name, line=number, pattern=written)
            try:
                self._rules.append((rule, negated, docker_pattern(pattern)))
            except ValueError as error:
                raise UsageError(f"{rule} is no pattern", "a builder refuses it") from error
        self._above = lru_cache(maxsize=None)(self._with_those_above)

    def rule(self, path: str) -> str:
        """The rule that keeps this file out, empty where it gets in."""
        if not self._rules:
            return ""
        matched = self._above(path)
        for (rule, negated, _), hit in zip(reversed(self._rules), reversed(matched), strict=True):
            if hit:
                return "" if negated else str(rule)
        return ""

    def _with_those_above(self, path: str) -> tuple[bool, ...]:
        """For each rule, whether it matches the path or a folder above it."""
        head, _, _ = path.rpartition("/")
        above = self._above(head) if head else (False,) * len(self._rules)
        return tuple(
            hit or matches(path) for hit, (_, _, matches) in zip(above, self._rules, strict=True)
        )
