"""What a path's name alone says about a file."""

from __future__ import annotations

import re

STATE_FOLDER = ".landed"
"""Landed's own state beside landed.toml: ledger, local cloud, shipments."""


def normal_folder(folder: str) -> str:
    """`.` and `./x/` as git writes them: empty, and `x`."""
    return "/".join(part for part in folder.split("/") if part not in ("", "."))


def prefix_of(folder: str | None) -> str:
    """What the paths below a folder begin with: nothing, below the root."""
    return f"{folder}/" if folder else ""


def is_ignore_file(path: str) -> bool:
    """Git's and gcloud's own lists of what to leave out: uploads drop them, and nobody misses
    them.
    """
    return path.rsplit("/", 1)[-1] in {".gitignore", ".gcloudignore"}


_BESIDE_FOLDERS = frozenset(
    {"doc", "docs", "test", "tests", "spec", "specs", ".github", ".gitlab", ".circleci", ".vscode"}
)
_BESIDE_SUFFIXES = (".md", ".rst", ".adoc")
_BESIDE_NAMES = re.compile(
    r"\.(?:git|docker|gcloud)ignore|\.gitattributes|\.gitmodules|LICEN[CS]E.*|NOTICE.*|AUTHORS.*"
    r"|(?:.*\.)?Dockerfile.*|(?:docker-)?compose.*\.ya?ml|cloudbuild.*\.(?:ya?ml|json)|landed\.toml"
    r"|Makefile|\.editorconfig|\.pre-commit-config\.yaml|.*_test\.\w+|test_.*\.\w+",
    re.IGNORECASE,
)


def beside_the_code(path: str) -> bool:
    """Documentation, tests, CI and the build's own files: kept out of images on purpose."""
    *folders, name = path.split("/")
    return (
        any(folder.lower() in _BESIDE_FOLDERS for folder in folders)
        or name.lower().endswith(_BESIDE_SUFFIXES)
        or _BESIDE_NAMES.fullmatch(name) is not None
    )
