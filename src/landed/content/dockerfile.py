"""A Dockerfile, read: its instructions in order, with arguments and variables resolved."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping

from landed.core.errors import UsageError
from landed.core.model import Frozen

_VARIABLE = re.compile(
    r"\\(?P<escaped>[$\\])|\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::(?P<how>[-+])(?P<word>[^}]*))?\})"
)
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(\S+)")
_KNOWN = frozenset(
    [
        "FROM",
        "ARG",
        "ENV",
        "WORKDIR",
        "COPY",
        "ADD",
        "LABEL",
        "USER",
        "CMD",
        "ENTRYPOINT",
        "RUN",
        "EXPOSE",
        "STOPSIGNAL",
        "MAINTAINER",
        "SHELL",
        "HEALTHCHECK",
        "VOLUME",
        "ONBUILD",
    ]
)


class Copy(Frozen):
    """A COPY: sources as patterns of the context, the target as a path of the image."""

    line: int
    sources: tuple[str, ...]
    target: str
    target_is_folder: bool
    owner: str
    mode: int | None


class Recipe(Frozen):
    """What a Dockerfile says, with its variables resolved."""

    base: str
    copies: tuple[Copy, ...]
    env: dict[str, str]
    labels: dict[str, str]
    workdir: str
    user: str
    cmd: tuple[str, ...]
    entrypoint: tuple[str, ...]
    run: tuple[str, ...]


def parse(text: str, build_args: Mapping[str, str]) -> Recipe:
    """Reads a Dockerfile. Raises UsageError with the line for what landed does not build."""
    reader = _Reader(build_args)
    for line, words in _instructions(text):
        name, _, value = words.partition(" ")
        reader.step(name.upper(), value.strip(), line)
    return reader.recipe()


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Each instruction with its first line: continued lines joined, comments taken out."""
    begun, parts = 0, [""]
    escape, directives = "\\", True
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        bare = line.strip()
        directive = _DIRECTIVE.fullmatch(bare) if directives else None
        directives = directive is not None
        if directive and directive[1].lower() == "escape":
            if directive[2] not in ("\\", "`"):
                raise UsageError(f"line {number}: `{directive[2]}` is no escape", "\\ or `")
            escape = directive[2]
        # Comments and empty lines do not end an instruction that goes on below them.
        if not bare or bare.startswith("#"):
            continue
        begun = begun or number
        if bare.endswith(escape):
            # What stood before a continuation stays apart only where a blank does it.
            parts.append(line.rstrip()[:-1])
            continue
        parts.append(line.rstrip())
        yield begun, _one_blank("".join(parts).strip())
        begun, parts = 0, [""]
    if begun and (rest := "".join(parts).strip()):
        yield begun, _one_blank(rest)


def _one_blank(instruction: str) -> str:
    """The instruction's name, one blank, and the rest, however they were set apart."""
    return " ".join(instruction.split(None, 1))


