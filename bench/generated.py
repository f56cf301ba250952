"""A repository as large as one likes: a busy line with side branches, made by `git fast-import`."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

FILES, FOLDERS, LINES = 2_000, 100, 40
_WORDS = [f"word{number:04}" for number in range(5_000)]


def generate(path: Path, commits: int, seed: int = 1) -> None:
    """Makes a bare repository with so many commits; the same for the same seed."""
    path.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", "."], cwd=path, check=True)
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=path, stdin=subprocess.PIPE
    ) as importing:
        assert importing.stdin is not None
        for piece in _stream(commits, random.Random(seed)):
            importing.stdin.write(piece)
        importing.stdin.close()
        if importing.wait():
            raise SystemExit("git fast-import failed")
    subprocess.run(["git", "commit-graph", "write", "--reachable"], cwd=path, check=True)


def _stream(commits: int, chance: random.Random) -> Iterator[bytes]:
    contents = {f"src/d{n % FOLDERS:03}/f{n:05}.py": _lines(chance) for n in range(FILES)}
    yield _commit(1, "main", "", dict(contents))
    mark = 1
    side: dict[str, list[str]] = {}
    side_tip = 0
    while mark < commits:
        mark += 1
        if mark % 200 == 100:  # a side branch begins, goes on for some commits, and is merged
            side, side_tip = {}, mark - 1
        on_side = side_tip and mark % 200 < 120 and mark % 2
        if side_tip and mark % 200 == 150:
            contents |= side
            yield _commit(mark, "main", f"merge :{side_tip}\n", side)
            side, side_tip = {}, 0
            continue
        changed = {}
        for path in chance.sample(
            sorted(contents)[: 50 + mark % FILES], chance.choice([1, 1, 1, 2])
        ):
            lines = list((side if on_side else {}).get(path, contents[path]))
            lines[chance.randrange(LINES)] = _line(chance)
            changed[path] = lines
        if on_side:
            side |= changed
            yield _commit(mark, "side", f"from :{side_tip}\n", changed)
            side_tip = mark
        else:
            contents |= changed
            yield _commit(mark, "main", "", changed)


def _commit(mark: int, branch: str, parents: str, files: dict[str, list[str]]) -> bytes:
    who = f"G <g@example.invalid> {1_300_000_000 + mark * 300} +0000"
    head = f"commit refs/heads/{branch}\nmark :{mark}\ncommitter {who}\ndata 6\nchange\n{parents}"
    parts = [head.encode()]
    for path, lines in files.items():
        data = "\n".join(lines).encode()
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    return b"".join(parts) + b"\n"


def _lines(chance: random.Random) -> list[str]:
    return [_line(chance) for _ in range(LINES)]


def _line(chance: random.Random) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(4))
