"""What the steps of a build say of its image: Dockerfile, context folder, build arguments.

Understood are docker, docker buildx and kaniko, by their arguments. Anything else is said to be
not understood, and nothing is guessed.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from landed.content.image.reference import split
from landed.core.model import Frozen
from landed.providers.gcp.shapes.cloud_build import Step

_DOCKER = re.compile(r"(?:^|/)(?:docker|cloud-builders/docker)(?:[:@]|$)")
_KANIKO = re.compile(r"kaniko[^/]*/executor|cloud-builders/kaniko")
_GIT = re.compile(r"(?:^|/)(?:git|cloud-builders/git)(?:[:@]|$)")
_VARIABLE = re.compile(r"\$(?:\$|(?P<plain>[A-Z_][A-Z0-9_]*)|\{(?P<braced>[A-Z_][A-Z0-9_]*)\})")
_SHELL = re.compile(r"[;&|<>`$()\n]")
_SHELLS = frozenset({"bash", "sh", "/bin/bash", "/bin/sh"})
# Options of `docker build` and `docker buildx build` that stand alone; all others take a value.
_FLAGS = frozenset([
    "--check", "--compress", "--debug", "-D", "--disable-content-trust", "--force-rm", "--load",
    "--no-cache", "--pull", "--push", "--quiet", "-q", "--rm", "--squash", "--stream",
])  # fmt: skip


class Packing(Frozen):
    """How an image was built. `unread` says why nobody can tell, empty where it is told."""

    folder: str = ""
    dockerfile: str = "Dockerfile"
    build_args: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    unread: str = ""


class Cloned(Frozen):
    """A repository that a step clones, and the folder of the source that it lands in; None where
    that is none of them.
    """

    url: str
    ref: str = ""
    into: str | None = None


def packing(steps: Sequence[Step], names: Iterable[str], given: Mapping[str, str]) -> Packing:
    """How the image of one of these `names` was built. `given` are the build's substitutions."""
    found = [one for step in steps if (one := _packing(step, given)) is not None]
    wanted = {split(name)[0] for name in names}
    mine = [one for one in found if wanted & {split(tag)[0] for tag in one.tags}]
    chosen = mine or found
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        return Packing(unread="no step of the build runs docker or kaniko in a way that is read")
    if all(one == chosen[0] for one in chosen):
        return chosen[0]
    return Packing(unread=f"{len(chosen)} steps of the build make images; which one, none says")


def cloned(steps: Iterable[Step], given: Mapping[str, str]) -> Cloned | None:
    """The repository that a step clones by itself, the first one."""
    for step in steps:
        words = _words(step, given) if _GIT.search(step.name) or step.script else []
        if "clone" in words[:3]:
            return _cloned(words[words.index("clone") + 1 :], step.dir)
        if step.script or step.entrypoint in _SHELLS:
            text = step.script or " ".join(step.args)
            if match := re.search(r"\bgit clone\b(?P<rest>[^\n;&|]*)", text):
                rest = shlex.split(_filled(match["rest"], given) or "", comments=True)
                return _cloned(rest, step.dir)
    return None


def _cloned(words: Sequence[str], place: str) -> Cloned:
    ref, plain = "", []
    left = iter(words)
    for word in left:
        if word in {"-b", "--branch"}:
            ref = next(left, "")
        elif word.startswith("--branch="):
            ref = word.partition("=")[2]
        elif word in {"--depth", "-c", "--config", "-o", "--origin"}:
            next(left, "")
        elif not word.startswith("-"):
            plain.append(word)
    url = plain[0] if plain else ""
    own = url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    return Cloned(url=url, ref=ref, into=_inside(place, plain[1] if len(plain) > 1 else own))


def _packing(step: Step, given: Mapping[str, str]) -> Packing | None:
    """How one step builds an image; None where it builds none."""
    if _KANIKO.search(step.name):
        return _kaniko(step, given)
    docker = _DOCKER.search(step.name)
    shell = step.entrypoint in _SHELLS or bool(step.script)
    if not docker and not shell:
        return None
    words = _words(step, given)
    if shell:
        text = step.script or " ".join(step.args)
        if not re.search(r"\bdocker\b[^\n]*\bbuild\b", text):
            return None
        if not words:
            return Packing(unread="a step of the build calls docker from a script")
    words = words[1:] if words[:1] == ["docker"] else words
    words = words[1:] if words[:1] == ["buildx"] else words
    if words[:1] == ["image"]:
        words = words[1:]
    if words[:1] not in (["build"], ["b"]):
        return None
    return _docker(words[1:], step.dir, given)


