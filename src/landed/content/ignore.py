"""Which files are left out on the way to a builder and into an image, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec, PathSpec

from landed.core.model import Frozen

GCLOUDIGNORE = ".gcloudignore"
GITIGNORE = ".gitignore"
DOCKERIGNORE = ".dockerignore"
MAX_BYTES = 1 << 20
_INCLUDE = "#!include:"
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
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
        self._spec = GitIgnoreSpec.from_lines([rule.pattern for rule in self._rules])
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

        return cls(_rules(text, git=(folder / ".git").exists()))

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

        return cls(_rules(text, git=True))

    def rule(self, path: str) -> str:
        """The rule that leaves this file out, empty where it goes along."""
        head, _, _ = path.rpartition("/")
        return (self._folder(head) if head else "") or self._first(path)

    def _rule_of_folder(self, folder: str) -> str:
        """A folder that is left out takes all that is in it along; no later `!` brings it back."""
        head, _, _ = folder.rpartition("/")
        return (self._folder(head) if head else "") or self._first(f"{folder}/")

    def _first(self, path: str) -> str:
        found = self._spec.check_file(path)
        return str(self._rules[found.index]) if found.include and found.index is not None else ""


def _rules(text: Callable[[str], str | None], *, git: bool) -> list[Rule]:
    own = text(GCLOUDIGNORE)
    if own is not None:
        return _parse(GCLOUDIGNORE, own, text)
    ignored = text(GITIGNORE)
    if ignored is None and not git:
        return []
    rules = [Rule(origin="gcloud's default", line=0, pattern=pattern) for pattern in _DEFAULT]
    return rules + _parse(GITIGNORE, ignored or "", text)


def _parse(name: str, content: str, text: Callable[[str], str | None]) -> list[Rule]:
    rules: list[Rule] = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.startswith(_INCLUDE) and name == GCLOUDIGNORE:
            other = line.removeprefix(_INCLUDE).strip()
            rules += _parse(other, text(other) or "", text)
        elif line.strip() and not line.startswith("#"):
            rules.append(Rule(origin=name, line=number, pattern=line))
    return rules


class DockerRules:
    """What `.dockerignore` keeps from a build. Patterns start at the context's top; the last one
    that matches decides, also inside a folder that an earlier one dropped.
    """

    def __init__(self, text: str, name: str = DOCKERIGNORE) -> None:
        self._rules: list[Rule] = []
        patterns: list[str] = []
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            pattern = line.strip()
            if not pattern or line.startswith("#"):
                continue
            negated = pattern.startswith("!")
            parts = [p for p in pattern.removeprefix("!").strip().split("/") if p not in ("", ".")]
            clean = _without_up(parts)
            if not clean:
                continue
            self._rules.append(Rule(origin=name, line=number, pattern=pattern))
            # A leading slash anchors it at the top, which git's own patterns do not do.
            patterns.append(("!" if negated else "") + "/" + "/".join(clean))
        self._spec = PathSpec.from_lines("gitwildmatch", patterns)

    def rule(self, path: str) -> str:
        """The rule that keeps this file out, empty where it gets in."""
        if not self._rules:
            return ""
        found = self._spec.check_file(path)
        return str(self._rules[found.index]) if found.include and found.index is not None else ""


def _without_up(parts: list[str]) -> list[str]:
    """`a/../b` as `b`: Docker cleans patterns before it matches."""
    clean: list[str] = []
    for part in parts:
        if part == "..":
            clean = clean[:-1]
        else:
            clean.append(part)
    return clean
