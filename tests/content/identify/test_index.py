from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from content.identify.pasts import Past, blob, git, past
from landed.content.identify import index_file
from landed.content.identify.history import history, place
from landed.content.identify.index import Index
from landed.content.identify.warm import present
from landed.content.repo import Repository
from landed.core.errors import ProviderError


def silent(_words: str) -> None:
    """Nobody listens."""


def held(index: Index) -> dict[str, set[tuple[str, str]]]:
    """What every commit of an index holds, as it says: paths with blobs' first 16 digits."""
    found: dict[str, set[tuple[str, str]]] = {index.id(n): set() for n in range(index.commits)}
    for pair in range(len(index.blobs)):
        there = present(index, np.array([0]), np.array([pair]))
        assert set(there.tolist()) <= {0, 1}
        what = (index.paths[index.path_of[pair]].decode(), f"{index.blobs[pair]:016x}")
        for number in np.flatnonzero(there).tolist():
            found[index.id(number)].add(what)
    return found


def truth(made: Past) -> dict[str, set[tuple[str, str]]]:
    return {
        id_: {(path, blob(data)[:16]) for path, data in tree.items()}
        for id_, tree in made.trees.items()
    }


def reached(made: Past) -> set[str]:
    return set(git(made.path, "rev-list", "--all").split())


@pytest.mark.parametrize("seed", range(12))
def test_an_index_says_of_every_commit_what_it_holds(tmp_path: Path, seed: int) -> None:
    made = past(tmp_path / "repo", seed)
    with Repository.open(made.path) as repository:
        index = history(repository, tmp_path / "cache", silent).index
    wanted = truth(made)
    assert held(index) == {id_: wanted[id_] for id_ in reached(made)}


@pytest.mark.parametrize("seed", range(12))
def test_an_index_that_grew_says_the_same(tmp_path: Path, seed: int) -> None:
    first = past(tmp_path / "repo", seed, 60)
    cache = tmp_path / "cache"
    said: list[str] = []
    with Repository.open(first.path) as repository:
        history(repository, cache, said.append)
    for more in range(3):
        first = past(first.path, seed * 100 + more, 8, more_of=first)
        with Repository.open(first.path) as repository:
            grown = history(repository, cache, said.append)
        wanted, there = truth(first), reached(first)
        holds = held(grown.index)
        kept = {grown.index.id(n) for n in np.flatnonzero(~grown.gone).tolist()}
        assert kept == there
        assert {id_: holds[id_] for id_ in there} == {id_: wanted[id_] for id_ in there}


def test_new_commits_are_added_and_not_read_again_from_the_beginning(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 1, 60)
    said: list[str] = []
    for more in (None, 2):
        if more:
            git(made.path, "branch", "kept", "main")
            past(made.path, more, 5, more_of=made)
        with Repository.open(made.path) as repository:
            history(repository, tmp_path / "cache", said.append)
    assert len(said) == 1


def test_commits_that_no_branch_has_any_more_do_not_count(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 3, 60)
    tip = git(made.path, "rev-parse", "main")
    extra = git(made.path, "commit-tree", "-p", tip, "-m", "x", f"{tip}^{{tree}}")
    git(made.path, "branch", "soon-gone", extra)
    with Repository.open(made.path) as repository:
        assert not history(repository, tmp_path / "cache", silent).gone.any()
    git(made.path, "branch", "-D", "soon-gone")
    with Repository.open(made.path) as repository:
        found = history(repository, tmp_path / "cache", silent)
    assert [found.index.id(n) for n in np.flatnonzero(found.gone).tolist()] == [extra]


@pytest.mark.parametrize("where", [0, 20, 200, -1])
def test_a_damaged_index_is_made_again(tmp_path: Path, where: int) -> None:
    made = past(tmp_path / "repo", 4)
    with Repository.open(made.path) as repository:
        whole = history(repository, tmp_path / "cache", silent).index
        path = place(repository, tmp_path / "cache")
        data = bytearray(path.read_bytes())
        data[where] ^= 0xFF
        path.write_bytes(data)
        assert index_file.load(path) is None
        again = history(repository, tmp_path / "cache", silent).index
    assert held(again) == held(whole)


@pytest.mark.parametrize("part", [0, 0.3, 0.99])
def test_half_an_index_is_none(tmp_path: Path, part: float) -> None:
    made = past(tmp_path / "repo", 5)
    with Repository.open(made.path) as repository:
        history(repository, tmp_path / "cache", silent)
        path = place(repository, tmp_path / "cache")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    assert index_file.load(path) is None


def test_another_repository_in_the_same_place_has_its_own_index(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 6)
    with Repository.open(made.path) as repository:
        history(repository, tmp_path / "cache", silent)
    made.path.rename(tmp_path / "old")
    other = past(tmp_path / "repo", 7)
    with Repository.open(other.path) as repository:
        index = history(repository, tmp_path / "cache", silent).index
    assert held(index).keys() == reached(other)


def test_notes_and_the_stash_are_no_history(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 8)
    tree = git(made.path, "rev-parse", "main^{tree}")
    odd = git(made.path, "commit-tree", "-m", "stashed", tree)
    git(made.path, "update-ref", "refs/stash", odd)
    git(made.path, "notes", "add", "-m", "well done", "main")
    with Repository.open(made.path) as repository:
        index = history(repository, tmp_path / "cache", silent).index
    assert held(index).keys() <= set(made.trees)


def test_a_repository_without_its_trees_has_no_index(tmp_path: Path) -> None:
    made = past(tmp_path / "repo", 9)
    git(made.path, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "treeless"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", made.path.as_uri(), str(clone))
    with Repository.open(clone) as repository, pytest.raises(ProviderError) as caught:
        history(repository, tmp_path / "cache", silent)
    assert "treeless" in caught.value.hint


def test_two_at_once_make_one_sound_index(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    made = past(tmp_path / "repo", 10, 80)

    def one(_number: int) -> int:
        with Repository.open(made.path) as repository:
            return history(repository, tmp_path / "cache", silent).index.commits

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(one, range(4))) == {len(reached(made))}
