"""Does identify find the truth? Images made from known commits, and spoilt in all ways.

A trial takes a commit by chance, leaves files out, changes and adds some, puts the whole below
some folder, splits it over two, or mixes in files of a later commit. The seeds are fixed.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterable
from pathlib import Path

from landed.core.probe import File

KINDS = ("plain", "dropped", "modified", "added", "offset", "two roots", "hotfix", "part", "all")


class Image:
    """Files without bytes: content is only asked for by id here."""

    def __init__(self, files: dict[str, File]) -> None:
        self.files = files

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """Nothing can be read."""
        return dict.fromkeys(paths)


def commits(repository: Path) -> list[str]:
    """Every commit of all branches, tags and pull requests, in a fixed order."""
    done = subprocess.run(
        ["git", "rev-list", "--all"], cwd=repository, capture_output=True, text=True, check=True
    )
    return sorted(done.stdout.split())


def tree(repository: Path, commit: str) -> dict[str, File]:
    """All files of a commit."""
    done = subprocess.run(
        ["git", "ls-tree", "-r", "-z", commit], cwd=repository, capture_output=True, check=True
    )
    found: dict[str, File] = {}
    for entry in done.stdout.split(b"\0"):
        about, tab, path = entry.partition(b"\t")
        mode, _, blob = about.decode().split() if tab else ("160000", "", "")
        if mode != "160000":
            found[os.fsdecode(path)] = File(mode=mode, blob=blob)
    return found


def spoilt(
    repository: Path, commit: str, others: list[str], kind: str, chance: random.Random
) -> Image | None:
    """The image of a trial; None where the commit has too few files to ask anything of."""
    files = tree(repository, commit)
    if len(files) < 20:
        return None
    offset = chance.choice(["app", "srv/web", "usr/src/app", ""])
    if kind == "part":
        tops = [t for t, n in _tops(files).items() if n >= 20]
        if tops:
            top = chance.choice(sorted(tops))
            files = {p[len(top) + 1 :]: f for p, f in files.items() if p.startswith(f"{top}/")}
    if kind in {"hotfix", "all"}:
        files |= _hotfix(repository, files, others, chance)
    if kind in {"dropped", "all"}:
        share = chance.choice([0.05, 0.2])
        files = {path: file for path, file in files.items() if chance.random() > share}
    if kind in {"modified", "all"}:
        for path in chance.sample(sorted(files), min(chance.randint(1, 10), len(files))):
            files[path] = _new(chance)
    placed = _placed(files, kind, offset, chance)
    if kind in {"added", "all"}:
        for number in range(chance.choice([20, 520])):
            where = chance.choice([f"{offset}/site/p{number % 9}", "usr/lib/x", offset]).strip("/")
            placed[f"{where}/y{number}.py"] = _new(chance)
    return Image(placed)


def _tops(files: dict[str, File]) -> dict[str, int]:
    found: dict[str, int] = {}
    for path in files:
        if "/" in path:
            found[path.partition("/")[0]] = found.get(path.partition("/")[0], 0) + 1
    return found


def _placed(
    files: dict[str, File], kind: str, offset: str, chance: random.Random
) -> dict[str, File]:
    """Below a folder; with two roots one of the top folders lies elsewhere."""
    if kind == "plain":
        return dict(files)
    away = ""
    if kind in {"two roots", "all"}:
        tops = [t for t, n in _tops(files).items() if n >= 10]
        away = chance.choice(sorted(tops)) if tops else ""
    found = {}
    for path, file in files.items():
        if away and path.startswith(f"{away}/"):
            found[f"opt/other/{path[len(away) + 1 :]}"] = file
        else:
            found[f"{offset}/{path}" if offset else path] = file
    return found


def _hotfix(
    repository: Path, files: dict[str, File], others: list[str], chance: random.Random
) -> dict[str, File]:
    """One to three files as another commit has them."""
    other = tree(repository, chance.choice(others))
    differing = [p for p, file in other.items() if p in files and files[p] != file]
    return {
        p: other[p] for p in chance.sample(differing, min(len(differing), chance.randint(1, 3)))
    }


def _new(chance: random.Random) -> File:
    """A content that no commit has."""
    return File(mode="100644", blob=f"{chance.getrandbits(160):040x}")
