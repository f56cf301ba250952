"""Made-up histories with every shape that real ones have, and the truth about each commit."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path

from landed.core.model import Frozen
from landed.core.probe import File

Tree = dict[str, bytes]


class Past(Frozen):
    """A bare repository, and what every commit (by id) holds; `order` is the order of making."""

    path: Path
    trees: dict[str, Tree]
    order: tuple[str, ...]
    parents: dict[str, tuple[str, ...]]


def git(path: Path, *arguments: str, given: bytes = b"") -> str:
    """Runs git as nobody."""
    done = subprocess.run(
        ["git", "-c", "user.name=P", "-c", "user.email=p@example.invalid", *arguments],
        cwd=path,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def past(path: Path, seed: int, commits: int = 40, *, more_of: Past | None = None) -> Past:
    """A history with branches, merges, reverts, renames, moved folders, copies and octopuses.

    With `more_of` it goes on where that one ended, in the same repository.
    """
    chance = random.Random(seed)
    if more_of is None:
        path.mkdir(parents=True)
        git(path, "init", "-q", "--bare", "--initial-branch=main", ".")
    trees: dict[int, Tree] = {}
    parents: dict[int, tuple[int, ...]] = {}
    known: dict[int, str] = {}
    heads: list[int] = []
    begin = 1
    if more_of is not None:
        for mark, id_ in enumerate(more_of.order, 1):
            trees[mark], known[mark] = more_of.trees[id_], id_
        begin = len(more_of.order) + 1
        heads = [chance.randrange(1, begin) for _ in range(4)]
    lines: list[bytes] = []
    for mark in range(begin, begin + commits):
        parents[mark] = _parents(chance, mark, heads)
        before = dict(trees[parents[mark][0]]) if parents[mark] else {}
        others = [trees[parent] for parent in parents[mark][1:]]
        trees[mark] = _changed(chance, before, others, [trees[m] for m in list(trees)[-6:]])
        lines.append(_commit(chance, mark, parents[mark], trees[mark], known))
        heads = [head for head in heads if head not in parents[mark] or chance.random() < 0.4]
        heads = [*heads, mark][-5:]
    for number, head in enumerate(heads):
        lines.append(b"reset refs/heads/%s\nfrom %s\n\n" % (_branch(number), _named(head, known)))
    marks = path / "marks"
    git(path, "fast-import", "--quiet", "--force", f"--export-marks={marks}", given=b"".join(lines))
    for line in marks.read_text().splitlines():
        mark_text, id_ = line.split()
        if int(mark_text[1:]) in trees:
            known[int(mark_text[1:])] = id_
    order = tuple(known[mark] for mark in sorted(trees))
    whole = dict(more_of.parents) if more_of else {}
    whole |= {known[mark]: tuple(known[p] for p in found) for mark, found in parents.items()}
    return Past(
        path=path,
        trees={known[mark]: tree for mark, tree in trees.items()},
        order=order,
        parents=whole,
    )


def _branch(number: int) -> bytes:
    return b"main" if number == 0 else b"side%d" % number


def _named(mark: int, known: dict[int, str]) -> bytes:
    return known[mark].encode() if mark in known else b":%d" % mark


def _parents(chance: random.Random, mark: int, heads: list[int]) -> tuple[int, ...]:
    if not heads or (mark > 1 and chance.random() < 0.02):
        return ()
    kind = chance.random()
    if kind < 0.2 and len(heads) > 1:
        return tuple(chance.sample(heads, min(len(heads), 3 if kind < 0.03 else 2)))
    if kind < 0.35 and mark > 3:
        return (chance.choice(heads),) if chance.random() < 0.5 else (heads[0],)
    return (heads[-1],)


def _changed(chance: random.Random, tree: Tree, others: list[Tree], recent: list[Tree]) -> Tree:
    """One commit's work on a tree."""
    for other in others:
        tree |= {path: data for path, data in other.items() if chance.random() < 0.7}
    kind = chance.random()
    if kind < 0.06 and recent:
        return dict(chance.choice(recent))  # a revert to a state of before
    if kind < 0.1 and tree:
        old, new = chance.choice([("app", "web"), ("web", "app"), ("lib", "app/lib")])
        return {
            (new + path[len(old) :] if path.startswith(f"{old}/") else path): data
            for path, data in tree.items()
        }
    if kind < 0.14:
        return tree  # an empty commit
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        step = chance.random()
        if tree and step < 0.15:
            del tree[chance.choice(sorted(tree))]
        elif tree and step < 0.3:
            tree[_path(chance)] = tree[chance.choice(sorted(tree))]  # a copy
        elif tree and step < 0.6:
            tree[chance.choice(sorted(tree))] = _content(chance)
        else:
            tree[_path(chance)] = _content(chance)
    names = set(tree)
    return {p: d for p, d in tree.items() if not any(f"{p}/" == o[: len(p) + 1] for o in names)}


def _path(chance: random.Random) -> str:
    folder = chance.choice(["", "app", "app/models", "web", "lib", "docs", "app/é x"])
    name = chance.choice("abcdefghij") + chance.choice([".py", ".txt", ""])
    return f"{folder}/{name}" if folder else name


def _content(chance: random.Random) -> bytes:
    if chance.random() < 0.08:
        return chance.choice([b"", b"licence\n"])
    return b"%d\n" % chance.randrange(10**9)


def _commit(
    chance: random.Random, mark: int, parents: tuple[int, ...], tree: Tree, known: dict[int, str]
) -> bytes:
    time = 1_600_000_000 + mark * 60 + chance.choice([0, 0, 0, -3600])  # clocks differ
    who = b"P <p@example.invalid> %d +0000" % time
    lines = [b"commit refs/heads/building\nmark :%d\ncommitter %s\ndata 1\nx\n" % (mark, who)]
    for number, parent in enumerate(parents):
        lines.append(b"%s %s\n" % (b"merge" if number else b"from", _named(parent, known)))
    if not parents:
        lines[0] = b"reset refs/heads/building\n\n" + lines[0]
    lines.append(b"deleteall\n")
    for path, data in tree.items():
        quoted = b'"%s"' % path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (quoted, len(data), data))
    return b"".join(lines) + b"\n"


def blob(data: bytes, object_format: str = "sha1") -> str:
    """Git's id of a file's content."""
    return hashlib.new(object_format, b"blob %d\0" % len(data) + data).hexdigest()


def files(tree: Tree, folder: str = "", object_format: str = "sha1") -> dict[str, File]:
    """A tree as it would lie in an image, below a folder."""
    prefix = f"{folder}/" if folder else ""
    return {
        prefix + path: File(mode="100644", blob=blob(data, object_format))
        for path, data in tree.items()
    }
