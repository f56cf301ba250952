"""A Dockerfile, read: its instructions in order, with arguments and variables resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from landed.content.docker_words import (
    check_frontend,
    has_heredoc,
    instructions,
    json_list,
    listed,
    mounted,
    resolve,
    split,
)
from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.core.probe import Lent

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
_SHELL = ("/bin/sh", "-c")
_ADDRESS = re.compile(r"(?:https?|git|ssh)://|git@")
_MULTI_STAGE = "the local cloud packs one stage; use a real builder for the rest"


class Copy(Frozen):
    """A COPY: sources as patterns of the context, the target as a path of the image.

    `folders` are those that WORKDIR has made before it. `unpacks`: it is an ADD, which opens
    archives.
    """

    line: int
    sources: tuple[str, ...]
    target: str
    target_is_folder: bool
    owner: str
    mode: int | None
    folders: tuple[str, ...] = ()
    unpacks: bool = False


class Recipe(Frozen):
    """What a Dockerfile says, with its variables resolved. `workdir` begins where the base's ends;
    `env` is what is added to the base's. `cmd` and `entrypoint` are None where it says none: then
    the base's count. `mounts` are what each RUN binds of the context, by its line.
    """

    base: str
    lent: Lent
    copies: tuple[Copy, ...]
    env: dict[str, str]
    labels: dict[str, str]
    workdir: str
    user: str
    cmd: tuple[str, ...] | None
    entrypoint: tuple[str, ...] | None
    run: tuple[str, ...]
    mounts: tuple[tuple[int, str], ...] = ()


def parse(
    text: str, build_args: Mapping[str, str], lent: Callable[[str], Lent] | None = None
) -> Recipe:
    """Reads a Dockerfile. `lent` says what the base of a name lends; nothing, by default.

    Raises UsageError with the line for what landed does not build.
    """
    check_frontend(text, build_args.get("BUILDKIT_SYNTAX", ""))
    reader = _Reader(build_args, lent or (lambda _: Lent()))
    for line, name, value in instructions(text):
        reader.step(name, value, line)
    return reader.recipe()


class _Reader:
    """Goes through the instructions and keeps what they add up to."""

    def __init__(self, build_args: Mapping[str, str], lent: Callable[[str], Lent]) -> None:
        self._given = build_args
        self._lent = lent
        self._of_base = Lent()
        self._args: dict[str, str] = {}
        self._before_from: dict[str, str] = {}
        self._base: str | None = None
        self._copies: list[Copy] = []
        self._env: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._workdir = "/"
        self._folders: list[str] = []
        self._user = ""
        self._shell: tuple[str, ...] = _SHELL
        self._cmd: tuple[str, ...] | None = None
        self._entrypoint: tuple[str, ...] | None = None
        self._run: list[str] = []
        self._mounts: list[tuple[int, str]] = []

    def step(self, name: str, value: str, line: int) -> None:
        """One instruction."""
        if name not in _KNOWN:
            raise UsageError(f"line {line}: `{name[:40]}` is no instruction", "mend the Dockerfile")
        if self._base is None and name not in {"FROM", "ARG"}:
            raise UsageError(f"line {line}: `{name}` stands before FROM", "begin with FROM")
        if not value and name not in {"CMD", "ENTRYPOINT"}:
            raise UsageError(f"line {line}: `{name}` says nothing more", "complete the line")
        if name in {"RUN", "COPY", "ADD"} and has_heredoc(value):
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
            lent=self._of_base,
            copies=tuple(self._copies),
            env=self._env,
            labels=self._labels,
            workdir=self._workdir,
            user=self._user,
            cmd=self._cmd,
            entrypoint=self._entrypoint,
            run=tuple(self._run),
            mounts=tuple(self._mounts),
        )

    def _on_from(self, value: str, line: int) -> None:
        if self._base is not None:
            raise UsageError(
                f"line {line}: several FROM (multi-stage) cannot be built here", _MULTI_STAGE
            )
        words = [word for word in value.split() if not word.startswith("--")]
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            raise UsageError(f"line {line}: FROM {value[:80]} names no image", "FROM NAME:TAG")
        self._base = resolve(words[0], self._args, line)
        if not self._base:
            raise UsageError(
                f"line {line}: FROM {words[0]} comes to nothing", "give the ARG a value"
            )
        self._before_from, self._args = self._args, {}
        self._of_base = self._lent(self._base)
        self._workdir = absolute(self._of_base.workdir, "/")

    def _on_arg(self, value: str, line: int) -> None:
        for word in split(value):
            name, equals, default = word.partition("=")
            if not name:
                raise UsageError(f"line {line}: ARG {value[:80]} has no name", "ARG NAME=DEFAULT")
            given = self._given.get(name)
            if given is None:
                # An ARG above FROM lends its value to one of that name below that has none.
                lent = self._before_from.get(name)
                given = resolve(default, self._scope(), line) if equals else lent
            if given is not None:
                self._args[name] = given

    def _scope(self) -> dict[str, str]:
        return {**self._args, **self._of_base.env, **self._env}

    def _pairs(self, value: str, line: int) -> dict[str, str]:
        words, scope = split(value), self._scope()
        if "=" not in words[0]:
            name, _, rest = value.partition(" ")
            words = [f"{name}={rest.strip()}"] if rest.strip() else [name]
        pairs = {}
        for word in words:
            name, equals, text = word.partition("=")
            key = resolve(name, scope, line)
            if not equals or not key:
                raise UsageError(
                    f"line {line}: `{value[:80]}` is no list of NAME=VALUE", "quote the values"
                )
            pairs[key] = resolve(text, scope, line)
        return pairs

    def _on_env(self, value: str, line: int) -> None:
        self._env |= self._pairs(value, line)

    def _on_label(self, value: str, line: int) -> None:
        self._labels |= self._pairs(value, line)

    def _on_workdir(self, value: str, line: int) -> None:
        self._workdir = absolute(resolve(value, self._scope(), line), self._workdir)
        self._folders.append(self._workdir)

    def _on_user(self, value: str, line: int) -> None:
        self._user = resolve(value, self._scope(), line)

    def _on_shell(self, value: str, line: int) -> None:
        words = json_list(value)
        if not words:
            raise UsageError(f"line {line}: SHELL wants a JSON list", 'SHELL ["/bin/sh", "-c"]')
        self._shell = tuple(words)

    def _on_cmd(self, value: str, _line: int) -> None:
        self._cmd = self._command(value)

    def _on_entrypoint(self, value: str, _line: int) -> None:
        # As Docker does: an ENTRYPOINT forgets a CMD that stood before it only in the base.
        self._entrypoint = self._command(value)

    def _command(self, value: str) -> tuple[str, ...]:
        """The exec form as it stands, the shell form behind the shell."""
        words = json_list(value)
        if words is not None:
            return tuple(words)
        return (*self._shell, value) if value else ()

    def _on_run(self, value: str, line: int) -> None:
        self._run.append(value)
        self._mounts += [(line, source) for source in mounted(value, self._scope(), line)]

    def _on_add(self, value: str, line: int) -> None:
        self._on_copy(value, line, "ADD")

    def _on_copy(self, value: str, line: int, name: str = "COPY") -> None:
        owner, mode = "", None
        while found := re.match(r"--([\w-]+)(?:=(\S*))?(?:\s+|$)", value):
            option = found[1]
            setting = resolve(found[2] or "", self._scope(), line)
            if option == "from":
                raise UsageError(
                    f"line {line}: COPY --from (multi-stage) cannot be built here", _MULTI_STAGE
                )
            if option == "chown" and setting:
                owner = setting
            elif option == "chmod" and re.fullmatch(r"[0-7]{3,4}", setting):
                mode = int(setting, 8)
            elif option != "link":
                raise UsageError(
                    f"line {line}: {name} {found[0].strip()[:80]} is not known here",
                    "leave it out; --chown=USER and --chmod=755 are known",
                )
            value = value[found.end() :]
        words = [resolve(word, self._scope(), line) for word in listed(value)]
        if len(words) < 2 or not all(words):
            raise UsageError(
                f"line {line}: {name} needs a source and a target", f"{name} SOURCE TARGET"
            )
        *sources, target = words
        folder = target.endswith(("/", "/.")) or target == "."
        if len(sources) > 1 and not folder:
            raise UsageError(
                f"line {line}: the target of several sources must end with a /",
                f"{name} … {target}/",
            )
        if name == "ADD" and any(_ADDRESS.match(source) for source in sources):
            raise UsageError(
                f"line {line}: ADD of an address cannot be built here", "use COPY of plain files"
            )
        self._copies.append(
            Copy(
                line=line,
                sources=tuple(sources),
                target=absolute(target, self._workdir),
                target_is_folder=folder,
                owner=owner,
                mode=mode,
                folders=tuple(self._folders),
                unpacks=name == "ADD",
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