class _Reader:
    """Goes through the instructions and keeps what they add up to."""

    def __init__(self, build_args: Mapping[str, str]) -> None:
        self._given = build_args
        self._args: dict[str, str] = {}
        self._before_from: dict[str, str] = {}
        self._base: str | None = None
        self._copies: list[Copy] = []
        self._env: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._workdir = "/"
        self._user = ""
        self._cmd: tuple[str, ...] = ()
        self._entrypoint: tuple[str, ...] = ()
        self._run: list[str] = []

    def step(self, name: str, value: str, line: int) -> None:
        """One instruction."""
        if name == "COMMENT":
            return
        if name not in _KNOWN:
            raise UsageError(f"line {line}: `{name}` is no instruction", "mend the Dockerfile")
        if self._base is None and name not in {"FROM", "ARG"}:
            raise UsageError(f"line {line}: `{name}` stands before FROM", "begin with FROM")
        if "<<" in value and name in {"RUN", "COPY", "ADD"} and re.search(r"<<-?[\"']?\w", value):
            raise UsageError(
                f"line {line}: landed reads no here-documents", "put the text into a file"
            )
        if name == "ONBUILD":
            raise UsageError(f"line {line}: landed does not build ONBUILD", "write it out")
        method = getattr(self, f"_on_{name.lower()}", None)
        if method is not None:
            method(value, line)

    def recipe(self) -> Recipe:
        """The sum. Raises UsageError for a file without FROM."""
        if self._base is None:
            raise UsageError("there is no FROM in it", "a Dockerfile begins with FROM")
        return Recipe(
            base=self._base,
            copies=tuple(self._copies),
            env=self._env,
            labels=self._labels,
            workdir=self._workdir,
            user=self._user,
            cmd=self._cmd,
            entrypoint=self._entrypoint,
            run=tuple(self._run),
        )

    def _on_from(self, value: str, line: int) -> None:
        if self._base is not None:
            raise UsageError(
                f"line {line}: several FROM (multi-stage) cannot be built here",
                "the local cloud packs one stage; use a real builder for the rest",
            )
        words = [word for word in value.split() if not word.startswith("--")]
        if not words:
            raise UsageError(f"line {line}: FROM names no image", "FROM NAME:TAG")
        self._base = self._resolved(words[0], self._before_from)
        if not self._base:
            raise UsageError(
                f"line {line}: FROM {words[0]} comes to nothing", "give the ARG a value"
            )
        self._before_from, self._args = dict(self._args), {}

    def _on_arg(self, value: str, _line: int) -> None:
        for word in _words(value):
            name, equals, default = word.partition("=")
            known = self._before_from.get(name) if self._base is not None and not equals else None
            given = self._given.get(name, known)
            if given is None and equals:
                given = self._resolved(default, self._scope())
            if given is not None:
                self._args[name] = given
        if self._base is None:
            self._before_from = dict(self._args)

    def _scope(self) -> dict[str, str]:
        return {**self._args, **self._env}

    def _resolved(self, text: str, scope: Mapping[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            if found["escaped"]:
                return found["escaped"]
            name = found["plain"] or found["name"]
            known = scope.get(name, "")
            if found["how"] == "-":
                return known or self._resolved(found["word"], scope)
            if found["how"] == "+":
                return self._resolved(found["word"], scope) if known else ""
            return known

        return _VARIABLE.sub(value, text)

    def _pairs(self, value: str, line: int) -> dict[str, str]:
        words = _words(value)
        if words and "=" not in words[0]:
            name, _, rest = value.partition(" ")
            return {name: self._resolved(rest.strip(), self._scope())}
        if not all("=" in word for word in words):
            raise UsageError(f"line {line}: `{value}` is no list of NAME=VALUE", "quote the values")
        pairs = (word.partition("=") for word in words)
        scope = self._scope()
        return {self._resolved(k, scope): self._resolved(v, scope) for k, _, v in pairs}

    def _on_env(self, value: str, line: int) -> None:
        self._env |= self._pairs(value, line)

    def _on_label(self, value: str, line: int) -> None:
        self._labels |= self._pairs(value, line)

    def _on_workdir(self, value: str, _line: int) -> None:
        path = self._resolved(_unquoted(value), self._scope())
        self._workdir = absolute(path, self._workdir)

    def _on_user(self, value: str, _line: int) -> None:
        self._user = self._resolved(value, self._scope())

    def _on_cmd(self, value: str, _line: int) -> None:
        self._cmd = _command(value)

    def _on_entrypoint(self, value: str, _line: int) -> None:
        # As Docker does: an ENTRYPOINT forgets a CMD that stood before it only in the base.
        self._entrypoint = _command(value)

    def _on_run(self, value: str, _line: int) -> None:
        self._run.append(value)

    def _on_add(self, value: str, line: int) -> None:
        if re.search(r"(?:^|\s|\")(?:https?|git)(?:@|://)", value) or re.search(
            r"\.(?:tar|tgz|tbz2|txz)(?:\.\w+)?[\"\s]", f"{value} "
        ):
            raise UsageError(
                f"line {line}: ADD of an address or an archive cannot be built here",
                "use COPY of plain files",
            )
        self._on_copy(value, line)

    def _on_copy(self, value: str, line: int) -> None:
        owner, mode = "", None
        while found := re.match(r"--(\w+)(?:=(\S+))?\s+", value):
            option, setting = found[1], self._resolved(found[2] or "", self._scope())
            if option == "from":
                raise UsageError(
                    f"line {line}: COPY --from (multi-stage) cannot be built here",
                    "the local cloud packs one stage; use a real builder for the rest",
                )
            if option == "chown":
                owner = setting
            elif option == "chmod" and re.fullmatch(r"0?[0-7]{3,4}", setting):
                mode = int(setting, 8)
            elif option != "link":
                raise UsageError(f"line {line}: COPY --{option} is not known here", "leave it out")
            value = value[found.end() :]
        words = [self._resolved(word, self._scope()) for word in _listed(value)]
        if len(words) < 2:
            raise UsageError(f"line {line}: COPY needs a source and a target", "COPY SOURCE TARGET")
        *sources, target = words
        folder = target.endswith("/") or target in {".", "./", ".."} or len(sources) > 1
        if len(sources) > 1 and not (target.endswith("/") or target in {".", ".."}):
            raise UsageError(
                f"line {line}: the target of several sources must end with a /", f"COPY … {target}/"
            )
        self._copies.append(
            Copy(
                line=line,
                sources=tuple(sources),
                target=absolute(target, self._workdir),
                target_is_folder=folder,
                owner=owner,
                mode=mode,
            )
        )


def absolute(path: str, base: str) -> str:
    """A path of the image as an absolute one; `..` ends at the root."""
    parts: list[str] = [] if path.startswith("/") else [p for p in base.split("/") if p]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _words(value: str) -> list[str]:
    """Words with quotes taken off; a backslash before `$` stays for the variables."""
    lexer = shlex.shlex(value, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return list(lexer)
    except ValueError:
        return value.split()


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _json_list(value: str) -> list[str] | None:
    """The strings of a JSON list, None where it is none."""
    try:
        words = json.loads(value) if value.startswith("[") else None
    except ValueError:
        return None
    strings = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return words if strings else None


def _listed(value: str) -> list[str]:
    """The strings of a JSON list, or words."""
    words = _json_list(value)
    return value.split() if words is None else words


def _command(value: str) -> tuple[str, ...]:
    """The exec form as it stands, the shell form behind `/bin/sh -c`."""
    words = _json_list(value)
    if words is not None:
        return tuple(words)
    return ("/bin/sh", "-c", value) if value else ()
