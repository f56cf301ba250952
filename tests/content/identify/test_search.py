from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from content.identify.pasts import Past, Tree, blob, files, git, past
from landed.content.identify import cold
from landed.content.identify.align import Placement
from landed.content.identify.identify import exhaustive, searched
from landed.content.identify.result import How
from landed.content.identify.sought import EMPTY, Sought, sought
from landed.content.repo import Repository
from landed.core.probe import File

FOLDERS = ("", "app", "srv/web/app")


def silent(_words: str) -> None:
    """Nobody listens."""


def image(made: Past, chance: random.Random) -> tuple[str, dict[str, File]]:
    """What somebody shipped of a commit: files dropped, changed, added, and some of another."""
    commits = git(made.path, "rev-list", "--all").split()
    commit = chance.choice(commits)
    tree = made.trees[commit]
    part = chance.choice(["", "", "app"])
    if part and any(path.startswith(f"{part}/") for path in tree):
        tree = {p[len(part) + 1 :]: d for p, d in tree.items() if p.startswith(f"{part}/")}
    shipped: Tree = {path: data for path, data in tree.items() if chance.random() > 0.1}
    if shipped and chance.random() < 0.4:
        shipped[chance.choice(sorted(shipped))] = b"never committed %d" % chance.randrange(9**9)
    if chance.random() < 0.3:
        other = made.trees[chance.choice(commits)]
        for path in chance.sample(sorted(other), min(2, len(other))):
            shipped[path] = other[path]
    for number in range(chance.choice([0, 3, 20])):
        shipped[f"site/x{number}.py"] = b"extra %d" % number
    return commit, files(shipped, chance.choice(FOLDERS))


def count(tree: Tree, wanted: Sought, placements: Sequence[Placement]) -> int:
    """By hand: how many of the files a commit has, each at any of its places, counted once."""
    there = {(path.encode(), blob(data)) for path, data in tree.items()}
    return sum(
        any((p.in_tree(path), id_.hex()) in there for p in placements)
        for path, id_ in zip(wanted.paths, wanted.blobs, strict=True)
    )


def by_hand(made: Past, wanted: Sought, placements: Sequence[Placement]) -> tuple[int, set[str]]:
    commits = git(made.path, "rev-list", "--all").split()
    counts = {id_: count(made.trees[id_], wanted, placements) for id_ in commits}
    best = max(counts.values())
    return best, {id_ for id_, number in counts.items() if number == best}


@pytest.mark.parametrize("seed", range(40))
def test_with_an_index_no_commit_is_better_and_none_as_good_is_left_out(
    tmp_path: Path, seed: int
) -> None:
    made = past(tmp_path / "repo", seed, 50)
    chance = random.Random(seed)
    with Repository.open(made.path) as repository:
        for _ in range(6):
            _, shipped = image(made, chance)
            wanted = sought(shipped)
            found = exhaustive(repository, wanted, tmp_path / "cache", silent)
            if found is None:
                assert not _recognisable(made, wanted)
                continue
            assert (found.score, set(found.ids)) == by_hand(made, wanted, found.placements)
            if found.how is How.CERTIFICATE:
                assert found.score == _ever(made, wanted, found.placements)


@pytest.mark.parametrize("small", [cold.SMALL, 0])
@pytest.mark.parametrize("seed", range(100, 160))
def test_a_search_that_claims_a_proof_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, small: int
) -> None:
    monkeypatch.setattr(cold, "SMALL", small)
    made = past(tmp_path / "repo", seed, 60)
    if seed % 2:
        git(made.path, "commit-graph", "write", "--reachable")
    chance = random.Random(seed)
    with Repository.open(made.path) as repository:
        for _ in range(5):
            _, shipped = image(made, chance)
            wanted = sought(shipped)
            found = searched(repository, wanted)
            if found is not None and found.how is How.CERTIFICATE:
                best, ties = by_hand(made, wanted, found.placements)
                assert found.score == best
                assert set(found.ids) == ties if small else set(found.ids) <= ties


def _recognisable(made: Past, wanted: Sought) -> bool:
    """Whether a rare file lies at a place of the same name in any commit."""
    named: dict[str, set[str]] = {}
    for tree in made.trees.values():
        for path, data in tree.items():
            named.setdefault(blob(data), set()).add(path)
    return any(
        0 < len(named.get(id_.hex(), ())) <= 8
        and wanted.copies[id_] <= 4
        and id_.hex() not in EMPTY
        and any(
            place.rpartition("/")[2] == path.decode().rpartition("/")[2]
            for place in named[id_.hex()]
        )
        for path, id_ in zip(wanted.paths, wanted.blobs, strict=True)
    )


def _ever(made: Past, wanted: Sought, placements: Sequence[Placement]) -> int:
    """How many of the files were ever at one of their places."""
    commits = git(made.path, "rev-list", "--all").split()
    whole: dict[bytes, set[str]] = {}
    for id_ in commits:
        for path, data in made.trees[id_].items():
            whole.setdefault(path.encode(), set()).add(blob(data))
    return sum(
        any(id_.hex() in whole.get(p.in_tree(path) or b"", ()) for p in placements)
        for path, id_ in zip(wanted.paths, wanted.blobs, strict=True)
    )


def test_a_commit_graph_that_lies_proves_nothing(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 7, 60)
    git(made.path, "commit-graph", "write", "--reachable")
    first, last = git(made.path, "rev-parse", "main~3"), git(made.path, "rev-parse", "main")
    trees = [bytes.fromhex(git(made.path, "rev-parse", f"{c}^{{tree}}")) for c in (first, last)]
    assert trees[0] != trees[1]
    place = made.path / "objects/info/commit-graph"
    data = place.read_bytes()
    assert trees[1] in data
    place.chmod(0o644)
    place.write_bytes(data.replace(trees[1], trees[0]))
    wanted = sought(files(made.trees[first], "srv"))
    with Repository.open(made.path) as repository:
        found = searched(repository, wanted)
        assert found is None or last not in found.ids
        whole = exhaustive(repository, wanted, tmp_path / "cache", silent)
    assert whole is not None
    assert first in whole.ids
    assert last not in whole.ids


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_commit_graph_is_left_alone(tmp_path: Path, damage: str) -> None:
    made = past(tmp_path / "repo", 8, 60)
    git(made.path, "commit-graph", "write", "--reachable")
    place = made.path / "objects/info/commit-graph"
    data = place.read_bytes()
    place.chmod(0o644)
    place.write_bytes(
        {"cut": data[:-700], "flip": data[:40] + b"\xff" * 60 + data[100:], "empty": b""}[damage]
    )
    with Repository.open(made.path) as repository:
        wanted = sought(files(made.trees[git(made.path, "rev-parse", "main")], "srv"))
        found = searched(repository, wanted)
        if found is not None and found.how is How.CERTIFICATE:
            assert found.score == by_hand(made, wanted, found.placements)[0]
