"""What a step would start: read from its image, entrypoint, arguments and script, and not run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from string import Template

from landed.core.errors import UsageError
from landed.core.model import Frozen
from landed.localcloud.cloudbuild.config import Step

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_BUILDERS = re.compile(
    r"(?:gcr\.io/cloud-builders/(?P<builder>docker|git|gcloud)"
    r"|(?P<plain>docker)"
    r"|gcr\.io/google\.com/cloudsdktool/(?P<sdk>google-cloud-cli|cloud-sdk))(?::[\w.-]+)?"
)
_TOOL = {"google-cloud-cli": "gcloud", "cloud-sdk": "gcloud"}
_JOINS = frozenset({"&&", ";", "\n"})
_LOSE = frozenset({"||", "|", "&"})
"""After these a command's exit code counts no more."""
_QUIET = frozenset({"set", "echo", "true", ":"})


class Command(Frozen):
    """A simple command, in a folder of the workspace (from the step's own)."""

    words: tuple[str, ...]
    folder: str = ""


class Gate(Frozen):
    """The arguments of a `landed gate`, and the files that its step takes away when it is done."""

    words: tuple[str, ...]
    removes: tuple[str, ...] = ()


def gate(step: Step, env: Mapping[str, str]) -> Gate | None:
    """The `landed gate` that this step runs, None where it runs none.

    Whatever else the step would do, as installing landed, is left out. Raises UsageError where the
    gate's exit code would not be the step's.
    """
    text = _text(step)
    flat = [step.entrypoint, *step.args] if text is None else _tokens(text)
    found = None
    removes: list[str] = []
    for words, join in _split(flat):
        for at, word in enumerate(words[:-1]):
            if PurePosixPath(word).name == "landed" and words[at + 1] == "gate":
                found = tuple(_filled(one, env) for one in words[at + 2 :])
                if join in _LOSE:
                    raise UsageError(f"`landed gate {join} …` throws its answer away", _HINT)
        if words[:2] == ["rm", "-f"]:
            removes += words[2:]
    return None if found is None else Gate(words=found, removes=tuple(removes))


def _split(tokens: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """The words between what joins commands, each with what follows them."""
    words: list[str] = []
    for token in [*tokens, "\n"]:
        if token in _JOINS or token in _LOSE:
            yield words, token
            words = []
        else:
            words.append(token)


def commands(step: Step, env: Mapping[str, str]) -> list[Command]:
    """The commands of a step that the local cloud can do. Raises UsageError for any other step."""
    found = _BUILDERS.fullmatch(step.name)
    if not found:
        raise UsageError(f"the local cloud cannot run a step's image: {step.name[:200]}", _HINT)
    image = next(word for word in found.groups() if word)
    tool = _TOOL.get(image, image)
    text = _text(step)
    if text is None:
        words = (PurePosixPath(step.entrypoint).name or tool, *step.args)
        return [Command(words=words)]
    return [*_simple(_tokens(text), env)]


_HINT = (
    "it plays `docker build`, `tag` and `push`, `git clone` and `checkout`, and `landed gate`; "
    "nothing else is executed"
)


def _text(step: Step) -> str | None:
    """The shell script of a step, None where it starts a program with arguments."""
    if step.script:
        return step.script
    if PurePosixPath(step.entrypoint).name not in _SHELLS:
        return None
    for at, word in enumerate(step.args[:-1]):
        if re.fullmatch(r"-[a-z]*c[a-z]*", word):
            return step.args[at + 1]
    return None


def _tokens(text: str | None) -> list[str]:
    """A script as words and joins; comments and continued lines are read as a shell does."""
    found: list[str] = []
    for line in (text or "").replace("\\\n", " ").splitlines():
        if line.startswith("#!"):
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>")
        lexer.whitespace_split = True
        try:
            found += [*lexer, "\n"]
        except ValueError as error:
            raise UsageError(f"the step's script cannot be read: {error}", _HINT) from error
    return found


def _simple(tokens: Sequence[str], env: Mapping[str, str]) -> Iterator[Command]:
    """The simple commands of a script. Raises UsageError for what only a shell can do."""
    folder, words = "", list[str]()
    for token in [*tokens, "\n"]:
        if token not in _JOINS:
            if token.strip(";&|()<>") != token or "$(" in token or "`" in token:
                raise UsageError("the local cloud is no shell: the script does too much", _HINT)
            words.append(_filled(token, env))
            continue
        if words and words[0] == "cd" and len(words) == 2:
            folder = str(PurePosixPath(folder) / words[1])
        elif words and words[0] not in _QUIET:
            yield Command(words=tuple(words), folder=folder)
        words = []


def _filled(word: str, env: Mapping[str, str]) -> str:
    return Template(word).safe_substitute(env)


class Options:
    """The options of a command line: those with a value, those without, and what is left."""

    def __init__(
        self, words: Sequence[str], valued: Mapping[str, str], flags: frozenset[str], what: str
    ) -> None:
        self.values: dict[str, list[str]] = {}
        self.rest: list[str] = []
        left = iter(words)
        for word in left:
            name, equals, value = word.partition("=")
            if not word.startswith("-") or word == "-":
                self.rest.append(word)
            elif name in valued:
                self.values.setdefault(valued[name], []).append(
                    value if equals else self._next(left, word, what)
                )
            elif name not in flags:
                raise UsageError(f"`{what} {name[:100]}` is not played", _HINT)

    @staticmethod
    def _next(left: Iterator[str], word: str, what: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise UsageError(f"`{what} {word[:100]}` lacks its value") from None

    def last(self, name: str, default: str = "") -> str:
        """The last value of an option."""
        return self.values.get(name, [default])[-1]


def pairs(words: Sequence[str], env: Callable[[str], str | None]) -> dict[str, str]:
    """`NAME=VALUE` words; one without a value takes it from the step's environment."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        taken = value if equals else env(name)
        if taken is not None:
            found[name] = taken
    return found
