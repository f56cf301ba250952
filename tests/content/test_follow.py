"""The files of a change in later commits: renamed, removed, or out of sight."""

from __future__ import annotations

import pytest

from git_world import Repo, World, world
from landed.content import follow
from landed.content.follow import UNKNOWN, followed
from landed.content.git import store
from landed.content.repo import Repository

__all__ = ["world"]

TEXT = "".join(f"line {number}\n" for number in range(50))


def names(repo: Repo, since: str, commit: str = "HEAD") -> dict[str, str]:
    """Where the files of a commit's change are in a later one."""
    with Repository.open(repo.root) as opened:
        changed = opened.changed_paths(since) or []
        found = followed(opened, changed, since, opened.resolve(commit))
        return {path: "?" if file is UNKNOWN else name for path, (name, file) in found.items()}


def test_a_file_is_found_under_its_later_name(world: World) -> None:
    repo = world.repo()
    repo.commit(a_py="a\n", b_py="b\n")
    fix = repo.commit(a_py=TEXT, b_py="b\nb\n")
    assert names(repo, fix) == {"a.py": "a.py", "b.py": "b.py"}
    (repo.root / "in").mkdir()
    repo.git("mv", "a.py", "in/z.py")
    repo.write("in/z.py", TEXT.replace("line 7\n", "another\n"))
    repo.git("rm", "-q", "b.py")
    repo.commit()
    assert names(repo, fix) == {"a.py": "in/z.py"}


def test_what_the_change_itself_removed_is_not_looked_for(world: World) -> None:
    repo = world.repo()
    repo.commit(a_py=TEXT)
    repo.git("mv", "a.py", "b.py")
    fix = repo.commit()
    repo.git("mv", "b.py", "c.py")
    repo.commit()
    assert names(repo, fix) == {"b.py": "c.py"}


def test_the_search_for_names_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = world.repo()
    repo.commit(**{f"{letter}_py": f"{letter}\n{TEXT}" for letter in "abcdef"})
    fix = repo.commit(**{f"{letter}_py": f"{letter * 2}\n{TEXT}" for letter in "abcdef"})
    for letter in "abcdef":
        repo.git("mv", f"{letter}.py", f"{letter}{letter}.py")
    repo.write("aa.py", f"now\n{TEXT}")
    repo.commit()
    assert names(repo, fix)["a.py"] == "aa.py"
    monkeypatch.setattr(store, "MOST_RENAMED", 1)
    repo.write("bb.py", f"now\n{TEXT}\n")
    repo.commit()
    assert set(names(repo, fix)) == {"c.py", "d.py", "e.py", "f.py"}


def test_where_contents_are_left_at_the_remote_nobody_can_tell(world: World) -> None:
    repo, bare = world.pushed(a_py=TEXT, b_py=TEXT * 2)
    fix = repo.commit(a_py=TEXT + "fix\n", b_py="b\n")
    repo.git("mv", "a.py", "z.py")
    repo.write("z.py", TEXT + "fix\nmore\n")
    repo.commit()
    repo.git("push", "-q")
    partial = bare.clone("partial", "--filter=blob:none", "--no-checkout")
    assert names(partial, fix) == {"a.py": "?", "b.py": "b.py"}
    assert follow.UNKNOWN.blob == ""
