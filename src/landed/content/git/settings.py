"""The configuration of a foreign repository as data, and the little of it that is taken over.

What may be taken over is named here. All else, whatever it is called, stays behind: so a key that
a later git learns to execute is left out without anybody knowing of it.
"""

from __future__ import annotations

from pathlib import Path

from landed.core.model import Frozen

_HARMLESS = frozenset(
    {
        "core.autocrlf",
        "core.eol",
        "core.filemode",
        "core.ignorecase",
        "core.precomposeunicode",
        "core.symlinks",
    }
)
_FILES = frozenset({"core.attributesfile", "core.excludesfile"})
_FORMAT = frozenset({"extensions.objectformat", "extensions.refstorage"})
_HTTP = frozenset(
    {
        "emptyauth",
        "extraheader",
        "proxy",
        "sslcainfo",
        "sslcapath",
        "sslcert",
        "sslkey",
        "useragent",
        "version",
    }
)
_CREDENTIAL = frozenset({"username", "usehttppath"})
_OF_REPOSITORY = frozenset({"local", "worktree"})
_EXECUTABLE = frozenset({"core.sshcommand", "core.askpass", "core.gitproxy", "credential.helper"})


class Setting(Frozen):
    """One line of the configuration; `section` and `name` are in lower case."""

    scope: str
    section: str
    subsection: str | None
    name: str
    value: str

    @property
    def key(self) -> str:
        """The key without its subsection."""
        return f"{self.section}.{self.name}"


class Settings(Frozen):
    """All lines of the configuration, in the order in which git reads them: the last one wins."""

    lines: tuple[Setting, ...]

    def last(self, key: str) -> str | None:
        """The value that counts of a key without a subsection."""
        values = [s.value for s in self.lines if s.subsection is None and s.key == key]
        return values[-1] if values else None

    def by_subsection(self, key: str) -> dict[str, list[str]]:
        """The values of `section.*.name`, by what stands for the star."""
        found: dict[str, list[str]] = {}
        for s in self.lines:
            if s.key == key and s.subsection is not None:
                found.setdefault(s.subsection, []).append(s.value)
        return found

    @property
    def partial(self) -> bool:
        """Whether objects were left at the remote, to be fetched when needed."""
        promised = [*self.by_subsection("remote.promisor").values()]
        return any(is_true(v[-1]) for v in promised) or bool(self.last("extensions.partialclone"))

    def executable(self) -> list[str]:
        """Keys by which the repository would run programs to reach its remote; none is obeyed."""
        return sorted(
            {
                s.key
                for s in self.lines
                if s.scope in _OF_REPOSITORY
                and (s.key in _EXECUTABLE or s.key in {"remote.uploadpack", "remote.vcs"})
                and s.value
            }
        )

    def user_has(self, key: str) -> bool:
        """Whether the user's own configuration, outside the repository, sets a key."""
        return any(s.key == key and s.scope not in _OF_REPOSITORY and s.value for s in self.lines)

    def taken_over(self) -> list[Setting]:
        """The lines that a scratch repository gets."""
        single = {
            s.key: s
            for s in self.lines
            if s.subsection is None and s.key in _HARMLESS | _FILES | _FORMAT
        }
        kept = [_expanded(s) if s.key in _FILES else s for s in single.values()]
        return kept + [s for s in self.lines if s.scope in _OF_REPOSITORY and _is_data(s)]


def _is_data(s: Setting) -> bool:
    match s.section:
        case "branch":
            return s.subsection is not None and s.name in {"remote", "merge"}
        case "remote":
            return s.subsection is not None and s.name in {"url", "fetch"}
        case "url":
            return s.subsection is not None and s.name == "insteadof"
        case "http":
            return s.name in _HTTP
        case "credential":
            return s.name in _CREDENTIAL
        case _:
            return False


def _expanded(s: Setting) -> Setting:
    try:
        value = str(Path(s.value).expanduser())
    except RuntimeError:
        value = s.value
    return Setting(
        scope=s.scope, section=s.section, subsection=s.subsection, name=s.name, value=value
    )


def parse(listed: bytes) -> Settings:
    """Reads the answer of `git config --list -z --show-scope`."""
    fields = listed.split(b"\0")
    lines = []
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        key, newline, value = entry.decode("utf-8", "surrogateescape").partition("\n")
        section, _, rest = key.partition(".")
        subsection, dot, name = rest.rpartition(".")
        lines.append(
            Setting(
                scope=scope.decode(),
                section=section.lower(),
                subsection=subsection if dot else None,
                name=name.lower(),
                value=value if newline else "true",
            )
        )
    return Settings(lines=tuple(lines))


def is_true(value: str) -> bool:
    """How git reads a yes."""
    return value.lower() not in {"", "0", "no", "off", "false"}


def render(lines: list[Setting]) -> str:
    """The text of a configuration file with these lines."""
    text = []
    for s in lines:
        # Git knows no line end in a subsection, so what has one came from nowhere good.
        if "\n" in (s.subsection or ""):
            continue
        title = s.section if s.subsection is None else f"{s.section} {_quoted(s.subsection)}"
        value = _quoted(s.value).replace("\n", "\\n")
        text.append(f"[{title}]\n\t{s.name} = {value}\n")
    return "".join(text)


def _quoted(value: str) -> str:
    value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
