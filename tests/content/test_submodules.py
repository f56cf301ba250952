"""Submodules: compared with the very commit that their parent names, as far as it is at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from content.on_disk import against, kinds
from git_world import Repo, World, world
from landed.content.commit import CommitFiles
from landed.content.git.submodules import store_of
from landed.content.repo import Repository

__all__ = ["world"]


@pytest.fixture
def parent(world: World) -> Repo:
    """A repository with a submodule in `vendor/lib`, which has one in `deep`."""
    deep, lib, top = world.repo("deep"), world.repo("lib"), world.repo("top")
    deep.commit(d_py="d = 1\n")
    lib.commit(l_py="l = 1\n", m_py="m = 1\n", _gitattributes="l.py -text\n")
    lib.git("submodule", "--quiet", "add", "--name", "within", deep.root.as_uri(), "deep")
    lib.commit()
    top.commit(t_py="t = 1\n", _gitattributes="*.py text\n")
    top.git("submodule", "--quiet", "add", "--name", "the.lib", lib.root.as_uri(), "vendor/lib")
    top.git("submodule", "--quiet", "update", "--init", "--recursive")
    top.commit()
    return top


def recursive(repo: Repo) -> Path:
    place = repo.root.parent / "copy"
    repo.git("clone", "-q", "--recurse-submodules", repo.root.as_uri(), str(place))
    return place


def test_the_files_of_submodules_are_compared_like_others(parent: Repo) -> None:
    copy = recursive(parent)
    compared = against(parent, copy)
    assert (kinds(compared), compared.extra, compared.same) == ({}, (), 8)
    (copy / "vendor/lib/deep/d.py").write_text("d = 2\n")
    (copy / "vendor/lib/l.py").write_bytes(b"l = 1\r\n")
    (copy / "vendor/lib/m.py").write_bytes(b"m = 1\r\n")
    (copy / "vendor/lib/new.py").write_text("new\n")
    (copy / "vendor/lib/.gitmodules").unlink()
    compared = against(parent, copy)
    assert kinds(compared) == {
        "vendor/lib/deep/d.py": "changed",
        "vendor/lib/l.py": "changed",
        "vendor/lib/m.py": "line-ends",
        "vendor/lib/.gitmodules": "missing",
    }
    assert compared.extra == ("vendor/lib/new.py",)


def test_another_commit_of_the_submodule_is_no_equal(parent: Repo, world: World) -> None:
    copy = recursive(parent)
    lib = Repo(world.folder / "top/vendor/lib", 9)
    lib.write("m.py", "m = 2\n")
    lib.commit()
    assert kinds(against(parent, copy)) == {}
    parent.commit("move the submodule")
    assert kinds(against(parent, copy)) == {"vendor/lib/m.py": "changed"}
    assert kinds(against(parent, copy, "HEAD~1")) == {}


def test_a_submodule_of_which_nothing_is_there_is_named_once(parent: Repo) -> None:
    copy = recursive(parent)
    shutil.rmtree(copy / "vendor/lib/deep")
    assert kinds(against(parent, copy)) == {"vendor/lib/deep": "submodule"}
    shutil.rmtree(copy / "vendor/lib")
    assert kinds(against(parent, copy)) == {"vendor/lib": "submodule"}


def test_without_its_objects_a_submodule_is_neither_equal_nor_another(parent: Repo) -> None:
    copy = recursive(parent)
    bare = parent.clone("bare")
    compared = against(bare, copy)
    assert (kinds(compared), compared.extra) == ({"vendor/lib": "unread"}, ())
    shutil.rmtree(copy / "vendor/lib")
    assert kinds(against(bare, copy)) == {"vendor/lib": "submodule"}


def test_the_objects_are_found_in_the_checkout_alone(parent: Repo) -> None:
    copy = recursive(parent)
    modules = parent.root / ".git/modules/the.lib"
    pointer = parent.root / "vendor/lib/.git"
    elsewhere = parent.root.parent / "elsewhere"
    modules.rename(elsewhere)
    assert kinds(against(parent, copy)) == {"vendor/lib": "unread"}
    pointer.write_text(f"gitdir: {elsewhere}\n")
    assert kinds(against(parent, copy)) == {}
    pointer.unlink()
    elsewhere.rename(pointer)
    assert kinds(against(parent, copy)) == {}


def test_a_linked_work_tree_has_the_submodules_of_its_repository(parent: Repo) -> None:
    copy = recursive(parent)
    parent.git("worktree", "add", "-q", "../linked")
    assert kinds(against(Repo(parent.root.parent / "linked"), copy)) == {}


def test_a_commit_that_the_submodule_does_not_have_is_not_at_hand(parent: Repo) -> None:
    copy = recursive(parent)
    parent.git("update-index", "--cacheinfo", f"160000,{'1' * 40},vendor/lib")
    parent.git("commit", "-q", "-m", "a commit that nobody has")
    assert kinds(against(parent, copy)) == {"vendor/lib": "unread"}


@pytest.mark.parametrize("name", ["../../../lib/.git", "/", "..", "x/../../../../lib/.git"])
def test_a_name_that_leads_elsewhere_is_none(parent: Repo, name: str) -> None:
    shutil.rmtree(parent.root / "vendor")
    outside = parent.root / ".git/modules" / name
    assert ".." not in name or (outside / "..").resolve() != parent.root / ".git/modules"
    text = (parent.root / ".gitmodules").read_text().replace("the.lib", name)
    pin = parent.git("rev-parse", "HEAD:vendor/lib")
    parent.write(".gitmodules", text)
    parent.git("add", ".gitmodules")
    parent.git("commit", "-q", "-m", "a hostile name")
    with Repository.open(parent.root) as opened:
        assert store_of(opened, opened.resolve("HEAD"), "vendor/lib", pin) is None


def test_an_include_in_gitmodules_is_not_followed(parent: Repo, world: World) -> None:
    other = world.folder / "other"
    (world.folder / "included").write_text('[submodule "the.lib"]\n\tpath = vendor/lib\n')
    parent.write(".gitmodules", f"[include]\n\tpath = {world.folder / 'included'}\n")
    parent.git("commit", "-q", "-a", "-m", "an include")
    shutil.rmtree(parent.root / "vendor")
    pin = parent.git("rev-parse", "HEAD:vendor/lib")
    with Repository.open(parent.root) as opened:
        assert store_of(opened, opened.resolve("HEAD"), "vendor/lib", pin) is None
    assert not other.exists()


def test_nothing_of_a_submodule_s_own_configuration_runs(parent: Repo, world: World) -> None:
    copy = recursive(parent)
    program, marker = world.trap("sub")
    lib = Repo(parent.root / "vendor/lib")
    for key in ("core.fsmonitor", "filter.x.smudge", "filter.x.clean", "core.sshCommand"):
        lib.git("config", key, str(program))
    (parent.root / ".git/modules/the.lib/info").mkdir(exist_ok=True)
    (parent.root / ".git/modules/the.lib/info/attributes").write_text("* filter=x\n")
    (copy / "vendor/lib/m.py").write_bytes(b"m = 1\r\n")
    marker.unlink(missing_ok=True)
    assert kinds(against(parent, copy)) == {"vendor/lib/m.py": "line-ends"}
    assert not marker.exists()


def test_as_a_clone_without_submodules_their_folders_are_empty(parent: Repo) -> None:
    with Repository.open(parent.root) as opened:
        files = CommitFiles(opened, opened.resolve("HEAD"), submodules=False)
        assert set(files.files) == {"t.py", ".gitattributes", ".gitmodules"}
        inside = CommitFiles(opened, opened.resolve("HEAD"), "vendor")
        assert "lib/deep/d.py" in inside.files
        assert inside.read(["lib/deep/d.py"]) == {"lib/deep/d.py": b"d = 1\n"}
        assert inside.rules(["lib/l.py"])["lib/l.py"].text == "unset"
