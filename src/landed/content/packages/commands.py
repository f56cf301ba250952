"""Which files the RUN lines of a Dockerfile install by. Only what they name themselves counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from landed.content.docker_words import json_list
from landed.core.model import Frozen

_REST = r"\b(?P<rest>[^&|;\n]*)"
_PIP = re.compile(rf"(?:\bpip[\d.]*|-m\s+pip)\s+install{_REST}")
_FILE = re.compile(r"(?:^|\s)(?:-y?r\s*|--requirements?[= ])(?P<file>[^\s'\"]+)")
_UV = re.compile(rf"\buv\s+sync{_REST}")
_POETRY = re.compile(rf"\bpoetry\s+(?:install|sync){_REST}")
_NPM = re.compile(rf"\bnpm\s+(?P<how>ci|clean-install|install|i){_REST}")
_REMOVES = re.compile(rf"(?:\bpip[\d.]*|-m\s+pip)\s+uninstall{_REST}")
_PERHAPS = re.compile(r"(?:^|[\s;&|({'\"])(?:if|case|for|while|until|test|\[\[?)\s|\|\|")
"""Behind one of these a command may not have run at all."""
_PART = re.compile(r"--(?:only|package|project|directory|no-install-package|inexact)\b|-[CG]\b")
_ELSEWHERE = re.compile(
    r"(?:^|\s)(?:-g|--global|--prefix|-C|-w|--(?:no-)?workspaces?|[^-\s]\S*)(?=[\s=]|$)"
)


class Installer(StrEnum):
    """What installs: each has files of its own."""

    PIP = "pip"
    UV = "uv"
    POETRY = "poetry"
    NPM = "npm"


class Installs(Frozen):
    """One command that installs, `by` which tool. `file` is what it names itself. `frozen` is one
    that takes the lock as it is, also where that does not fit what is asked for.
    """

    by: Installer
    file: str = ""
    frozen: bool = True


def installs(lines: Sequence[str], env: Sequence[str] = ()) -> Iterator[Installs]:
    """What the RUN lines install by files, and leave there. `env` names the variables that are
    set. What stands behind a condition is left out: nobody sees whether it was run.
    """
    said = [words(line) for line in lines]
    removed = {
        file["file"]
        for line in said
        for un in _REMOVES.finditer(line)
        for file in _FILE.finditer(un["rest"])
    }
    for line in said:
        perhaps = _PERHAPS.search(line)
        end = perhaps.start() if perhaps else len(line)
        for pip in _PIP.finditer(line, 0, end):
            for file in _FILE.finditer(pip["rest"]):
                if file["file"] not in removed:
                    yield Installs(by=Installer.PIP, file=file["file"])
        for uv in _UV.finditer(line, 0, end):
            if not _PART.search(uv["rest"]):
                frozen = "--frozen" in uv["rest"] or "UV_FROZEN" in env
                yield Installs(by=Installer.UV, frozen=frozen)
        for poetry in _POETRY.finditer(line, 0, end):
            if not _PART.search(poetry["rest"]):
                yield Installs(by=Installer.POETRY)
        for npm in _NPM.finditer(line, 0, end):
            if not _ELSEWHERE.search(npm["rest"]):
                yield Installs(by=Installer.NPM, frozen=npm["how"] in {"ci", "clean-install"})


def words(line: str) -> str:
    """A RUN line as the shell gets it: also one that is written as a list."""
    listed = json_list(line)
    return line if listed is None else " ".join(listed)


def named(name: str, lines: Sequence[str]) -> bool:
    """Whether a RUN line says something of this package itself, whatever that is."""
    spelled = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    return any(spelled.search(re.sub(r"[-_.]+", "-", words(line).lower())) for line in lines)