def _docker(words: Sequence[str], place: str, given: Mapping[str, str]) -> Packing:
    files: list[str] = []
    arguments: dict[str, str] = {}
    tags: list[str] = []
    contexts: list[str] = []
    for name, value in _options(words):
        if name in {"-f", "--file"}:
            files.append(value)
        elif name == "--build-arg":
            key, equals, text = value.partition("=")
            if not equals:
                return Packing(unread=f"the build takes {key} from the environment of its step")
            arguments[key] = text
        elif name in {"-t", "--tag"}:
            tags.append(value)
        elif name in {"--target", "--build-context"}:
            return Packing(tags=tuple(tags), unread=f"a step builds with {name}")
        elif not name:
            contexts.append(value)
    context = contexts[0] if len(contexts) == 1 else ""
    if "://" in context or context.startswith("git@") or context == "-":
        return Packing(tags=tuple(tags), unread=f"a step takes its context from {context[:100]}")
    file = files[-1] if files else posixpath.join(context, "Dockerfile")
    return _packed(context, file, place, arguments, tags, given)


def _kaniko(step: Step, given: Mapping[str, str]) -> Packing:
    arguments: dict[str, str] = {}
    tags: list[str] = []
    context, file = "dir:///workspace/", "Dockerfile"
    for name, value in _options(step.args, flags=frozenset()):
        if name in {"--context", "-c"}:
            context = value
        elif name in {"--dockerfile", "-f"}:
            file = value
        elif name == "--build-arg":
            key, _, arguments[key] = value.partition("=")
        elif name in {"--destination", "-d"}:
            tags.append(value)
        elif name in {"--target", "--context-sub-path"}:
            return Packing(tags=tuple(tags), unread=f"a step builds with {name}")
    folder = context.removeprefix("dir://")
    if "://" in folder:
        return Packing(tags=tuple(tags), unread=f"a step takes its context from {folder[:100]}")
    # kaniko looks for the Dockerfile in its context first.
    return _packed(folder, posixpath.join(folder, file), step.dir, arguments, tags, given)


def _packed(
    context: str,
    file: str,
    place: str,
    arguments: Mapping[str, str],
    tags: Iterable[str],
    given: Mapping[str, str],
) -> Packing:
    """The same with all variables filled in, and paths from the top of the source."""
    names = tuple(known for tag in tags if (known := _filled(tag, given)))
    texts = [_filled(text, given) for text in (context, file, place, *arguments.values())]
    if None in texts:
        return Packing(tags=names, unread="a step uses a variable that the record does not show")
    at, dockerfile, folder, *values = (text or "" for text in texts)
    top = _inside(folder, at) if at else None
    whole = _inside(folder, dockerfile)
    if top is None or whole is None:
        return Packing(tags=names, unread="a step's context is no folder of the source")
    inner = whole if not top else whole.removeprefix(f"{top}/") if whole.startswith(top) else None
    if inner is None or (top and inner == whole):
        return Packing(tags=names, unread=f"its Dockerfile {whole} lies outside of its context")
    return Packing(
        folder=top,
        dockerfile=inner,
        build_args=dict(zip(arguments, values, strict=True)),
        tags=names,
    )


def _inside(folder: str, path: str) -> str | None:
    """A path from the top of the source, `""` for the top; None where it leaves the source."""
    whole = posixpath.normpath(posixpath.join("/workspace", folder, path))
    if whole == "/workspace":
        return ""
    return whole.removeprefix("/workspace/") if whole.startswith("/workspace/") else None


def _options(words: Sequence[str], flags: frozenset[str] = _FLAGS) -> Iterator[tuple[str, str]]:
    """Options with their values; what is none has no name."""
    left = iter(words)
    for word in left:
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            yield "", word
        elif equals and word.startswith("--"):
            yield name, value
        elif word in flags:
            yield word, ""
        elif len(word) > 2 and not word.startswith("--"):
            yield word[:2], word[2:]
        else:
            yield word, next(left, "")


def _words(step: Step, given: Mapping[str, str]) -> list[str]:
    """A step's command as words; none where a shell would do more than start one program."""
    if not (step.script or step.entrypoint in _SHELLS):
        own = [step.entrypoint] if step.entrypoint else []
        return [*own, *step.args]
    text = step.script or (step.args[-1] if step.args[:1] in (("-c",), ("-ec",)) else "")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    filled = _filled(joined, given)
    if filled is None or _SHELL.search(filled.strip()):
        return []
    try:
        return shlex.split(filled)
    except ValueError:
        return []


def _filled(text: str, given: Mapping[str, str]) -> str | None:
    """The text with Cloud Build's substitutions; None where one of them is not known."""
    parts, at = [], 0
    for found in _VARIABLE.finditer(text):
        name = found["plain"] or found["braced"]
        if name and name not in given:
            return None
        parts += [text[at : found.start()], given[name] if name else "$"]
        at = found.end()
    return "".join([*parts, text[at:]])
